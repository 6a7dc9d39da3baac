"""Sessions, users, label files and transactions in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from attrs import evolve, frozen

from adapters.memory.alerts import MemoryAlerts
from adapters.memory.answers import MemoryAnswers, MemoryGuesses
from adapters.memory.balances import MemoryBalances
from adapters.memory.books import MemoryBooks
from adapters.memory.database import Database, View
from adapters.memory.invoices import MemoryInbox, MemoryInvoices
from adapters.memory.lists import MemoryLists
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryAudit, MemoryLeases, MemoryOutbox
from adapters.memory.personal_data import MemoryPersonalData
from adapters.memory.segments import MemorySegments
from adapters.memory.shelves import MemoryShelf
from adapters.memory.statistics import MemoryStatistics
from shipping_core.conversation.session import Session
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import R
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
        if session.first if stored is None else stored.version == session.version - 1:
            self.view.put("sessions", session.user_id, session)
            return
        raise Conflict("session", session.user_id)

    async def unanswered(self, before: dt.datetime, *, limit: int = 100) -> Sequence[Session]:
        waiting = [s for s in self.view.scan("sessions") if s.waits and s.last_updated < before]
        return sorted(waiting, key=lambda s: (s.last_updated, s.user_id))[:limit]


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

    async def speak(self, user_id: UserId, language: str) -> None:
        user: User | None = self.view.get("users", user_id)
        if user is not None:
            self.view.put("users", user_id, evolve(user, language=language))

    async def seen(self, user_id: UserId, at: dt.datetime, *, name: str = "", username: str = "") -> None:
        user: User | None = self.view.get("users", user_id)
        if user is not None and user.erased_at is None:
            if name or username:
                user = evolve(user, name=name, username=username)
            self.view.put("users", user_id, evolve(user, seen_at=at))

    async def save(self, user: User) -> None:
        stored = await self.get(user.user_id)
        if stored.version != user.version - 1:
            raise Conflict("user", user.user_id)
        if user.erased_at is None:
            user = evolve(
                user,
                seen_at=stored.seen_at,
                name=stored.name,
                username=stored.username,
                language=stored.language,
            )
        self.view.put("users", user.user_id, user)


@frozen
class MemoryDocuments(LabelDocuments):
    """Label files by order."""

    view: View

    async def put(self, order_id: OrderId, content: bytes, at: dt.datetime) -> None:  # noqa: ARG002 - forgets all at exit
        self.view.put("documents", order_id, content)

    async def get(self, order_id: OrderId) -> bytes | None:
        content: bytes | None = self.view.get("documents", order_id)
        return content


@frozen
class MemoryTransaction(Transaction):
    """The stores as one transaction sees them."""

    view: View

    @property
    def balances(self) -> MemoryBalances:
        return MemoryBalances(self.view)

    @property
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.view)

    @property
    def invoices(self) -> MemoryInvoices:
        return MemoryInvoices(self.view)

    @property
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox(self.view)

    @property
    def audit(self) -> MemoryAudit:
        return MemoryAudit(self.view)

    @property
    def users(self) -> MemoryUsers:
        return MemoryUsers(self.view)

    def shelf(self, kind: type[R]) -> MemoryShelf[R]:
        return MemoryShelf(self.view, kind)


@frozen
class MemoryUnitOfWork(UnitOfWork):
    """Transactions over a `Database`."""

    database: Database

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.transact(lambda view: body(MemoryTransaction(view)))


@frozen
class MemoryStore:
    """Every storage port over one `Database`; all is forgotten at exit."""

    database: Database
    clock: Clock

    @property
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self.database)

    @property
    def balances(self) -> MemoryBalances:
        return MemoryBalances(self.database)

    @property
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.database)

    @property
    def invoices(self) -> MemoryInvoices:
        return MemoryInvoices(self.database)

    @property
    def sessions(self) -> MemorySessions:
        return MemorySessions(self.database)

    @property
    def users(self) -> MemoryUsers:
        return MemoryUsers(self.database)

    @property
    def files(self) -> MemoryDocuments:
        return MemoryDocuments(self.database)

    @property
    def inbox(self) -> MemoryInbox:
        return MemoryInbox(self.database)

    @property
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox(self.database)

    @property
    def audit(self) -> MemoryAudit:
        return MemoryAudit(self.database)

    def shelf(self, kind: type[R]) -> MemoryShelf[R]:
        return MemoryShelf(self.database, kind)

    @property
    def statistics(self) -> MemoryStatistics:
        return MemoryStatistics(self.database)

    @property
    def books(self) -> MemoryBooks:
        return MemoryBooks(self.database)

    @property
    def guesses(self) -> MemoryGuesses:
        return MemoryGuesses(self.database)

    @property
    def answers(self) -> MemoryAnswers:
        return MemoryAnswers(self.database)

    @property
    def lists(self) -> MemoryLists:
        return MemoryLists(self.database)

    @property
    def segments(self) -> MemorySegments:
        return MemorySegments(self.database)

    @property
    def personal_data(self) -> MemoryPersonalData:
        return MemoryPersonalData(self.database)

    @property
    def alerts(self) -> MemoryAlerts:
        return MemoryAlerts(self.database)

    @property
    def leases(self) -> MemoryLeases:
        return MemoryLeases(self.database, self.clock)

    async def ready(self) -> str:
        """Memory is always there."""
        return "ok"
