"""Conversations: a load is one round trip, a save is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.mongo.documents import SessionDocument, from_document, to_document
from adapters.mongo.scope import Scope
from shipping_core.conversation.session import Session
from shipping_core.domain.ids import UserId
from shipping_core.errors import Conflict
from shipping_core.ports.sessions import SessionRepository


@frozen
class MongoSessions(SessionRepository):
    """One document per user; the server forgets a spent one after its time."""

    scope: Scope

    async def load(self, user_id: UserId) -> Session | None:
        found = await self.scope.one(SessionDocument, {"_id": user_id})
        return None if found is None else from_document(found, Session)

    async def save(self, session: Session) -> None:
        document = to_document(session, waits=session.waits, spent=session.spent)
        if session.first:
            kept = await self.scope.insert(SessionDocument, document)
        else:
            kept = await self.scope.replace(SessionDocument, document, version=session.version - 1)
        if not kept:
            raise Conflict("session", session.user_id)

    async def unanswered(self, before: dt.datetime, *, limit: int = 100) -> Sequence[Session]:
        query = {"waits": True, "last_updated": {"$lt": before}}
        oldest = [("last_updated", 1), ("_id", 1)]
        found = await self.scope.some(SessionDocument, query, sort=oldest, limit=limit)
        return [from_document(session, Session) for session in found]
