"""An update is confirmed to Telegram when its effect is stored, and not before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from adapters.telegram.calls import BotCalls
from adapters.telegram.intake import PollingIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.request import Upload

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import Desk

WEBHOOK_SET = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot is running"


def a_message(update_id: int, user_id: int = 1) -> dict[str, Any]:
    person = {"id": user_id, "is_bot": False, "first_name": "Ann"}
    chat = {"id": user_id, "type": "private"}
    return {
        "update_id": update_id,
        "message": {"message_id": update_id, "date": 1893499200, "chat": chat, "from": person, "text": "hi"},
    }


class FakeUpdates(BotCalls):
    """Telegram's queue of waiting updates: an offset drops everything below it."""

    def __init__(self, waiting: list[dict[str, Any]] | None = None) -> None:
        self.waiting = waiting or []
        self.failures: list[TelegramError] = []
        self._arrived = asyncio.Event()
        self.offsets: list[int] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.webhook_failures: list[TelegramError] = []

    def add(self, update: dict[str, Any]) -> None:
        self.waiting.append(update)
        self._arrived.set()

    def ids(self) -> list[int]:
        return [one["update_id"] for one in self.waiting]

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        files: Mapping[str, Upload] | None = None,
        read_s: float | None = None,
    ) -> Any:
        self.calls.append((method, dict(params)))
        await asyncio.sleep(0.01)
        if method == "getUpdates":
            return await self._get_updates(dict(params))
        if self.webhook_failures:
            raise self.webhook_failures.pop(0)
        return True

    async def _get_updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        self.offsets.append(params.get("offset", 0))
        if self.failures:
            raise self.failures.pop(0)
        self._confirm(params.get("offset", 0))
        if not self.waiting:
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), params["timeout"])
        self._confirm(params.get("offset", 0))
        return self.waiting[: params.get("limit", 100)]

    def _confirm(self, offset: int) -> None:
        self.waiting = [one for one in self.waiting if one["update_id"] >= offset]


async def while_polling(
    calls: FakeUpdates, desk: Desk, story: Callable[[], Awaitable[object]], grace_s: float = 10.0
) -> None:
    """Let the intake run while `story` happens, then stop it."""
    intake = PollingIntake(calls, UserLanes(), desk.handle)
    running = asyncio.create_task(intake.run(grace_s))
    await story()
    intake.stop()
    await running


async def test_given_waiting_updates_when_polling_then_each_is_handled_once_and_confirmed(desk: Desk) -> None:
    calls = FakeUpdates([a_message(number, number % 7) for number in range(1, 251)])
    await while_polling(calls, desk, lambda: asyncio.sleep(5))

    assert sorted(desk.stored) == list(range(1, 251))
    assert calls.ids() == []


async def test_given_a_webhook_left_over_when_polling_begins_then_it_goes_and_updates_stay(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(1)])
    calls.webhook_failures = [NetworkError("Bad Gateway")]
    await while_polling(calls, desk, lambda: asyncio.sleep(5))

    assert calls.calls[0] == calls.calls[1] == ("deleteWebhook", {"drop_pending_updates": False})
    assert desk.stored == [1]


async def test_given_a_handler_under_way_when_asking_for_more_then_its_update_is_not_confirmed(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(1), a_message(2, 2), a_message(3, 3)])
    desk.seconds[2] = 60.0
    seen_midway: list[list[int]] = []

    async def story() -> None:
        await asyncio.sleep(30)
        seen_midway.append(calls.ids())
        await asyncio.sleep(60)

    await while_polling(calls, desk, story)

    assert seen_midway == [[2, 3]]
    assert desk.begun == [1, 2, 3]
    assert calls.ids() == []


async def test_given_a_stuck_handler_when_others_write_then_they_are_served_without_spinning(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(1)])
    desk.seconds[1] = 3600.0
    polls: list[int] = []

    async def story() -> None:
        await asyncio.sleep(5)
        polls.append(len(calls.offsets))
        calls.add(a_message(2, 2))
        await asyncio.sleep(1)

    await while_polling(calls, desk, story, grace_s=1.0)

    assert desk.stored == [2]
    assert polls[0] <= 25
    assert calls.ids() == [1, 2]


async def test_given_a_whole_batch_behind_a_stuck_handler_when_more_wait_then_they_are_served_too(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(number, number) for number in range(1, 301)])
    desk.seconds[1] = 3600.0
    await while_polling(calls, desk, lambda: asyncio.sleep(20), grace_s=1.0)

    assert sorted(desk.stored) == list(range(2, 301))


async def test_given_a_burst_of_slow_handlers_when_polling_then_none_is_confirmed_before_it_is_stored(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(number, number) for number in range(1, 301)])
    desk.seconds |= dict.fromkeys(range(1, 301), 2.0)
    early: list[int] = []

    async def story() -> None:
        for _ in range(600):
            await asyncio.sleep(0.05)
            gone = set(range(1, 301)) - set(calls.ids())
            early.extend(gone - set(desk.stored))

    await while_polling(calls, desk, story)

    assert early == []
    assert sorted(desk.stored) == list(range(1, 301))


