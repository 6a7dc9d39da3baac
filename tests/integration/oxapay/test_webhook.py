"""Notices over the whole way: pushed by the sandbox, taken at our door, judged by the gateway."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from attrs import define, field

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import MAX_NOTICE_BYTES, OXAPAY_PATH
from contracts.payments import a_request
from integration.oxapay.world import API, SandboxAccidents, SandboxPayer, oxapay
from shipping_core.domain.ids import Mode
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.payments import Notice, PaymentGateway


@define
class Intake:
    """Verifies and keeps, as a use case does; the store fails as often as told."""

    gateway: PaymentGateway
    failures: int = 0
    kept: dict[str, Notice] = field(factory=dict)

    async def take(self, raw: bytes, signature: str | None) -> None:
        """Keep each notice once."""
        notice = self.gateway.read_notice(raw, signature)
        if self.failures > 0:
            self.failures -= 1
            raise StoreUnavailable
        self.kept.setdefault(notice.digest, notice)


@contextlib.asynccontextmanager
async def door(listener: socket.socket, intake: Intake) -> AsyncIterator[None]:
    """Our web application on this socket."""

    async def ready() -> dict[str, str]:
        return {}

    app = create_app(accept_telegram=None, telegram_secret=None, ready=ready, take_oxapay=intake.take)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.ensure_future(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag only
        await asyncio.sleep(0)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@define
class Shop:
    """A paid link's owner and his door."""

    intake: Intake
    track_id: str
    accidents: SandboxAccidents

    async def deliveries(self) -> list[dict[str, Any]]:
        """What the sandbox has tried to deliver."""
        told: list[dict[str, Any]] = (await self.accidents.ledger())["deliveries"]
        return told

    async def deliver(self, **wish: object) -> dict[str, Any]:
        """One delivery on order; how it went."""
        wish = {"track_id": self.track_id, **wish}
        answer = await self.accidents.controls.post("/sandbox/oxapay/deliveries", json=wish)
        answer.raise_for_status()
        attempt: dict[str, Any] = answer.json()["attempts"][-1]
        return attempt


@pytest.fixture
async def shop(home: str, accidents: SandboxAccidents) -> AsyncIterator[Shop]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{OXAPAY_PATH}"
        async with oxapay(home + API, callback_url=url) as gateway:
            intake = Intake(gateway)
            async with door(listener, intake):
                link = await gateway.create(a_request(Mode.TEST))
                yield Shop(intake, link.track_id, accidents)


async def test_given_a_payment_when_pushed_then_both_notices_are_kept_and_count_as_delivered(
    shop: Shop, payer: SandboxPayer
) -> None:
    await payer._do(shop.track_id, "pay", confirm_after_s=0, wait=True)

    assert [n.word for n in shop.intake.kept.values()] == ["paying", "paid"]
    assert {n.track_id for n in shop.intake.kept.values()} == {shop.track_id}
    assert {d["state"] for d in await shop.deliveries()} == {"delivered"}


async def test_given_every_notice_five_times_when_pushed_then_each_is_kept_once(
    shop: Shop, payer: SandboxPayer
) -> None:
    await shop.accidents.set(copies=5)
    await payer._do(shop.track_id, "pay", confirm_after_s=0, wait=True)

    assert len(shop.intake.kept) == 2
    assert {d["state"] for d in await shop.deliveries()} == {"delivered"}
    assert len(await shop.deliveries()) == 10


async def test_given_a_store_that_fails_when_pushed_then_it_comes_again_until_it_is_kept(
    shop: Shop, payer: SandboxPayer
) -> None:
    shop.intake.failures = 2
    await shop.accidents.set(pushed=["paid"])
    await payer._do(shop.track_id, "pay", confirm_after_s=0, wait=True)
    for _ in range(2):
        wish = {"advance_s": 200, "wait": True}
        (await shop.accidents.controls.post("/sandbox/oxapay/clock", json=wish)).raise_for_status()
    (delivery,) = await shop.deliveries()

    assert [(a["status"], a["answer"]) for a in delivery["attempts"]] == [(503, ""), (503, ""), (200, "ok")]
    assert [n.word for n in shop.intake.kept.values()] == ["paid"]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        pytest.param({"signature": "bad"}, 401, id="forged"),
        pytest.param({"signature": "missing"}, 401, id="unsigned"),
        pytest.param({"signature": "ab"}, 401, id="short"),
        pytest.param({"key": "sandbox"}, 401, id="with everybody's key"),
        pytest.param({"raw": "not json"}, 400, id="no JSON"),
        pytest.param({"raw": ""}, 400, id="empty"),
        pytest.param({"changes": {"type": "payout"}}, 400, id="a payout"),
        pytest.param({"raw": "x" * (MAX_NOTICE_BYTES + 1)}, 413, id="too large"),
    ],
)
async def test_given_what_is_no_notice_of_ours_when_delivered_then_it_is_refused_without_a_word(
    shop: Shop, wish: dict[str, object], status: int
) -> None:
    attempt = await shop.deliver(**wish)

    assert (attempt["status"], attempt["answer"]) == (status, "")
    assert shop.intake.kept == {}


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"shape": "legacy"}, id="of the older kind"),
        pytest.param({"status": "Never Heard Of"}, id="an unknown word"),
        pytest.param(
            {"changes": {"description": "€/\\ \u2028 💸"}}, id="characters that are written many ways"
        ),
    ],
)
async def test_given_an_odd_notice_of_ours_when_delivered_then_it_is_kept(
    shop: Shop, wish: dict[str, object]
) -> None:
    attempt = await shop.deliver(**wish)

    assert (attempt["status"], attempt["answer"]) == (200, "ok")
    assert [n.track_id for n in shop.intake.kept.values()] == [shop.track_id]
