"""The append-only record of changes."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.audit import AuditRow
from shipping_core.domain.seal import NumberedRow


class AuditLog(Protocol):
    """Keeps rows for ever; nothing is changed or removed."""

    @abstractmethod
    async def put(self, row: AuditRow) -> None:
        """Keep a row.

        Raises:
            Conflict: a row of this id is kept already, with other content.
        """

    @abstractmethod
    async def kept(
        self, *, after: int, upto: int | None = None, before: dt.datetime | None = None, limit: int
    ) -> Sequence[NumberedRow]:
        """The next rows in the order they were kept: of a higher number, up to another one where that is
        said, and kept before a moment by the store's clock."""

    @abstractmethod
    async def of(self, subject: str) -> Sequence[AuditRow]:
        """Everything recorded about one thing, in the order it happened."""
