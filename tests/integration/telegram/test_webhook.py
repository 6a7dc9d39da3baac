"""Telegram delivers to our own web application, and 200 means stored."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn
from telegram import Update

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import TELEGRAM_PATH
from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.intake import WebhookIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.once import Handle

if TYPE_CHECKING:
    from integration.telegram.conftest import People

ANN = 1001
SECRET = "correct-horse_7"


async def ready() -> dict[str, str]:
    return {}


@asynccontextmanager
async def serving(calls: HttpBotCalls, handle: Handle, *, told: str = SECRET) -> AsyncIterator[None]:
    """The application on a free port, and Telegram told to deliver there with the secret `told`."""
    intake = WebhookIntake(calls, UserLanes(), handle)
    app = create_app(accept_telegram=intake.accept, telegram_secret=SECRET, ready=ready)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    serving = asyncio.create_task(server.serve([listener]))
    await intake.set_webhook(f"http://127.0.0.1:{port}{TELEGRAM_PATH}", told)
    yield
    await calls.call("deleteWebhook", {})
    server.should_exit = True
    await serving


class Store:
    """Stores what people wrote, after failing as often as told."""

    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.texts: list[str] = []
        self.tries = 0
        self.full = asyncio.Event()

    async def handle(self, update: Update) -> None:
        self.tries += 1
        if self.failing:
            self.failing -= 1
            raise ConnectionError("the store is away")
        self.texts.append((update.message.text or "") if update.message else "")
        self.full.set()


async def nothing_waits(people: People) -> None:
    async with asyncio.timeout(10):
        while await people.waiting():
            pass


async def test_given_a_store_that_fails_first_when_telegram_delivers_then_it_repeats_until_stored(
    people: People, calls: HttpBotCalls
) -> None:
    await people.settings(webhook_pause_s=0.3)
    store = Store(failing=1)
    async with serving(calls, store.handle):
        await people.write(ANN, "buy")
        await asyncio.wait_for(store.full.wait(), 10)
        await nothing_waits(people)

    assert store.texts == ["buy"]
    assert store.tries == 2


async def test_given_a_delivery_made_twice_when_accepted_then_it_runs_once(
    people: People, calls: HttpBotCalls
) -> None:
    store = Store()
    async with serving(calls, store.handle):
        update_id = await people.write(ANN, "buy")
        await nothing_waits(people)
        await people.redeliver(update_id)
        await nothing_waits(people)

    assert store.texts == ["buy"]


async def test_given_another_secret_when_somebody_delivers_then_nothing_runs(
    people: People, calls: HttpBotCalls
) -> None:
    store = Store()
    async with serving(calls, store.handle, told="a-guess"):
        await people.write(ANN, "buy")
        info = await _after_a_failed_delivery(calls)

    assert "401" in info["last_error_message"]
    assert store.tries == 0
    assert await people.waiting() == 1


async def _after_a_failed_delivery(calls: HttpBotCalls) -> dict[str, str]:
    async with asyncio.timeout(10):
        while True:
            info: dict[str, str] = await calls.call("getWebhookInfo", {})
            if info.get("last_error_message"):
                return info
