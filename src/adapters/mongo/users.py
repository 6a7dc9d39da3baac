"""Users, each added once."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from adapters.mongo.documents import UserDocument, from_document, to_document
from adapters.mongo.scope import Scope
from shipping_core.domain.ids import UserId
from shipping_core.domain.listing import user_words
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.users import UserRepository


@frozen
class MongoUsers(UserRepository):
    """Users by id."""

    scope: Scope

    async def add(self, user: User) -> bool:
        return await self.scope.insert(UserDocument, to_document(user))

    async def get(self, user_id: UserId) -> User:
        found = await self.scope.one(UserDocument, {"_id": user_id})
        if found is None:
            raise NotFound("user", user_id)
        return from_document(found, User)

    async def speak(self, user_id: UserId, language: str) -> None:
        await self.scope.change(UserDocument, {"_id": user_id}, {"$set": {"language": language}})

    async def seen(self, user_id: UserId, at: dt.datetime, *, name: str = "", username: str = "") -> None:
        words = user_words(user_id, name, username)
        called = {"name": name, "username": username, "words": list(words)} if name or username else {}
        change = {"$set": {"seen_at": at, **called}}
        await self.scope.change(UserDocument, {"_id": user_id, "erased_at": None}, change)

    async def save(self, user: User) -> None:
        keep = () if user.erased_at else ("seen_at", "name", "username", "language", "words")
        replaced = await self.scope.replace(
            UserDocument, to_document(user), version=user.version - 1, keep=keep
        )
        if not replaced:
            await self.get(user.user_id)
            raise Conflict("user", user.user_id)
