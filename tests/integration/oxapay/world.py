"""The sandbox's Oxapay on a real socket, a payer who acts through its controls, and a clock that jumps."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import uvicorn
from attrs import frozen
from litestar import Litestar

from adapters.oxapay.gateway import OxapayGateway
from adapters.oxapay.transport import http_client
from contracts.payments import PRICE, Accident, Accidents, Operation, Payer
from integration.shipstation.world import JumpingClock
from shipping_sandbox.oxapay_api import create_router

API = "/oxapay/v1"
KEY = "MERCHANT-KEY-0001"
NOWHERE = "http://127.0.0.1:9/"
"""Nobody listens there: a webhook for it is made, signed, kept and never arrives."""


@frozen
class SandboxPayer(Payer):
    """Pays on the sandbox's pay page, so to say."""

    controls: httpx.AsyncClient

    async def _do(self, track_id: str, act: str, **wish: object) -> dict[str, Any]:
        answer = await self.controls.post(f"/sandbox/oxapay/invoices/{track_id}/{act}", json=wish)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    async def pay(self, track_id: str, part: str = "1", *, final: bool = True) -> None:
        """So many dollar coins; confirmed at once, or in an hour."""
        coins = PRICE.amount * Decimal(part)
        await self._do(track_id, "pay", amount=str(coins), confirm_after_s=0 if final else 3600)

    async def expire(self, track_id: str) -> None:
        """Let the time be over."""
        await self._do(track_id, "expire")

    async def say(self, track_id: str, word: str) -> None:
        """Any word as status."""
        await self._do(track_id, "status", status=word)

    async def notice(self, track_id: str) -> tuple[bytes, str]:
        """What the sandbox would have sent."""
        wish = {"track_id": track_id, "url": NOWHERE}
        answer = await self.controls.post("/sandbox/oxapay/deliveries", json=wish)
        answer.raise_for_status()
        return answer.json()["body"].encode(), answer.json()["signature"]

    def sign(self, raw: bytes) -> str:
        """As the merchant key does."""
        return hmac.new(KEY.encode(), raw, hashlib.sha512).hexdigest()

    async def now(self) -> dt.datetime:
        """The sandbox's clock."""
        answer = await self.controls.post("/sandbox/oxapay/clock", json={"advance_s": 0})
        return dt.datetime.fromisoformat(answer.json()["now"])


@frozen
class SandboxAccidents(Accidents):
    """Orders accidents over the sandbox's controls, and counts what came."""

    controls: httpx.AsyncClient

    async def order(self, operation: Operation, accident: Accident, *, count: int | None = 1) -> None:
        """One order for `count` accidents."""
        wish: dict[str, object] = {"operation": operation, "fault": accident, "count": count}
        answer = await self.controls.post("/sandbox/faults/oxapay", json=wish)
        answer.raise_for_status()

    async def ledger(self) -> dict[str, Any]:
        """What the sandbox has seen."""
        ledger: dict[str, Any] = (await self.controls.get("/sandbox/oxapay/ledger")).json()
        return ledger

    async def links_asked_for(self) -> int:
        """Requests, also those that met with an accident."""
        return int((await self.ledger())["calls"].get("create", 0))

    async def set(self, **settings: object) -> None:
        """Change how the sandbox behaves."""
        (await self.controls.post("/sandbox/oxapay/settings", json=settings)).raise_for_status()


@contextlib.asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """The base URL of a fresh sandbox on a free port of this machine."""
    router = create_router()
    app = Litestar([router], logging_config=None)
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
            router.opt["close"]()
            server.should_exit = True
            await serving


@contextlib.asynccontextmanager
async def oxapay(
    base_url: str, clock: JumpingClock | None = None, *, callback_url: str = ""
) -> AsyncIterator[OxapayGateway]:
    """The gateway with one key for both modes."""
    clock = clock or JumpingClock()
    async with http_client(base_url) as http:
        yield OxapayGateway(http, merchant_key=KEY, callback_url=callback_url, clock=clock, sleep=clock.sleep)
