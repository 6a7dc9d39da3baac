"""A real server on a free port, and a client for each door of it."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from litestar import Litestar

from shipping_sandbox.shipstation_api import create_router

_START_LIMIT_S = 20


class Controls:
    """The sandbox's knobs, as a test says them."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def set(self, knob: str, **values: Any) -> dict[str, Any]:
        """Turn one knob."""
        return dict(self._http.post(f"/sandbox/shipstation/{knob}", json=values).raise_for_status().json())

    def order(self, operation: str, fault: str, **details: Any) -> None:
        """Order an accident."""
        body = {"operation": operation, "fault": fault, **details}
        self._http.post("/sandbox/faults/shipstation", json=body).raise_for_status()

    def facts(self) -> dict[str, Any]:
        """The ledger."""
        return dict(self._http.get("/sandbox/shipstation/ledger").raise_for_status().json())

    def advance(self, **spans: float) -> None:
        """Move the clock by days, hours and seconds."""
        seconds = spans.get("days", 0) * 86400 + spans.get("hours", 0) * 3600 + spans.get("seconds", 0)
        self.set("clock", advance_s=seconds)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """One sandbox for all tests of a worker; each test resets it."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = Litestar([create_router()], logging_config=None)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    limit = time.monotonic() + _START_LIMIT_S
    while not server.started and time.monotonic() < limit:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(_START_LIMIT_S)


@pytest.fixture
def plain(server_url: str) -> Iterator[httpx.Client]:
    """A client without credentials, over a fresh account."""
    with httpx.Client(base_url=server_url, timeout=10, verify=False) as http:
        http.post("/sandbox/shipstation/reset").raise_for_status()
        yield http


@pytest.fixture
def controls(plain: httpx.Client) -> Controls:
    """The knobs."""
    return Controls(plain)


@pytest.fixture
def v1(plain: httpx.Client) -> Iterator[httpx.Client]:
    """V1 with a good pair of key and secret."""
    with httpx.Client(
        base_url=f"{plain.base_url}/shipstation/v1", auth=("key", "secret"), timeout=10, verify=False
    ) as http:
        yield http


@pytest.fixture
def v2(plain: httpx.Client) -> Iterator[httpx.Client]:
    """V2 with a good key."""
    with _v2(plain, "live-key") as http:
        yield http


@pytest.fixture
def v2_test(plain: httpx.Client) -> Iterator[httpx.Client]:
    """V2 with a key of the sandbox environment."""
    with _v2(plain, "TEST_key") as http:
        yield http


@pytest.fixture
def shipment() -> dict[str, Any]:
    """A V2 shipment from San Francisco to Los Angeles that lacks nothing."""
    return {
        "external_shipment_id": "ord-1-a1",
        "ship_from": _address("Jane Doe", "215 Clayton St", "San Francisco", "94117", phone="415-555-0101"),
        "ship_to": _address("John Smith", "123 N Main St", "Los Angeles", "90001"),
        "packages": [
            {
                "package_code": "package",
                "weight": {"value": 35, "unit": "ounce"},
                "dimensions": {"unit": "inch", "length": 10, "width": 8, "height": 6},
            }
        ],
    }


@pytest.fixture
def order() -> dict[str, Any]:
    """A V1 order that lacks nothing."""
    ship_to = {
        "name": "John Smith",
        "street1": "123 N Main St",
        "city": "Los Angeles",
        "state": "CA",
        "postalCode": "90001",
        "country": "US",
    }
    return {
        "orderNumber": "ord-1",
        "orderKey": "ord-1-a1",
        "orderDate": "2031-04-05T10:11:12.0000000",
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": "John Smith"},
        "shipTo": ship_to,
        "weight": {"value": 35, "units": "ounces"},
    }


@pytest.fixture
def purchase() -> dict[str, Any]:
    """The V1 body that buys a label, without its order."""
    return {
        "carrierCode": "stamps_com",
        "serviceCode": "usps_ground_advantage",
        "packageCode": "package",
        "confirmation": "none",
        "shipDate": "2031-04-05",
    }


def _v2(plain: httpx.Client, key: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{plain.base_url}/shipstation/v2", headers={"API-Key": key}, timeout=10, verify=False
    )


def _address(name: str, street: str, city: str, postal_code: str, **more: str) -> dict[str, str]:
    return {
        "name": name,
        "address_line1": street,
        "city_locality": city,
        "state_province": "CA",
        "postal_code": postal_code,
        "country_code": "US",
        "address_residential_indicator": "unknown",
        **more,
    }
