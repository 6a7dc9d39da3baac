"""Sessions, users, label files and transactions in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import frozen

from adapters.memory.balances import MemoryBalances
from adapters.memory.database import Database, View
from adapters.memory.orders import MemoryOrders
from shipping_core.conversation.session import Session
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository

T = TypeVar("T")


@frozen
class MemorySessions(SessionRepository):
    """One session per user; a save needs the version it was made from."""

    view: View

    async def load(self, user_id: UserId) -> Session | None:
        session: Session | None = self.view.get("sessions", user_id)
        return session

    async def save(self, session: Session) -> None:
        stored = await self.load(session.user_id)
        if (stored.version if stored else 0) != session.version - 1:
            raise Conflict("session", session.user_id)
        self.view.put("sessions", session.user_id, session)


@frozen
class MemoryUsers(UserRepository):
    """Users by id."""

    view: View

    async def add(self, user: User) -> bool:
        if self.view.get("users", user.user_id) is not None:
            return False
        self.view.put("users", user.user_id, user)
        return True

    async def get(self, user_id: UserId) -> User:
        user: User | None = self.view.get("users", user_id)
        if user is None:
            raise NotFound("user", user_id)
        return user


@frozen
class MemoryDocuments(LabelDocuments):
    """Label files by order."""

    view: View

    async def put(self, order_id: OrderId, content: bytes) -> None:
        self.view.put("documents", order_id, content)

    async def get(self, order_id: OrderId) -> bytes | None:
        content: bytes | None = self.view.get("documents", order_id)
        return content


@frozen
class _MemoryTransaction(Transaction):
    view: View

    @property
    def balances(self) -> MemoryBalances:
        return MemoryBalances(self.view)

    @property
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.view)


@frozen
class MemoryUnitOfWork(UnitOfWork):
    """Transactions over a `Database`."""

    database: Database

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.transact(lambda view: body(_MemoryTransaction(view)))
