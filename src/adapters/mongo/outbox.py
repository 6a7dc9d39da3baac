"""Letters to customers: each user's oldest waiting one can be claimed, and one at a time.

A claim is an update of one document, guarded by its state and by the server's clock. `claimed_for` is
unique: while one letter of a user is under way, not even one that became the oldest since (an unreachable
one that was revived, or one whose transaction took longer) can be claimed beside it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.mongo.documents import LONG_AGO, LetterDocument, from_document, next_number, to_document
from adapters.mongo.leases import SERVER_NOW, server_later
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Letter, LetterState
from shipping_core.errors import Conflict
from shipping_core.ports.outbox import Outbox

WAITING = {"state": LetterState.WAITING.value}
FREE: Document = {"owner": "", "held_until": LONG_AGO, "claimed_for": ""}
LAPSED: Document = {"$expr": {"$lte": ["$held_until", SERVER_NOW]}}


@frozen
class MongoOutbox(Outbox):
    """Letters by id, in the order they were written."""

    scope: Scope

    async def put(self, letter: Letter) -> None:
        fresh = {"due": letter.created_at, "reason": "", "tries": 0}
        more = {**WAITING, **FREE, **fresh, "number": next_number()}
        await self.scope.insert(LetterDocument, to_document(letter, **more))

    async def claim(
        self, owner: str, now: dt.datetime, *, lease_s: float, limit: int = 20
    ) -> Sequence[Letter]:
        oldest = await self._oldest(now, limit)
        claimed = await asyncio.gather(*(self._claim(found, owner, now, lease_s) for found in oldest))
        return [from_document(found, Letter) for found, ours in zip(oldest, claimed, strict=True) if ours]

    async def mark(self, letter_id: str, owner: str, state: LetterState, *, reason: str = "") -> bool:
        ended = {"state": state.value, "reason": reason, **FREE}
        return await self.scope.change(LetterDocument, _held(letter_id, owner), {"$set": ended})

    async def postpone(self, letter_id: str, owner: str, until: dt.datetime, *, reason: str = "") -> bool:
        later = {"due": until, "reason": reason, **FREE}
        return await self.scope.change(LetterDocument, _held(letter_id, owner), {"$set": later})

    async def revive(self, user_id: UserId) -> int:
        lost = {"state": LetterState.UNREACHABLE.value, "user_id": user_id}
        with self.scope.act():
            done = await self.scope.collection(LetterDocument).update_many(
                lost, {"$set": WAITING}, session=self.scope.session
            )
        return done.modified_count

    async def waiting(self) -> int:
        with self.scope.act():
            return await self.scope.collection(LetterDocument).count_documents(
                WAITING, session=self.scope.session
            )

    async def ended(self, state: LetterState, *, limit: int = 100) -> Sequence[Letter]:
        newest = [("created_at", -1), ("number", -1)]
        found = await self.scope.some(LetterDocument, {"state": state.value}, sort=newest, limit=limit)
        return [from_document(letter, Letter) for letter in found]

    async def _oldest(self, now: dt.datetime, limit: int) -> list[Document]:
        if limit <= 0:
            return []
        with self.scope.act():
            found = await self.scope.collection(LetterDocument).aggregate(
                [
                    {"$match": WAITING},
                    {"$sort": {"user_id": 1, "created_at": 1, "number": 1}},
                    {"$group": {"_id": "$user_id", "oldest": {"$first": "$$ROOT"}}},
                    {"$replaceRoot": {"newRoot": "$oldest"}},
                    {"$match": {"due": {"$lte": now}, **LAPSED}},
                    {"$sort": {"created_at": 1, "number": 1}},
                    {"$limit": limit},
                ]
            )
            return await found.to_list()

    async def _claim(self, found: Document, owner: str, now: dt.datetime, lease_s: float) -> bool:
        free = {"_id": found["_id"], **WAITING, "due": {"$lte": now}, **LAPSED}
        mine = {
            "owner": {"$literal": owner},
            "held_until": server_later(lease_s),
            "claimed_for": {"$literal": found["user_id"]},
            "tries": {"$add": ["$tries", 1]},
        }
        for _ in range(2):
            try:
                return await self.scope.change(LetterDocument, free, [{"$set": mine}])
            except Conflict:  # another letter of this user is under way, or was left so
                left = {"claimed_for": found["user_id"], **LAPSED}
                if not await self.scope.change(LetterDocument, left, {"$set": FREE}):
                    return False
        return False


def _held(letter_id: str, owner: str) -> Document:
    return {"_id": letter_id, "owner": owner, "claimed_for": {"$gt": ""}, **WAITING}
