"""A shop's broadcasts: the office that keeps them, and workers that send them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import define

from a_shop import Shop, shop
from adapters.memory.clock import MemoryClock
from adapters.memory.outbox import MemoryLeases
from adapters.memory.segments import MemorySegments
from adapters.memory.shelves import MemoryShelf
from builders import NOW
from shipping_core.conversation import screens as sc
from shipping_core.domain.broadcast import Broadcast, Copy, Segment
from shipping_core.domain.ids import UserId
from shipping_core.domain.user import User
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts, put_announced
from shipping_core.use_cases.send_broadcasts import SendBroadcasts
from shipping_core.use_cases.throttle import Throttle

TEXTS = {"en": "<b>Hello</b>", "ru": "<b>Привет</b>"}
OLA = "key:ola"


class LoopClock(MemoryClock):
    """The loop's own time."""

    def now(self) -> dt.datetime:
        return self.moment + dt.timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()


@define
class Station:
    """A shop with people in it, and what it takes to tell them all."""

    shop: Shop
    clock: LoopClock
    keep: KeepBroadcasts
    send: SendBroadcasts

    @property
    def read(self) -> list[tuple[UserId, str]]:
        """Who was brought what, in order."""
        told = self.shop.notifier.told
        return [(s.user_id, s.screen.html) for s in told if isinstance(s.screen, sc.Announcement)]

    async def started(self, **changes: Any) -> Broadcast:
        """A broadcast to everybody, on its way."""
        draft = await self.keep.create(**{"texts": TEXTS, "segment": Segment(), "by": OLA, **changes})
        return await self.keep.start(draft.broadcast_id, draft.version, by=OLA)

    async def sent(self) -> None:
        """Nothing is left to send."""
        while await self.send():
            pass

    async def audited(self, broadcast_id: str) -> list[tuple[str, str]]:
        """What was done with it, and by whom."""
        rows = [row for row in self.shop.database.scan("audit") if row.subject == f"broadcast:{broadcast_id}"]
        return [(row.action, row.actor) for row in rows]


async def a_station(*people: str, per_s: float = 20.0, worker: str = "w1") -> Station:
    """A shop where these people are known; a name that begins with `ru` speaks Russian."""
    made, clock = shop(), LoopClock(NOW)
    for name in people:
        await made.users.add(User(UserId(name), NOW, "ru" if name.startswith("ru") else "en"))
    database, notifier, policy = made.database, made.notifier, made.policy
    broadcasts, copies = MemoryShelf(database, Broadcast), MemoryShelf(database, Copy)
    segments, leases = MemorySegments(database), MemoryLeases(database, clock)
    keep = KeepBroadcasts(
        broadcasts, copies, made.users, segments, made.work, notifier, policy, clock, made.ids
    )
    send = SendBroadcasts(
        broadcasts, copies, segments, leases, made.work, notifier, policy, clock,
        Throttle(clock, per_s), worker,
    )  # fmt: skip
    return Station(made, clock, keep, send)


async def announce(keep: KeepBroadcasts, texts: Mapping[str, str], segment: Segment, *, by: str) -> Broadcast:
    """A broadcast that is created and started in one."""
    started = await keep.announced(texts, segment, by=by)

    async def body(tx: Transaction) -> None:
        await put_announced(tx, started)

    await keep.unit_of_work.run(body)
    keep.bell.ring()
    return started
