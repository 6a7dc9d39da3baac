"""Where top-ups are kept."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import Invoice


class InvoiceRepository(Protocol):
    """Keeps invoices; a save only succeeds on the version it was made from."""

    @abstractmethod
    async def add(self, invoice: Invoice) -> None:
        """Keep a new invoice.

        Raises:
            Conflict: its id is taken.
        """

    @abstractmethod
    async def get(self, invoice_id: InvoiceId) -> Invoice:
        """The invoice as it was last saved.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def by_track_id(self, track_id: str, mode: Mode) -> Invoice | None:
        """The invoice that owns this payment link; in one mode a link has one owner."""

    @abstractmethod
    async def save(self, invoice: Invoice) -> None:
        """Replace the stored version `invoice.version - 1`.

        Raises:
            Conflict: another version is stored, or one of its links is another invoice's.
            NotFound: there is none.
        """

    @abstractmethod
    async def of_user(self, user_id: UserId, mode: Mode, *, limit: int = 10) -> Sequence[Invoice]:
        """A user's invoices, newest first."""

    @abstractmethod
    async def to_ask(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Invoice]:
        """Invoices whose `ask_at` has come, longest overdue first."""

    @abstractmethod
    async def in_review(self, *, limit: int = 100) -> Sequence[Invoice]:
        """Invoices with something for an operator to decide, oldest change first."""
