"""Whoever knocks without a proof is counted, and gets the same silent no."""

from __future__ import annotations

import pytest
from litestar.testing import AsyncTestClient

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import OXAPAY_PATH, SHIPSTATION_PATH, TELEGRAM_PATH
from shipping_core.errors import NoticeRefused

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.mark.parametrize(
    ("path", "headers", "refusal", "heard"),
    [
        (TELEGRAM_PATH, {HEADER: "right"}, "", []),
        (TELEGRAM_PATH, {HEADER: "wrong"}, "", ["telegram"]),
        (TELEGRAM_PATH, {}, "", ["telegram"]),
        (OXAPAY_PATH, {}, "", []),
        (OXAPAY_PATH, {}, "signature", ["oxapay"]),
        (OXAPAY_PATH, {}, "shape", []),
        (SHIPSTATION_PATH, {"X-Webhook-Secret": "carrier"}, "", []),
        (SHIPSTATION_PATH, {"X-Webhook-Secret": "wrong"}, "", ["shipstation"]),
        (SHIPSTATION_PATH, {}, "", ["shipstation"]),
    ],
)
async def test_given_a_delivery_when_it_proves_nothing_then_its_door_is_heard_of(
    path: str, headers: dict[str, str], refusal: str, heard: list[str]
) -> None:
    doors: list[str] = []

    async def accept(_body: bytes) -> bool:
        return True

    async def take(_body: bytes, _signature: str | None) -> None:
        if refusal:
            raise NoticeRefused(refusal)

    async def ready() -> dict[str, str]:
        return {}

    async def forged(door: str) -> None:
        doors.append(door)

    async def hint(_body: bytes) -> None:
        return

    app = create_app(
        accept_telegram=accept,
        telegram_secret="right",
        ready=ready,
        take_oxapay=take,
        forged=forged,
        take_hint=hint,
        shipstation_secret="carrier",
    )
    async with AsyncTestClient(app) as client:
        answer = await client.post(path, content=b"{}", headers=headers)

    assert doors == heard
    assert (answer.status_code == 401) is bool(heard)
