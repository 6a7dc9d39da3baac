"""Segments of users in memory."""

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
    """Users, one by one."""

    view: View

    async def count(self, segment: Segment, mode: Mode, now: dt.datetime) -> int:
        return len(self._all(segment, mode, now))

    async def some(
        self, segment: Segment, mode: Mode, now: dt.datetime, *, after: UserId | str = "", limit: int = 100
    ) -> Sequence[User]:
        return [u for u in self._all(segment, mode, now) if u.user_id > after][: max(0, limit)]

    def _all(self, segment: Segment, mode: Mode, now: dt.datetime) -> list[User]:
        found: list[User] = [
            user
            for user in self.view.scan("users")
            if segment.has(user, now) and (not segment.with_balance or self._has_money(user, mode))
        ]
        return sorted(found, key=lambda user: user.user_id)

    def _has_money(self, user: User, mode: Mode) -> bool:
        balance: Balance | None = self.view.get("balances", (mode, user.user_id))
        return balance is not None and balance.available.minor > 0
