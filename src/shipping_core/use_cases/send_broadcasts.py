"""Bring broadcasts to their customers: to each at most once, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Sequence

from attrs import field, frozen

from shipping_core.conversation.screens import Announcement, Facts
from shipping_core.domain.broadcast import Broadcast, BroadcastState, Copy, CopyState
from shipping_core.domain.ids import Mode
from shipping_core.domain.letter import Delivery
from shipping_core.domain.policy import Rules
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, OperatorNeeded, TransactionConflict
from shipping_core.ports.clock import Clock
from shipping_core.ports.leases import Leases
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.segments import Segments
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import UnitOfWork
from shipping_core.use_cases.keep_broadcasts import save_broadcast
from shipping_core.use_cases.throttle import Throttle

CHUNK = 20
"""Copies between two looks at whether it is still to be sent."""
LEASE_S = 120.0
"""A worker that died is waited for this long."""
ENDED = {
    Delivery.ARRIVED: CopyState.SENT,
    Delivery.UNREACHABLE: CopyState.UNREACHABLE,
    Delivery.FAILED: CopyState.FAILED,
}
LOST = {Delivery.FAILED, Delivery.NOT_SENT}
"""Nobody has read it, as far as is known."""


@frozen
class SendBroadcasts:
    """One broadcast at a time, the newest first, so that a notice overtakes what is less urgent.

    A copy's row is made before it is sent, and whoever has a row is not written to again. What surely has not
    left has no row any more, and is sent later; where nothing leaves at all, the broadcast is paused.
    """

    broadcasts: Shelf[Broadcast]
    copies: Shelf[Copy]
    segments: Segments
    leases: Leases
    unit_of_work: UnitOfWork
    notifier: Notifier
    policy: Rules
    clock: Clock
    throttle: Throttle
    worker: str = "worker"
    _running: set[asyncio.Task[Delivery]] = field(factory=set, init=False)

    async def __call__(self) -> bool:
        """One round: the next few copies; whether there may be more to do."""
        sending = await self.broadcasts.find({"state": BroadcastState.SENDING})
        if not sending:
            return False
        newest = max(sending, key=lambda b: (b.created_at, b.broadcast_id))
        lease = await self.leases.take(f"broadcast:{newest.broadcast_id}", self.worker, term_s=LEASE_S)
        if lease is None:
            return False
        with contextlib.suppress(Conflict):  # paused or stopped meanwhile: the next round sees it
            if not await self._chunk(newest):
                done = newest.moved(BroadcastState.DONE, self.clock.now())
                await save_broadcast(self.unit_of_work, newest, done, "done")
                await self.leases.release(lease)
        return True

    async def drain(self, timeout_s: float) -> int:
        """Wait for copies under way, at most this long; how many were still on their way."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=timeout_s)
        return len(self._running)

    async def _chunk(self, broadcast: Broadcast) -> int:
        users = await self.segments.some(
            broadcast.segment, self._mode(broadcast), self.clock.now(), after=broadcast.after, limit=CHUNK
        )
        ended = await asyncio.gather(*(self._one(broadcast, u) for u in users), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        if users:
            done = ended.index(Delivery.NOT_SENT) if Delivery.NOT_SENT in ended else len(users)
            after = users[done - 1].user_id if done else broadcast.after
            await self._went(broadcast, after, [e for e in ended if isinstance(e, Delivery)])
        return len(users)

    async def _went(self, broadcast: Broadcast, after: str, ended: Sequence[Delivery]) -> None:
        now = self.clock.now()
        silent = bool(ended) and LOST.issuperset(ended)
        if not silent or (Delivery.NOT_SENT not in ended and len(ended) < CHUNK):
            await self.broadcasts.save(broadcast.changed(now, after=after))
            return
        paused = broadcast.moved(BroadcastState.PAUSED, now, after=after)
        await save_broadcast(self.unit_of_work, broadcast, paused, "paused")
        text = f"{broadcast.broadcast_id} is paused: nothing of it leaves; resume it when Telegram answers"
        await self.notifier.alarm(OperatorNeeded(text, subject=f"broadcast:{broadcast.broadcast_id}"))

    def _mode(self, broadcast: Broadcast) -> Mode:
        return broadcast.mode or self.policy.now.mode

    async def _one(self, broadcast: Broadcast, user: User) -> Delivery | None:
        """How it ended; None for somebody whose turn has come before."""
        await self.throttle.turn()
        now = self.clock.now()
        copy = Copy(broadcast.broadcast_id, user.user_id, now, now)
        try:
            await self.copies.add(copy)
        except TransactionConflict:
            raise
        except Conflict:
            return None
        task = asyncio.create_task(self._brought(broadcast, user, copy, now))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)  # a stop must not leave it uncertain

    async def _brought(self, broadcast: Broadcast, user: User, copy: Copy, now: dt.datetime) -> Delivery:
        screen = Announcement(broadcast.text(user.language))
        facts = Facts(0, user.language, now, self._mode(broadcast))
        try:
            delivery = await self.notifier.deliver(user.user_id, screen, facts)
        except Exception as exc:  # noqa: BLE001 - one bad chat must not keep the others waiting
            await self.notifier.alarm(exc)
            delivery = Delivery.FAILED
        if delivery is Delivery.NOT_SENT:
            await self.copies.remove(copy)
        else:
            await self.copies.save(copy.ended(ENDED[delivery], self.clock.now()))
        return delivery
