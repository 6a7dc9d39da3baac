"""Payment notices that were received and not worked off yet."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.ports.payments import Notice


class NoticeInbox(Protocol):
    """Keeps each notice once, by its digest, until it is done."""

    @abstractmethod
    async def put(self, notice: Notice, at: dt.datetime) -> bool:
        """Keep it; False, and nothing changed, when the same bytes came before."""

    @abstractmethod
    async def pending(self, *, limit: int = 100) -> Sequence[Notice]:
        """Notices that are not done, oldest first."""

    @abstractmethod
    async def done(self, digest: str, outcome: str) -> None:
        """Worked off; `outcome` is a word for the operators, such as `credited` or `unmatched`."""
