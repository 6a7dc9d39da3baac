"""What operators do with texts to many customers: write, look, count, start, pause, resume, stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.conversation.screens import Announcement, Facts
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.broadcast import (
    Broadcast,
    BroadcastState,
    Copy,
    CopyState,
    Progress,
    Segment,
    readable,
)
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.policy import Rules
from shipping_core.errors import Conflict, StaleVersion
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.segments import Segments
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.bell import Bell

RACES = 8
"""How often a decision is made anew after the sender saved its progress."""
UNDER_WAY = dt.timedelta(minutes=2)
"""A copy that is still being sent after this time was left by a worker that died."""


@frozen
class KeepBroadcasts:
    """Keeps broadcasts; every change is audited, and sent by `SendBroadcasts` once it is started."""

    broadcasts: Shelf[Broadcast]
    copies: Shelf[Copy]
    users: UserRepository
    segments: Segments
    unit_of_work: UnitOfWork
    notifier: Notifier
    policy: Rules
    clock: Clock
    ids: IdSource
    bell: Bell = field(factory=Bell)

    async def create(self, texts: Mapping[str, str], segment: Segment, *, by: str) -> Broadcast:
        """A draft.

        Raises:
            InvalidInput: a text is missing or broken, or nobody could be in the segment; nothing is kept.
        """
        draft = self._new(texts, segment, by)

        async def body(tx: Transaction) -> None:
            await _add(tx, draft, "created")

        await self.unit_of_work.run(body)
        return draft

    async def announced(self, texts: Mapping[str, str], segment: Segment, *, by: str) -> Broadcast:
        """Created and started in one, for a transaction of the caller's own: `put_announced` keeps it there.

        The newest is sent before the others.

        Raises:
            InvalidInput: as above.
        """
        draft, mode = self._new(texts, segment, by), self.policy.now.mode
        total = await self.segments.count(draft.segment, mode, self.clock.now())
        return evolve(draft, state=BroadcastState.SENDING, total=total, mode=mode)

    async def edit(
        self,
        broadcast_id: str,
        version: int,
        *,
        by: str,
        texts: Mapping[str, str] | None = None,
        segment: Segment | None = None,
    ) -> Broadcast:
        """Another text or segment, while it is a draft; what is None stays.

        Raises:
            NotFound: there is none.
            Conflict: another version is stored, or it was started before.
            InvalidInput: as above.
        """
        before = await self._at(broadcast_id, version)
        if before.state is not BroadcastState.DRAFT:
            raise Conflict("broadcast", f"{broadcast_id} is {before.state.value}: only a draft can be edited")
        segment = (segment or before.segment).checked()
        written = readable(before.texts if texts is None else texts, segment)
        done = before.changed(self.clock.now(), texts=written, segment=segment)
        return await self._saved(before, done, "edited", by)

    async def preview(self, broadcast_id: str, user_id: UserId, *, by: str) -> Delivery:
        """Bring every language's text to one chat of somebody we know; how the last one ended.

        Raises:
            NotFound: there is no such broadcast, or no such user.
        """
        broadcast = await self.broadcasts.get(broadcast_id)
        user = await self.users.get(user_id)
        row = _changed(broadcast, broadcast, "previewed", by, part=self.ids.new("pre"), reason=user_id)

        async def body(tx: Transaction) -> None:
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        facts = Facts(0, user.language, self.clock.now(), self.policy.now.mode)
        ended = Delivery.FAILED
        for text in broadcast.texts.values():
            ended = await self.notifier.deliver(user_id, Announcement(text), facts)
        return ended

    async def count(self, segment: Segment) -> int:
        """How many are in the segment now."""
        return await self.segments.count(segment.checked(), self.policy.now.mode, self.clock.now())

    async def start(self, broadcast_id: str, version: int, *, by: str) -> Broadcast:
        """Send this very version.

        Raises:
            NotFound: there is none.
            Conflict: another version is stored, or it was started or stopped before.
        """
        before = await self._at(broadcast_id, version)
        if before.state is not BroadcastState.DRAFT:
            raise Conflict(
                "broadcast", f"{broadcast_id} is {before.state.value}: only a draft can be started"
            )
        now, mode = self.clock.now(), self.policy.now.mode
        total = await self.segments.count(before.segment, mode, now)
        done = before.moved(BroadcastState.SENDING, now, total=total, mode=mode)
        started = await self._saved(before, done, "started", by)
        self.bell.ring()
        return started

    async def pause(self, broadcast_id: str, *, by: str) -> Broadcast:
        """What is under way still leaves; then nothing does.

        Raises:
            NotFound: there is none.
            Conflict: it is not being sent; here as below.
        """
        return await self._moved(broadcast_id, BroadcastState.PAUSED, "paused", by)

    async def resume(self, broadcast_id: str, *, by: str) -> Broadcast:
        """Go on where it was paused."""
        if (await self.broadcasts.get(broadcast_id)).state is not BroadcastState.PAUSED:
            raise Conflict("broadcast", f"{broadcast_id} is not paused")
        resumed = await self._moved(broadcast_id, BroadcastState.SENDING, "resumed", by)
        self.bell.ring()
        return resumed

    async def stop(self, broadcast_id: str, *, by: str) -> Broadcast:
        """For good; whoever has not got it will not."""
        return await self._moved(broadcast_id, BroadcastState.STOPPED, "stopped", by)

    async def progress(self, broadcast_id: str) -> Progress:
        """How far it has come.

        Raises:
            NotFound: there is none.
        """
        broadcast = await self.broadcasts.get(broadcast_id)
        return Progress(
            broadcast.total,
            sent=await self._copies(broadcast_id, CopyState.SENT),
            unreachable=await self._copies(broadcast_id, CopyState.UNREACHABLE),
            failed=await self._copies(broadcast_id, CopyState.FAILED),
            uncertain=await self._copies(broadcast_id, CopyState.SENDING, self.clock.now() - UNDER_WAY),
        )

    async def _copies(self, broadcast_id: str, state: CopyState, before: dt.datetime | None = None) -> int:
        where = {"broadcast_id": broadcast_id, "state": state}
        return await self.copies.count(where, changed_before=before)

    def _new(self, texts: Mapping[str, str], segment: Segment, by: str) -> Broadcast:
        now, segment = self.clock.now(), segment.checked()
        return Broadcast(self.ids.new("bro"), readable(texts, segment), segment, now, now, by)

    async def _at(self, broadcast_id: str, version: int) -> Broadcast:
        stored = await self.broadcasts.get(broadcast_id)
        if stored.version != version:
            raise StaleVersion("broadcast", f"{broadcast_id} is at version {stored.version}")
        return stored

    async def _moved(self, broadcast_id: str, to: BroadcastState, action: str, by: str) -> Broadcast:
        for _ in range(RACES):
            before = await self.broadcasts.get(broadcast_id)
            done = before.moved(to, self.clock.now())
            try:
                return await self._saved(before, done, action, by)
            except Conflict:
                continue
        raise Conflict("broadcast", broadcast_id)

    async def _saved(self, before: Broadcast, done: Broadcast, action: str, by: str) -> Broadcast:
        await save_broadcast(self.unit_of_work, before, done, action, by)
        return done


async def put_announced(tx: Transaction, started: Broadcast) -> None:
    """Keep a started broadcast with what it tells of: both or neither."""
    await _add(tx, started, "announced")


async def _add(tx: Transaction, broadcast: Broadcast, action: str) -> None:
    await tx.shelf(Broadcast).add(broadcast)
    await tx.audit.put(_changed(None, broadcast, action, broadcast.created_by))


async def save_broadcast(
    unit_of_work: UnitOfWork, before: Broadcast, done: Broadcast, action: str, by: str = "system"
) -> None:
    """Keep a change and who made it.

    Raises:
        Conflict: somebody else was first.
    """
    row = _changed(before, done, action, by)

    async def body(tx: Transaction) -> None:
        await tx.shelf(Broadcast).save(done)
        await tx.audit.put(row)

    await unit_of_work.run(body)


def _changed(
    before: Broadcast | None, done: Broadcast, action: str, by: str, *, part: str = "", reason: str = ""
) -> AuditRow:
    subject = f"broadcast:{done.broadcast_id}"
    return AuditRow(
        row_id=f"{subject}:{part or done.version}",
        subject=subject,
        action=action,
        at=done.updated_at,
        before=before.state.value if before else "",
        after=done.state.value,
        actor=by,
        reason=reason,
    )
