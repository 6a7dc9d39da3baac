"""Segments of users: read in the order of ids, out of the users or out of the balances that hold money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen
from odmantic import Model

from adapters.mongo.documents import BalanceDocument, UserDocument, from_document
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.user import User
from shipping_core.ports.segments import Segments

WITH_MONEY: Document = {"available": {"$gt": 0}}


@frozen
class MongoSegments(Segments):
    """Users by one pipeline."""

    scope: Scope

    async def count(self, segment: Segment, mode: Mode, now: dt.datetime) -> int:
        (counted,) = await self._read(segment, mode, now, "", [{"$count": "users"}]) or [{"users": 0}]
        users: int = counted["users"]
        return users

    async def some(
        self, segment: Segment, mode: Mode, now: dt.datetime, *, after: UserId | str = "", limit: int = 100
    ) -> Sequence[User]:
        if limit <= 0:
            return []
        return [
            from_document(d, User) for d in await self._read(segment, mode, now, after, [{"$limit": limit}])
        ]

    async def _read(
        self, segment: Segment, mode: Mode, now: dt.datetime, after: str, end: list[Document]
    ) -> list[Document]:
        wanted = {"$match": _wanted(segment, now)}
        if segment.with_balance:
            kind: type[Model] = BalanceDocument
            hint = "with_money"
            rich = {"_id.mode": mode.value, "_id.user": {"$gt": after}, **WITH_MONEY}
            stages = [{"$match": rich}, {"$sort": {"_id.user": 1}}, *USER_OF_BALANCE, wanted]
        else:
            kind, hint = UserDocument, "_id_"
            stages = [{"$match": {"_id": {"$gt": after}}}, {"$sort": {"_id": 1}}, wanted]
        with self.scope.act():
            found = await self.scope.collection(kind).aggregate(
                [*stages, *end], hint=hint, session=self.scope.session
            )
            return await found.to_list()


USER_OF_BALANCE: list[Document] = [
    {"$lookup": {"from": +UserDocument, "localField": "_id.user", "foreignField": "_id", "as": "user"}},
    {"$unwind": "$user"},
    {"$replaceRoot": {"newRoot": "$user"}},
]


def _wanted(segment: Segment, now: dt.datetime) -> Document:
    wanted: Document = {"blocked": False, "erased_at": None}
    if segment.language:
        wanted["language"] = segment.language
    since = segment.seen_since(now)
    if since is not None:
        wanted["seen_at"] = {"$gte": since}
    return wanted
