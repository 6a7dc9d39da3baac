"""One user's updates in order, users side by side, nothing left behind."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, Message, Update, User

from adapters.telegram.lanes import UserLanes, lane_key

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)


def an_update(user_id: int, update_id: int = 1) -> Update:
    user = User(user_id, "Ann", is_bot=False)
    chat = Chat(user_id, "private")
    return Update(update_id, message=Message(update_id, NOON, chat, from_user=user, text="hi"))


async def settled(lanes: UserLanes) -> bool:
    return await lanes.drain(3600)


@given(
    arrivals=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), max_size=40),
    slots=st.integers(1, 3),
)
async def test_given_any_arrivals_when_handled_then_each_user_is_served_alone_and_in_order(
    arrivals: list[tuple[int, int]], slots: int
) -> None:
    lanes = UserLanes(slots=slots)
    running: Counter[int] = Counter()
    most_for_one = most_in_all = 0
    served: list[tuple[int, int]] = []

    async def handle(user_id: int, number: int, steps: int) -> None:
        nonlocal most_for_one, most_in_all
        running[user_id] += 1
        most_for_one = max(most_for_one, running[user_id])
        most_in_all = max(most_in_all, running.total())
        for _ in range(steps):
            await asyncio.sleep(0)
        running[user_id] -= 1
        served.append((user_id, number))

    for number, (user_id, steps) in enumerate(arrivals):
        lanes.offer(an_update(user_id), handle(user_id, number, steps))
    await settled(lanes)

    for user in {user for user, _ in arrivals}:
        mine = [number for served_user, number in served if served_user == user]
        assert mine == [number for number, (arrived_user, _) in enumerate(arrivals) if arrived_user == user]
    assert most_for_one <= 1
    assert most_in_all <= slots
    assert lanes.busy == 0


async def test_given_a_waiting_update_when_it_is_cancelled_then_the_next_one_still_waits_its_turn() -> None:
    lanes, events = UserLanes(), []

    async def handle(name: str) -> None:
        events.append(f"{name} begins")
        await asyncio.sleep(1)
        events.append(f"{name} ends")

    tasks = {
        name: asyncio.create_task(lanes.process_update(an_update(1), handle(name)))
        for name in ("a", "b", "c")
    }
    await asyncio.sleep(0.5)
    tasks["b"].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)

    assert events == ["a begins", "a ends", "c begins", "c ends"]
    assert lanes.busy == 0


async def test_given_a_running_handler_when_its_caller_leaves_then_it_finishes_before_the_next() -> None:
    lanes, events = UserLanes(), []

    async def handle(name: str) -> None:
        await asyncio.sleep(1)
        events.append(name)

    first = lanes.offer(an_update(1), handle("first"))
    second = lanes.offer(an_update(1), handle("second"))
    await asyncio.sleep(0.5)
    first.cancel()
    await second

    assert events == ["first", "second"]


async def test_given_a_handler_that_fails_when_it_ends_then_only_its_caller_hears_and_the_lane_goes_on() -> (
    None
):
    lanes = UserLanes()

    async def fail() -> None:
        raise ValueError("spilt")

    async def succeed() -> str:
        return "fine"

    failing = lanes.offer(an_update(1), fail())
    following = lanes.offer(an_update(1), succeed())

    with pytest.raises(ValueError, match="spilt"):
        await failing
    assert await following == "fine"


async def test_given_a_handler_that_is_cancelled_from_inside_when_it_ends_then_the_lane_goes_on() -> None:
    lanes = UserLanes()

    async def give_up() -> None:
        raise asyncio.CancelledError

    async def succeed() -> str:
        return "fine"

    lanes.offer(an_update(1), give_up())

    assert await lanes.offer(an_update(1), succeed()) == "fine"


async def test_given_ten_thousand_users_when_all_are_served_then_nothing_is_left_behind() -> None:
    lanes, served = UserLanes(slots=64), []

    async def handle(user_id: int) -> None:
        await asyncio.sleep(0)
        served.append(user_id)

    for user_id in range(10_000):
        lanes.offer(an_update(user_id), handle(user_id))
    await settled(lanes)

    assert len(served) == 10_000
    assert lanes.busy == 0


async def test_given_a_flooding_user_when_others_write_then_they_are_served_at_once() -> None:
    lanes, served_at = UserLanes(slots=2, backlog=500), {}
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def handle(user_id: int) -> None:
        await asyncio.sleep(1)
        served_at[user_id] = loop.time() - began

    for _ in range(500):
        lanes.offer(an_update(1), handle(1))
    others = [lanes.offer(an_update(user_id), handle(user_id)) for user_id in range(2, 6)]
    await asyncio.gather(*others)

    assert max(served_at[user_id] for user_id in range(2, 6)) <= 8
    await lanes.shutdown()


async def test_given_a_full_backlog_when_more_comes_then_it_is_dropped_and_the_user_hears_once() -> None:
    told: list[int] = []
    lanes = UserLanes(backlog=2, on_flood=lambda update: told.append(update.update_id))
    handled: list[int] = []

    async def handle(update_id: int) -> None:
        await asyncio.sleep(1)
        handled.append(update_id)

    for update_id in range(6):
        lanes.offer(an_update(1, update_id), handle(update_id))
    await settled(lanes)

    assert handled == [0, 1, 2]
    assert told == [3]


async def test_given_a_flood_that_is_over_when_the_next_one_comes_then_the_user_hears_again() -> None:
    told: list[int] = []
    lanes = UserLanes(backlog=1, on_flood=lambda update: told.append(update.update_id))
    for update_id in (1, 2, 3):
        lanes.offer(an_update(1, update_id), asyncio.sleep(1))
    await settled(lanes)
    for update_id in (4, 5, 6):
        lanes.offer(an_update(1, update_id), asyncio.sleep(1))
    await settled(lanes)

    assert told == [3, 6]


async def test_given_a_full_backlog_when_our_own_work_is_submitted_then_it_waits_its_turn_and_runs() -> None:
    lanes, events = UserLanes(backlog=1), []

    async def note(name: str) -> str:
        await asyncio.sleep(1)
        events.append(name)
        return name

    lanes.offer(an_update(7), note("update"))
    lanes.offer(an_update(7), note("waiting update"))
    outcome = await lanes.submit(7, note("outcome of an effect"))

    assert outcome == "outcome of an effect"
    assert events == ["update", "waiting update", "outcome of an effect"]


async def test_given_work_under_way_when_shutting_down_then_all_of_it_ends() -> None:
    lanes = UserLanes(slots=1)
    outcomes = [lanes.offer(an_update(user_id % 3), asyncio.sleep(3600)) for user_id in range(9)]
    await asyncio.sleep(1)
    await lanes.shutdown()

    assert all(outcome.cancelled() for outcome in outcomes)
    assert lanes.busy == 0


async def test_given_a_handler_that_sets_context_when_the_next_one_runs_then_it_sees_none_of_it() -> None:
    lanes = UserLanes()
    mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="clean")

    async def stain() -> None:
        mark.set("stained")

    async def look() -> str:
        return mark.get()

    lanes.offer(an_update(1), stain())

    assert await lanes.offer(an_update(1), look()) == "clean"


def test_given_updates_with_and_without_a_person_when_sorted_then_each_finds_its_lane() -> None:
    chat_only = Update(5, message=Message(1, NOON, Chat(-100, "channel"), text="hi"))

    assert lane_key(an_update(42)) == 42
    assert lane_key(chat_only) == ("chat", -100)
    assert lane_key(Update(5)) != lane_key(Update(6))
