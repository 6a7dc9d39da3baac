"""A broadcast on the real store: workers that race, die or lose the store still write to nobody twice."""

from __future__ import annotations

import asyncio

from attrs import evolve

from a_broadcast import announce
from adapters.memory.clock import MemoryIds
from adapters.memory.notifier import MemoryNotifier, MemoryOperators
from adapters.mongo.store import Store
from adapters.system.clock import SystemClock
from builders import NOW
from shipping_core.conversation.screens import Announcement
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.broadcast import Broadcast, BroadcastState, Copy, Progress, Segment
from shipping_core.domain.ids import UserId
from shipping_core.domain.policy import Policy
from shipping_core.domain.user import User
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.raise_alert import RaiseAlert
from shipping_core.use_cases.send_broadcasts import SendBroadcasts
from shipping_core.use_cases.throttle import Throttle

CROWD = tuple(UserId(f"u{n:03}") for n in range(65))
TEXTS = {"en": "<b>Hello</b>", "ru": "<b>Привет</b>"}


def parts(store: Store) -> tuple[KeepBroadcasts, SendBroadcasts, MemoryNotifier]:
    notifier, clock, policy = MemoryNotifier(), SystemClock(), Policy()
    broadcasts, copies = store.shelf(Broadcast), store.shelf(Copy)
    keep = KeepBroadcasts(
        broadcasts, copies, store.users, store.segments, store.unit_of_work, notifier, policy, clock,
        MemoryIds(),
    )  # fmt: skip
    send = SendBroadcasts(
        broadcasts, copies, store.segments, store.leases, store.unit_of_work, notifier, policy, clock,
        Throttle(clock, 0),
    )  # fmt: skip
    return keep, send, notifier


async def until_sent(send: SendBroadcasts) -> None:
    while await send():
        pass


async def test_given_workers_that_race_past_the_lease_when_sent_then_each_reads_it_once(store: Store) -> None:
    keep, send, notifier = parts(store)
    for user_id in CROWD:
        await store.users.add(User(user_id, NOW))
    announced = await announce(keep, TEXTS, Segment(), by="key:ola")
    rivals = [send._chunk(announced) for _ in range(3)]
    await asyncio.gather(
        *rivals, until_sent(send), until_sent(evolve(send, worker="w2")), return_exceptions=True
    )
    await until_sent(send)
    readers = [shown.user_id for shown in notifier.told if isinstance(shown.screen, Announcement)]

    assert sorted(readers) == list(CROWD)
    assert await keep.progress(announced.broadcast_id) == Progress(len(CROWD), len(CROWD), 0, 0, 0)
    assert (await keep.broadcasts.get(announced.broadcast_id)).state is BroadcastState.DONE


async def test_given_a_pause_that_races_with_the_sender_when_both_save_then_it_holds(store: Store) -> None:
    keep, send, notifier = parts(store)
    for user_id in CROWD:
        await store.users.add(User(user_id, NOW))
    announced = await announce(keep, TEXTS, Segment(), by="key:ola")
    await asyncio.gather(until_sent(send), keep.pause(announced.broadcast_id, by="key:ola"))
    paused = len(notifier.told)
    await until_sent(send)

    assert len(notifier.told) == paused < len(CROWD)
    await keep.resume(announced.broadcast_id, by="key:ola")
    await until_sent(send)
    assert sorted(shown.user_id for shown in notifier.told) == list(CROWD)


async def test_given_the_same_trouble_in_many_processes_at_once_when_raised_then_it_is_told_once(
    store: Store,
) -> None:
    offices = [MemoryOperators() for _ in range(8)]
    raising = [RaiseAlert(store.alerts, operators, SystemClock()) for operators in offices]
    await asyncio.gather(*(alert(AlertKind.ERROR, "here", "ValueError in here") for alert in raising))

    assert sum(len(operators.told) for operators in offices) == 1
