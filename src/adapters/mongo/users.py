"""Users, each added once."""

from __future__ import annotations

from attrs import frozen

from adapters.mongo.documents import UserDocument, from_document, to_document
from adapters.mongo.scope import Scope
from shipping_core.domain.ids import UserId
from shipping_core.domain.user import User
from shipping_core.errors import NotFound
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
