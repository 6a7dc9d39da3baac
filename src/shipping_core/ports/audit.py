"""The append-only record of changes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.audit import AuditRow


class AuditLog(Protocol):
    """Keeps rows for ever; nothing is changed or removed."""

    @abstractmethod
    async def put(self, row: AuditRow) -> None:
        """Keep a row.

        Raises:
            Conflict: a row of this id is kept already, with other content.
        """

    @abstractmethod
    async def of(self, subject: str) -> Sequence[AuditRow]:
        """Everything recorded about one thing, in the order it happened."""