async def test_given_a_store_that_fails_when_it_comes_back_then_the_update_is_handled_after_all(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(1), a_message(2, 2)])
    desk.failing[1] = 3
    unconfirmed: list[list[int]] = []

    async def story() -> None:
        await asyncio.sleep(0.6)
        unconfirmed.append(calls.ids())
        await asyncio.sleep(30)

    await while_polling(calls, desk, story)

    assert unconfirmed == [[1, 2]]
    assert desk.begun.count(1) == 4
    assert len(calls.offsets) < 30
    assert sorted(desk.stored) == [1, 2]
    assert calls.ids() == []


async def test_given_an_update_that_always_fails_when_tried_ten_times_then_it_is_let_go(
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = FakeUpdates([a_message(1)])
    desk.failing[1] = 1000
    await while_polling(calls, desk, lambda: asyncio.sleep(600))

    assert desk.begun == [1] * 10
    assert calls.ids() == []
    assert "last time" in caplog.text


async def test_given_something_unreadable_when_it_arrives_then_it_blocks_nobody(desk: Desk) -> None:
    calls = FakeUpdates([{"update_id": 1, "message": {"text": 5}}, a_message(2)])
    await while_polling(calls, desk, lambda: asyncio.sleep(5))

    assert desk.stored[-1] == 2
    assert calls.ids() == []


async def test_given_a_finished_update_when_it_is_delivered_again_then_it_is_not_handled_again(
    desk: Desk,
) -> None:
    calls = FakeUpdates([a_message(1), a_message(2)])

    async def story() -> None:
        await asyncio.sleep(5)
        calls.add(a_message(1))
        await asyncio.sleep(5)

    await while_polling(calls, desk, story)

    assert desk.begun == [1, 2]
    assert calls.ids() == []
    assert len(calls.offsets) < 20


async def test_given_ids_that_start_anew_lower_when_they_arrive_then_they_are_handled(desk: Desk) -> None:
    calls = FakeUpdates([a_message(900)])

    async def story() -> None:
        await asyncio.sleep(60)
        calls.add(a_message(5))
        await asyncio.sleep(60)

    await while_polling(calls, desk, story)

    assert desk.stored == [900, 5]
    assert calls.ids() == []


@pytest.mark.parametrize(
    ("description", "cause"),
    [(WEBHOOK_SET, "webhook is set"), (OTHER_POLLER, "TELEGRAM_BOT_TOKEN")],
    ids=["webhook", "other-poller"],
)
async def test_given_conflicts_when_polling_then_the_cause_is_explained_once_a_minute_and_it_goes_on(
    desk: Desk, description: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    calls = FakeUpdates([a_message(1)])
    calls.failures = [Conflict(description) for _ in range(3)]
    await while_polling(calls, desk, lambda: asyncio.sleep(40))

    assert desk.stored == [1]
    assert [cause in record.message for record in caplog.records] == [True]


@pytest.mark.parametrize(
    "error", [NetworkError("Bad Gateway"), TimedOut(), RetryAfter(2)], ids=["502", "timed-out", "flood"]
)
async def test_given_trouble_on_the_way_when_polling_then_it_waits_and_goes_on(
    desk: Desk, error: TelegramError
) -> None:
    calls = FakeUpdates([a_message(1)])
    calls.failures = [error] * 4
    await while_polling(calls, desk, lambda: asyncio.sleep(30))

    assert desk.stored == [1]


async def test_given_a_revoked_token_when_polling_then_the_error_says_so_without_the_token(
    desk: Desk,
) -> None:
    calls = FakeUpdates()
    calls.failures = [InvalidToken("Unauthorized")]

    with pytest.raises(InvalidToken, match="refused"):
        await PollingIntake(calls, UserLanes(), desk.handle).run()


async def test_given_handlers_under_way_when_stopping_then_they_finish_and_are_confirmed(desk: Desk) -> None:
    calls = FakeUpdates([a_message(1), a_message(2, 2)])
    desk.seconds = {1: 3.0, 2: 4.0}
    await while_polling(calls, desk, lambda: asyncio.sleep(1))

    assert sorted(desk.stored) == [1, 2]
    assert calls.ids() == []


async def test_given_a_handler_that_does_not_end_when_stopping_then_it_comes_again(desk: Desk) -> None:
    calls = FakeUpdates([a_message(1), a_message(2, 2)])
    desk.seconds = {2: 3600.0}
    began = asyncio.get_running_loop().time()
    await while_polling(calls, desk, lambda: asyncio.sleep(1), grace_s=5.0)

    assert asyncio.get_running_loop().time() - began < 8
    assert calls.ids() == [2]


async def test_given_an_idle_bot_when_stopping_then_it_does_not_wait_for_the_long_poll(desk: Desk) -> None:
    calls = FakeUpdates()
    began = asyncio.get_running_loop().time()
    await while_polling(calls, desk, lambda: asyncio.sleep(1))

    assert asyncio.get_running_loop().time() - began < 2
