"""Who is in a segment, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.memory.database import View
from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.user import User
from shipping_core.ports.segments import Segments


@frozen
class MemorySegments(Segments):
    """Looks at every user."""

    view: View

    async def count(self, segment: Segment, mode: Mode, now: dt.datetime) -> int:
        return len(self._found(segment, mode, now))

    async def some(
        self, segment: Segment, mode: Mode, now: dt.datetime, *, after: UserId | str = "", limit: int = 100
    ) -> Sequence[User]:
        return [u for u in self._found(segment, mode, now) if u.user_id > after][:limit]

    def _found(self, segment: Segment, mode: Mode, now: dt.datetime) -> list[User]:
        return sorted(
            (u for u in self.view.scan("users") if self._in(u, segment, mode, now)), key=lambda u: u.user_id
        )

    def _in(self, user: User, segment: Segment, mode: Mode, now: dt.datetime) -> bool:
        if user.blocked or user.erased_at is not None:
            return False
        if segment.language not in {"", user.language}:
            return False
        balance = self.view.get("balances", (mode, user.user_id)) or Balance()
        if segment.with_balance and balance.posted.minor <= 0:
            return False
        days = segment.active_days
        return days is None or (user.seen_at or user.joined_at) >= now - dt.timedelta(days=days)
