"""Blanks what is personal: each step may be repeated, and an order is changed under its version only."""

from __future__ import annotations

import contextlib
import datetime as dt

from attrs import frozen

from adapters.mongo.documents import (
    SET,
    ContactDocument,
    FileDocument,
    LetterDocument,
    OrderDocument,
    ParcelPresetDocument,
    RefundDocument,
    SessionDocument,
    TemplateDocument,
    from_document,
)
from adapters.mongo.orders import MongoOrders
from adapters.mongo.outbox import FREE
from adapters.mongo.scope import Document, Scope, Sort
from adapters.mongo.shelves import MongoShelf
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import TO_COME, LetterState
from shipping_core.domain.order import UNDER_WAY, Order
from shipping_core.domain.refund import WRITTEN, Refund
from shipping_core.errors import Conflict
from shipping_core.ports.personal_data import PersonalData

NAMED: Document = {"addresses_gone": False, "state": {"$nin": sorted(s.value for s in UNDER_WAY)}}
AT_ONCE = 100


@frozen
class MongoPersonalData(PersonalData):
    """Over the same collections as everything else."""

    scope: Scope

    async def erase(self, user_id: UserId) -> None:
        mine = {"user_id": user_id}
        with self.scope.act():
            await self.scope.collection(SessionDocument).delete_many({"_id": user_id})
            for kind in (TemplateDocument, ContactDocument, ParcelPresetDocument):
                await self.scope.collection(kind).delete_many(mine)
            letters = self.scope.collection(LetterDocument)
            await letters.update_many(
                {**mine, "state": {"$in": [state.value for state in TO_COME]}},
                {"$set": {"state": LetterState.DEAD.value, "reason": "erased", **FREE}},
            )
            await letters.update_many(mine, {"$set": {"facts": {}}})
        await self._refunds(user_id)
        while await self._forget({**mine, **NAMED}, limit=AT_ONCE):
            pass
        if await self.scope.one(OrderDocument, {**mine, "addresses_gone": False}):
            raise Conflict("order", f"of {user_id} is under way")

    async def forget_addresses(self, before: dt.datetime, *, limit: int = 100) -> int:
        old = {**NAMED, "updated_at": {"$lt": before}}
        return await self._forget(old, sort=[("updated_at", 1), ("_id", 1)], limit=limit)

    async def _refunds(self, user_id: UserId) -> None:
        """Each under its version; one that somebody changes meanwhile is read once more."""
        wanted = {"user_id": user_id, "$or": [{name: SET} for name in WRITTEN]}
        while found := await self.scope.some(RefundDocument, wanted, limit=AT_ONCE):
            for document in found:
                with contextlib.suppress(Conflict):
                    await MongoShelf(self.scope, Refund).save(from_document(document, Refund).forgotten())

    async def _forget(self, query: Document, *, sort: Sort = (), limit: int) -> int:
        """How many orders were changed; one that somebody changes meanwhile is left for the next time."""
        done = 0
        for found in await self.scope.some(OrderDocument, query, sort=sort, limit=limit):
            with self.scope.act():
                await self.scope.collection(FileDocument).delete_one({"_id": found["_id"]})
            with contextlib.suppress(Conflict):
                await MongoOrders(self.scope).save(from_document(found, Order).forgotten())
                done += 1
        return done
