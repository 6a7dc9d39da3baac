"""Top-ups, saved under their version; a payment link has one owner in each mode, by a unique index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.mongo.documents import LONG_AGO, InvoiceDocument, from_document, to_document
from adapters.mongo.scope import Document, Scope, Sort
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.invoices import InvoiceRepository


@frozen
class MongoInvoices(InvoiceRepository):
    """Invoices by id and by link."""

    scope: Scope

    async def add(self, invoice: Invoice) -> None:
        if self.scope.careful:
            await self._refuse_taken_links(invoice)
        if not await self.scope.insert(InvoiceDocument, _document(invoice)):
            raise Conflict("invoice", invoice.invoice_id)

    async def get(self, invoice_id: InvoiceId) -> Invoice:
        found = await self.scope.one(InvoiceDocument, {"_id": invoice_id})
        if found is None:
            raise NotFound("invoice", invoice_id)
        return from_document(found, Invoice)

    async def by_track_id(self, track_id: str, mode: Mode) -> Invoice | None:
        query = {"mode": mode.value, "links.track_id": track_id}
        found = await self.scope.one(InvoiceDocument, query)
        return None if found is None else from_document(found, Invoice)

    async def save(self, invoice: Invoice) -> None:
        if self.scope.careful:
            await self._refuse_taken_links(invoice)
        replaced = await self.scope.replace(InvoiceDocument, _document(invoice), version=invoice.version - 1)
        if not replaced:
            await self.get(invoice.invoice_id)
            raise Conflict("invoice", invoice.invoice_id)

    async def of_user(self, user_id: UserId, mode: Mode, *, limit: int = 10) -> Sequence[Invoice]:
        query = {"user_id": user_id, "mode": mode.value}
        return await self._some(query, [("created_at", -1), ("_id", -1)], limit)

    async def to_ask(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Invoice]:
        return await self._some(
            {"ask_at": {"$gt": LONG_AGO, "$lte": now}}, [("ask_at", 1), ("_id", 1)], limit
        )

    async def in_review(self, *, limit: int = 100) -> Sequence[Invoice]:
        return await self._some({"in_review": True}, [("updated_at", 1), ("_id", 1)], limit)

    async def _some(self, query: Document, sort: Sort, limit: int) -> list[Invoice]:
        found = await self.scope.some(InvoiceDocument, query, sort=sort, limit=limit)
        return [from_document(invoice, Invoice) for invoice in found]

    async def _refuse_taken_links(self, invoice: Invoice) -> None:
        for link in invoice.links:
            owner = await self.by_track_id(link.track_id, invoice.mode)
            if owner is not None and owner.invoice_id != invoice.invoice_id:
                raise Conflict("link", link.track_id)


def _document(invoice: Invoice) -> Document:
    return to_document(invoice, in_review=invoice.in_review)
