"""Payment notices, each kept once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.mongo.documents import NoticeDocument, from_document, next_number, to_document
from adapters.mongo.scope import Scope
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.payments import Notice


@frozen
class MongoInbox(NoticeInbox):
    """Notices by digest."""

    scope: Scope

    async def put(self, notice: Notice, at: dt.datetime) -> bool:
        document = to_document(notice, at=at, number=next_number(), outcome="")
        return await self.scope.insert(NoticeDocument, document)

    async def pending(self, *, limit: int = 100) -> Sequence[Notice]:
        oldest = [("at", 1), ("number", 1)]
        found = await self.scope.some(NoticeDocument, {"outcome": ""}, sort=oldest, limit=limit)
        return [from_document(notice, Notice) for notice in found]

    async def done(self, digest: str, outcome: str) -> None:
        await self.scope.change(NoticeDocument, {"_id": digest}, {"$set": {"outcome": outcome}})
