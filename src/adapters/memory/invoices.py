"""Top-ups, and the notices about them, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.memory.database import View
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.payments import Notice


@frozen
class MemoryInvoices(InvoiceRepository):
    """Invoices by id; a payment link has one owner in each mode."""

    view: View

    async def add(self, invoice: Invoice) -> None:
        if self.view.get("invoices", invoice.invoice_id) is not None:
            raise Conflict("invoice", invoice.invoice_id)
        self._own(invoice)
        self.view.put("invoices", invoice.invoice_id, invoice)

    async def get(self, invoice_id: InvoiceId) -> Invoice:
        invoice: Invoice | None = self.view.get("invoices", invoice_id)
        if invoice is None:
            raise NotFound("invoice", invoice_id)
        return invoice

    async def by_track_id(self, track_id: str, mode: Mode) -> Invoice | None:
        owner: InvoiceId | None = self.view.get("links", (mode, track_id))
        return None if owner is None else await self.get(owner)

    async def save(self, invoice: Invoice) -> None:
        stored = await self.get(invoice.invoice_id)
        if stored.version != invoice.version - 1:
            raise Conflict("invoice", invoice.invoice_id)
        self._own(invoice)
        self.view.put("invoices", invoice.invoice_id, invoice)

    async def of_user(self, user_id: UserId, mode: Mode, *, limit: int = 10) -> Sequence[Invoice]:
        mine = [i for i in self._all() if (i.user_id, i.mode) == (user_id, mode)]
        return sorted(mine, key=lambda i: (i.created_at, i.invoice_id), reverse=True)[:limit]

    async def to_ask(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Invoice]:
        due = [(i.ask_at, i.invoice_id, i) for i in self._all() if i.ask_at is not None and i.ask_at <= now]
        return [invoice for _, _, invoice in sorted(due, key=lambda d: d[:2])][:limit]

    async def in_review(self, *, limit: int = 100) -> Sequence[Invoice]:
        return sorted((i for i in self._all() if i.in_review), key=lambda i: (i.updated_at, i.invoice_id))[
            :limit
        ]

    def _all(self) -> list[Invoice]:
        return list(self.view.scan("invoices"))

    def _own(self, invoice: Invoice) -> None:
        for link in invoice.links:
            if self.view.get("links", (invoice.mode, link.track_id)) not in {None, invoice.invoice_id}:
                raise Conflict("link", link.track_id)
        for link in invoice.links:
            self.view.put("links", (invoice.mode, link.track_id), invoice.invoice_id)


@frozen
class MemoryInbox(NoticeInbox):
    """Notices by digest."""

    view: View

    async def put(self, notice: Notice, at: dt.datetime) -> bool:
        if self.view.get("notices", notice.digest) is not None:
            return False
        self.view.put("notices", notice.digest, (at, notice, ""))
        return True

    async def pending(self, *, limit: int = 100) -> Sequence[Notice]:
        waiting = [(at, notice) for at, notice, outcome in self.view.scan("notices") if not outcome]
        return [notice for _, notice in sorted(waiting, key=lambda w: w[0])][:limit]

    async def done(self, digest: str, outcome: str) -> None:
        kept = self.view.get("notices", digest)
        if kept is not None:
            self.view.put("notices", digest, (*kept[:2], outcome))
