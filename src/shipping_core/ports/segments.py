"""Who is in a segment."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.user import User


class Segments(Protocol):
    """Users by what broadcasts choose them by; blocked and erased ones are never among them."""

    @abstractmethod
    async def count(self, segment: Segment, mode: Mode, now: dt.datetime) -> int:
        """How many are in it."""

    @abstractmethod
    async def some(
        self, segment: Segment, mode: Mode, now: dt.datetime, *, after: UserId | str = "", limit: int = 100
    ) -> Sequence[User]:
        """Those in it, in the order of their ids, behind `after`."""
