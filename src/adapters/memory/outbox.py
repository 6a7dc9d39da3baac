"""Letters, leases and the record of changes in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from attrs import asdict, evolve, frozen

from adapters.memory.database import View
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import UserId
from shipping_core.domain.lease import Lease
from shipping_core.domain.letter import Letter, LetterState, Posted
from shipping_core.domain.seal import NumberedRow
from shipping_core.errors import Conflict
from shipping_core.ports.audit import AuditLog
from shipping_core.ports.clock import Clock
from shipping_core.ports.leases import Leases
from shipping_core.ports.outbox import Outbox


@frozen
class KeptLetter:
    """A letter, and what became of it so far."""

    letter: Letter
    number: int
    due: dt.datetime
    state: LetterState = LetterState.WAITING
    owner: str = ""
    held_until: dt.datetime | None = None
    reason: str = ""
    tries: int = 0

    @property
    def posted(self) -> Posted:
        """As the office sees it."""
        own = asdict(self.letter, recurse=False)
        return Posted(**own, state=self.state, tries=self.tries, due=self.due, reason=self.reason)

    def held(self, now: dt.datetime) -> bool:
        """Whether somebody is at it."""
        return self.held_until is not None and now < self.held_until


@frozen
class MemoryOutbox(Outbox):
    """Letters by id, in the order they were written; one letter of a user is under way at a time."""

    view: View

    async def put(self, letter: Letter) -> None:
        if self.view.get("letters", letter.letter_id) is None:
            number = len(self._rows()) + 1
            self.view.put("letters", letter.letter_id, KeptLetter(letter, number, letter.created_at))

    async def claim(
        self, owner: str, now: dt.datetime, *, lease_s: float, limit: int = 20
    ) -> Sequence[Letter]:
        rows = self._rows(LetterState.WAITING)
        first: dict[UserId, KeptLetter] = {}
        for row in rows:
            first.setdefault(row.letter.user_id, row)
        busy = {row.letter.user_id for row in rows if row.held(now)}
        free = [row for user, row in first.items() if row.due <= now and user not in busy][:limit]
        users = {row.letter.user_id for row in free}
        for row in (r for r in rows if r.owner and r.letter.user_id in users):
            self.view.put("letters", row.letter.letter_id, evolve(row, owner="", held_until=None))
        until = now + dt.timedelta(seconds=lease_s)
        for row in free:
            claimed = evolve(row, owner=owner, held_until=until, tries=row.tries + 1)
            self.view.put("letters", row.letter.letter_id, claimed)
        return [row.letter for row in free]

    async def mark(self, letter_id: str, owner: str, state: LetterState, *, reason: str = "") -> bool:
        return self._change(letter_id, owner, lambda row: evolve(row, state=state, reason=reason, owner=""))

    async def postpone(self, letter_id: str, owner: str, until: dt.datetime, *, reason: str = "") -> bool:
        def later(row: KeptLetter) -> KeptLetter:
            return evolve(row, due=until, owner="", held_until=None, reason=reason)

        return self._change(letter_id, owner, later)

    async def revive(self, user_id: UserId) -> int:
        lost = [r for r in self._rows(LetterState.UNREACHABLE) if r.letter.user_id == user_id]
        for row in lost:
            again = evolve(row, state=LetterState.WAITING, held_until=None)
            self.view.put("letters", row.letter.letter_id, again)
        return len(lost)

    async def waiting(self) -> int:
        return len(self._rows(LetterState.WAITING))

    async def ended(self, state: LetterState, *, limit: int = 100) -> Sequence[Letter]:
        return [row.letter for row in reversed(self._rows(state))][:limit]

    def _rows(self, state: LetterState | None = None) -> list[KeptLetter]:
        every = (row for row in self.view.scan("letters") if state in {None, row.state})
        return sorted(every, key=lambda row: (row.letter.created_at, row.number))

    def _change(self, letter_id: str, owner: str, change: Callable[[KeptLetter], KeptLetter]) -> bool:
        row: KeptLetter | None = self.view.get("letters", letter_id)
        if row is None or not owner or row.owner != owner or row.state is not LetterState.WAITING:
            return False
        self.view.put("letters", letter_id, change(row))
        return True


@frozen
class MemoryAudit(AuditLog):
    """Rows by id; nothing changes or leaves."""

    view: View

    async def put(self, row: AuditRow) -> None:
        kept: AuditRow | None = self.view.get("audit", row.row_id)
        if kept is not None and kept != row:
            raise Conflict("audit", row.row_id)
        if kept is None:
            self.view.put("audit", row.row_id, row)

    async def kept(
        self,
        *,
        after: int,
        upto: int | None = None,
        before: dt.datetime | None = None,  # noqa: ARG002 - a row is there as soon as it is kept
        limit: int,
    ) -> Sequence[NumberedRow]:
        numbered = enumerate(self.view.scan("audit"), 1)
        found = [NumberedRow(n, row) for n, row in numbered if n > after and (upto is None or n <= upto)]
        return found[:limit]

    async def of(self, subject: str) -> Sequence[AuditRow]:
        rows: list[AuditRow] = [row for row in self.view.scan("audit") if row.subject == subject]
        return sorted(rows, key=lambda row: row.at)


@frozen
class MemoryLeases(Leases):
    """Leases by name, timed by one clock."""

    view: View
    clock: Clock

    async def take(self, name: str, owner: str, *, term_s: float) -> Lease | None:
        now, kept = self.clock.monotonic_s(), self.view.get("leases", name)
        if kept is not None and kept[0].owner != owner and now < kept[1]:
            return None
        before: int = kept[0].fence if kept is not None else 0
        same = kept is not None and kept[0].owner == owner and now < kept[1]
        lease = Lease(name, owner, before if same else before + 1, term_s)
        self.view.put("leases", name, (lease, now + term_s))
        return lease

    async def release(self, lease: Lease) -> None:
        kept = self.view.get("leases", lease.name)
        if kept is not None and (kept[0].owner, kept[0].fence) == (lease.owner, lease.fence):
            self.view.put("leases", lease.name, (kept[0], float("-inf")))
