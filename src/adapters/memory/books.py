"""The books' own check in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from adapters.memory.database import Database
from shipping_core.domain import books
from shipping_core.domain.books import Difference
from shipping_core.ports.books import Books


@frozen
class MemoryBooks(Books):
    """Reads everything."""

    database: Database

    async def differences(self, *, limit: int = 100) -> Sequence[Difference]:
        journal = (line for t in self.database.scan("transfers") for line in books.booked(t))
        return books.compared(journal, self._stated())[:limit]

    def _stated(self) -> Iterator[books.Line]:
        for (mode, user_id), balance in self.database.documents("balances").items():
            yield from books.stated_by_balance(user_id, mode, balance)
        for order in self.database.scan("orders"):
            yield from books.stated_by_order(order)
        for invoice in self.database.scan("invoices"):
            yield from books.stated_by_invoice(invoice)
        for refund in self.database.scan("Refund"):
            yield from books.stated_by_refund(refund)
