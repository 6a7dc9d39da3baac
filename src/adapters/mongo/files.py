"""Label files; the server forgets them after their time."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from adapters.mongo.documents import FileDocument
from adapters.mongo.scope import Scope
from shipping_core.domain.ids import OrderId
from shipping_core.ports.documents import LabelDocuments


@frozen
class MongoFiles(LabelDocuments):
    """One PDF per order."""

    scope: Scope

    async def put(self, order_id: OrderId, content: bytes, at: dt.datetime) -> None:
        change = {"$set": {"content": content, "kept_at": at}}
        await self.scope.change(FileDocument, {"_id": order_id}, change, upsert=True)

    async def get(self, order_id: OrderId) -> bytes | None:
        found = await self.scope.one(FileDocument, {"_id": order_id})
        return None if found is None else FileDocument.model_validate_doc(found).content
