"""Nothing a person did is lost when the bot dies in the middle, and nothing runs twice."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from telegram import Update
from telegram.error import InvalidToken

import adapters.telegram
from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.intake import Pauses, PollingIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.once import Handle
from adapters.telegram.request import AiohttpRequest

if TYPE_CHECKING:
    from integration.telegram.conftest import People

ANN, BOB = 1001, 1002
QUICK = Pauses(poll_s=5.0, patience_s=0.02, first_retry_s=0.05, conflict_s=0.05)
SOURCES = Path(adapters.telegram.__file__).parents[2]

DOOMED_BOT = """
import asyncio, sys
from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.intake import PollingIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.request import AiohttpRequest

async def handle(update):
    print("handling", update.update_id, flush=True)
    await asyncio.Event().wait()

async def main():
    async with AiohttpRequest() as request:
        await PollingIntake(HttpBotCalls(sys.argv[1], request), UserLanes(), handle).run()

asyncio.run(main())
"""


class Log:
    """What a handler stored, and a way to wait for it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.begun: list[int] = []
        self._news = asyncio.Event()

    async def handle(self, update: Update) -> None:
        self.begun.append(update.update_id)
        self.texts.append((update.message.text or "") if update.message else "")
        self._news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.texts) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def polling(calls: HttpBotCalls, handle: Handle) -> AsyncIterator[PollingIntake]:
    intake = PollingIntake(calls, UserLanes(), handle, pauses=QUICK)
    running = asyncio.create_task(intake.run(grace_s=5.0))
    yield intake
    intake.stop()
    await running


async def test_given_a_bot_killed_in_the_middle_of_a_handler_when_it_is_back_then_the_update_comes_again(
    people: People, calls: HttpBotCalls
) -> None:
    update_id = await people.write(ANN, "buy")
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DOOMED_BOT, people.base_url, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert doomed.stdout is not None
    line = await asyncio.wait_for(doomed.stdout.readline(), 20)
    doomed.kill()
    await doomed.communicate()
    log = Log()
    async with polling(calls, log.handle):
        await log.until(1)

    assert line.decode().split() == ["handling", str(update_id)]
    assert log.texts == ["buy"]
    assert await people.waiting() == 0


async def test_given_an_update_delivered_again_when_polling_then_it_does_not_run_again(
    people: People, calls: HttpBotCalls
) -> None:
    log = Log()
    async with polling(calls, log.handle):
        first = await people.write(ANN, "one")
        await log.until(1)
        await people.redeliver(first)
        await people.write(ANN, "two")
        await log.until(2)

    assert log.texts == ["one", "two"]
    assert await people.waiting() == 0


async def test_given_a_slow_handler_of_one_person_when_another_writes_then_only_the_slow_one_is_unconfirmed(
    people: People, calls: HttpBotCalls
) -> None:
    log, release = Log(), asyncio.Event()

    async def handle(update: Update) -> None:
        if update.effective_user and update.effective_user.id == ANN:
            await release.wait()
        await log.handle(update)

    async with polling(calls, handle):
        await people.write(ANN, "slow")
        await people.write(BOB, "quick")
        await log.until(1)
        held = await people.waiting()
        release.set()
        await log.until(2)

    assert log.texts == ["quick", "slow"]
    assert held >= 1
    assert await people.waiting() == 0


async def test_given_two_bots_with_one_token_when_one_leaves_then_the_other_recovers_by_itself(
    people: People, calls: HttpBotCalls, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    async with polling(calls, log.handle):
        async with polling(calls, log.handle), asyncio.timeout(10):
            while "TELEGRAM_BOT_TOKEN" not in caplog.text:
                await people.calls("getUpdates")
        await people.write(ANN, "hello")
        await log.until(1)

    assert log.texts == ["hello"]


async def test_given_a_webhook_set_behind_its_back_when_polling_then_the_cause_is_named(
    people: People, calls: HttpBotCalls, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling(calls, Log().handle), asyncio.timeout(10):
        while not await people.calls("getUpdates"):
            pass
        await calls.call("setWebhook", {"url": "http://127.0.0.1:9/hook"})
        while "a webhook is set" not in caplog.text:
            await people.calls("getUpdates")
        await calls.call("deleteWebhook", {})


async def test_given_an_answer_lost_on_the_wire_when_polling_then_nothing_is_lost(
    people: People, calls: HttpBotCalls
) -> None:
    log = Log()
    await people.fault("getUpdates", "lose_answer", count=2)
    await people.write(ANN, "hello")
    async with polling(calls, log.handle):
        await log.until(1)

    assert log.texts == ["hello"]


async def test_given_a_refused_token_when_polling_then_it_ends_and_says_so(
    people: People, request_: AiohttpRequest
) -> None:
    intake = PollingIntake(HttpBotCalls(people.base_url + "revoked", request_), UserLanes(), Log().handle)

    with pytest.raises(InvalidToken, match="refused") as caught:
        await intake.run()
    assert "TESTtoken" not in str(caught.value)
