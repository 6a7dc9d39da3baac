"""The record of changes: rows are inserted, never changed or removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.mongo.documents import AuditDocument, from_document, next_number, to_document
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.seal import NumberedRow
from shipping_core.errors import Conflict
from shipping_core.ports.audit import AuditLog


@frozen
class MongoAudit(AuditLog):
    """Rows by id."""

    scope: Scope

    async def put(self, row: AuditRow) -> None:
        if await self.scope.insert(AuditDocument, to_document(row, number=next_number())):
            return
        kept = await self.scope.one(AuditDocument, {"_id": row.row_id})
        if kept is None or {**kept, "number": 0} != to_document(row, number=0):
            raise Conflict("audit", row.row_id)

    async def kept(
        self, *, after: int, upto: int | None = None, before: dt.datetime | None = None, limit: int
    ) -> Sequence[NumberedRow]:
        number: Document = {"$gt": after}
        if upto is not None:
            number["$lte"] = upto
        if before is not None:
            number["$lt"] = int(before.timestamp() * 1e9)
        rows = await self.scope.some(AuditDocument, {"number": number}, sort=[("number", 1)], limit=limit)
        return [NumberedRow(int(row["number"]), from_document(row, AuditRow)) for row in rows]

    async def of(self, subject: str) -> Sequence[AuditRow]:
        with self.scope.act():
            rows = self.scope.collection(AuditDocument).find(
                {"subject": subject}, sort=[("at", 1), ("number", 1)], session=self.scope.session
            )
            return [from_document(row, AuditRow) for row in await rows.to_list()]
