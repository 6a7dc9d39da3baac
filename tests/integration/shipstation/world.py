"""The sandbox's ShipStation on a real socket, and a clock that jumps instead of waiting."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn
from attrs import define, field
from litestar import Litestar

from adapters.shipstation.gateway_v1 import ShipStationV1
from adapters.shipstation.gateway_v2 import ShipStationV2
from adapters.shipstation.transport import http_client
from shipping_core.ports.clock import Clock
from shipping_core.ports.shipping import ShippingGateway
from shipping_sandbox.shipstation_api import create_router


@define
class JumpingClock(Clock):
    """Moves only when somebody sleeps on it."""

    passed_s: float = field(default=0.0)
    start: dt.datetime = field(factory=lambda: dt.datetime.now(dt.UTC))  # noqa: TID251 - the sandbox knows the real day

    def now(self) -> dt.datetime:
        """The day the test runs, and what was slept since."""
        return self.start + dt.timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        """What was slept so far."""
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        """Jump."""
        self.passed_s += seconds
        await asyncio.sleep(0)


@define
class SandboxAccidents:
    """Orders accidents over the sandbox's controls."""

    controls: httpx.AsyncClient

    async def order(self, operation: str, accident: str, **options: object) -> None:
        """One order for one accident, or for many with `count`."""
        answer = await self.controls.post(
            "/sandbox/faults/shipstation", json={"operation": operation, "fault": accident, **options}
        )
        answer.raise_for_status()

    async def purchases_sent(self, reference: str) -> int:
        """How many purchase requests came for this reference."""
        return int((await self.ledger())["purchase_posts_by_reference"].get(reference, 0))

    async def ledger(self) -> dict[str, Any]:
        """What the sandbox has seen."""
        ledger: dict[str, Any] = (await self.controls.get("/sandbox/shipstation/ledger")).json()
        return ledger


@contextlib.asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """The base URL of a fresh sandbox on a free port of this machine."""
    app = Litestar([create_router()], logging_config=None)
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        serving = asyncio.ensure_future(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag only
            await asyncio.sleep(0)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@contextlib.asynccontextmanager
async def v1(base_url: str, clock: JumpingClock) -> AsyncIterator[ShippingGateway]:
    """V1 without our own limit, for the sandbox has none."""
    async with http_client(base_url) as http:
        yield ShipStationV1(
            http, api_key="key", api_secret="secret", clock=clock, per_minute=None, sleep=clock.sleep
        )


@contextlib.asynccontextmanager
async def v2(base_url: str, clock: JumpingClock) -> AsyncIterator[ShippingGateway]:
    """V2 with a key for each mode and a phone of our own."""
    async with http_client(base_url) as http:
        yield ShipStationV2(
            http,
            api_key="key",
            test_api_key="TEST_key",
            shipper_phone="+15125550100",
            clock=clock,
            per_minute=None,
            test_per_minute=None,
            sleep=clock.sleep,
        )
