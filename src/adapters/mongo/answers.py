"""Counted guesses and answers given once; the server forgets both by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import asdict, frozen
from pymongo import ReturnDocument

from adapters.mongo.documents import AnswerDocument, GuessesDocument, from_document
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.access import FREE_GUESSES, GUESS_WINDOW, LONGEST_WAIT, Guesses
from shipping_core.errors import BeingAnswered, InvalidInput
from shipping_core.ports.answers import ANSWERED_WITHIN, KEPT_FOR, Answer, AnswerLog
from shipping_core.ports.guesses import GuessLog


@frozen
class MongoGuesses(GuessLog):
    """One document a network, counted in one step on the server."""

    scope: Scope

    async def of(self, network: str) -> Guesses | None:
        found = await self.scope.one(GuessesDocument, {"_id": network})
        return None if found is None else from_document(found, Guesses)

    async def add(self, network: str, at: dt.datetime) -> Guesses:
        remembered = {"$gt": ["$until", at]}
        count: dict[str, Any] = {"$cond": [remembered, {"$add": ["$count", 1]}, 1]}
        counted = {"count": count, "since": {"$cond": [remembered, "$since", at]}, "last": at}
        few = {"$lt": ["$count", FREE_GUESSES]}
        until = {"$cond": [few, _plus("$since", GUESS_WINDOW), _plus("$last", 2 * LONGEST_WAIT)]}
        with self.scope.act():
            found: Document | None = await self.scope.collection(GuessesDocument).find_one_and_update(
                {"_id": network},
                [{"$set": counted}, {"$set": {"until": until}}],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return from_document(found or {}, Guesses)


def _plus(field: str, time: dt.timedelta) -> dict[str, Any]:
    return {"$add": [field, round(time.total_seconds() * 1000)]}


@frozen
class MongoAnswers(AnswerLog):
    """One document a key; inserting it, or taking over a dead one's, is the right to answer."""

    scope: Scope

    async def begin(self, key: str, request_hash: str, at: dt.datetime) -> Answer | None:
        nothing = {"status": 0, "content": b"", "media_type": "", "etag": ""}
        mine = {"request_hash": request_hash, "begun_at": at, **nothing}
        if await self.scope.insert(AnswerDocument, {"_id": key, **mine}):
            return None
        found = await self.scope.one(AnswerDocument, {"_id": key})
        if found is None:
            raise _being_answered()
        begun = AnswerDocument.model_validate_doc(found)
        over = at - begun.begun_at
        if over < KEPT_FOR:
            if begun.request_hash != request_hash:
                raise InvalidInput("Idempotency-Key", "it was used for another request: make a new one")
            if begun.status:
                return Answer(begun.status, begun.content, begun.media_type, begun.etag)
        if over < ANSWERED_WITHIN or not await self._take_over(begun, mine):
            raise _being_answered()
        return None

    async def finish(self, key: str, answer: Answer) -> None:
        await self.scope.change(AnswerDocument, {"_id": key}, {"$set": asdict(answer)})

    async def forget(self, key: str) -> None:
        with self.scope.act():
            await self.scope.collection(AnswerDocument).delete_one({"_id": key})

    async def _take_over(self, dead: AnswerDocument, mine: Document) -> bool:
        query = {"_id": dead.key, "begun_at": dead.begun_at, "status": dead.status}
        return await self.scope.change(AnswerDocument, query, {"$set": mine})


def _being_answered() -> BeingAnswered:
    return BeingAnswered("request", "it is being answered: ask again in a moment")
