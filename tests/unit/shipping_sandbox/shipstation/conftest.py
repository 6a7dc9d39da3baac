"""The sandbox's answers in process, and the documents they are held against."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from shipping_sandbox.shipstation_api import create_router


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    """V2 with a good key, without a socket."""
    transport = httpx.ASGITransport(app=Litestar([create_router()], logging_config=None))  # type: ignore[arg-type] # the two ASGI typings differ
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox/shipstation", headers={"API-Key": "live-key"}
    ) as http:
        yield http


@pytest.fixture
def shipment() -> dict[str, Any]:
    """A V2 shipment that lacks nothing."""
    town = {"state_province": "CA", "country_code": "US", "address_residential_indicator": "unknown"}
    sender = {"name": "Jane Doe", "phone": "415-555-0101", "address_line1": "215 Clayton St"}
    recipient = {"name": "John Smith", "phone": "213-555-0102", "address_line1": "123 N Main St"}
    weight = {"value": 35, "unit": "ounce"}
    size = {"unit": "inch", "length": 10, "width": 8, "height": 6}
    return {
        "external_shipment_id": "ord-1-a1",
        "ship_from": {**town, **sender, "city_locality": "San Francisco", "postal_code": "94117"},
        "ship_to": {**town, **recipient, "city_locality": "Los Angeles", "postal_code": "90001"},
        "packages": [{"package_code": "package", "weight": weight, "dimensions": size}],
    }
