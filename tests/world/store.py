"""The one store of a world: it outlives every worker, and shows each write to the checker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from attrs import define, field, frozen

from adapters.memory.balances import MemoryBalances
from adapters.memory.database import Database, View
from adapters.memory.invoices import MemoryInbox, MemoryInvoices
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryAudit, MemoryOutbox
from adapters.memory.shelves import MemoryShelf
from adapters.memory.stores import MemorySessions, MemoryUsers
from shipping_core.ports.shelves import R
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork

T = TypeVar("T")
Look = Callable[[str, Any, Any, Any], None]
"""Table, key, the document before, the document now."""


def _nobody(table: str, key: Any, before: Any, now: Any) -> None:
    """Nobody looks."""


@define
class WorldDatabase(Database):
    """A database that is watched."""

    look: Look = field(default=_nobody, init=False)

    def put(self, table: str, key: Any, document: Any) -> None:
        before = self.get(table, key)
        Database.put(self, table, key, document)
        self.look(table, key, before, document)

    def crashed(self) -> None:
        """A worker died. What was acknowledged stays."""


@frozen
class Adapters:
    """The storage adapters; a control or a removed rule puts a broken one in."""

    balances: Callable[[View], MemoryBalances] = MemoryBalances
    orders: Callable[[View], MemoryOrders] = MemoryOrders
    invoices: Callable[[View], MemoryInvoices] = MemoryInvoices
    outbox: Callable[[View], MemoryOutbox] = MemoryOutbox
    inbox: Callable[[View], MemoryInbox] = MemoryInbox
    sessions: Callable[[View], MemorySessions] = MemorySessions
    audit: Callable[[View], MemoryAudit] = MemoryAudit
    shelf: Callable[[View, Any], MemoryShelf[Any]] = MemoryShelf


@frozen
class WorldTransaction(Transaction):
    """The stores as one transaction sees them."""

    view: View
    adapters: Adapters

    @property
    def balances(self) -> MemoryBalances:
        return self.adapters.balances(self.view)

    @property
    def orders(self) -> MemoryOrders:
        return self.adapters.orders(self.view)

    @property
    def invoices(self) -> MemoryInvoices:
        return self.adapters.invoices(self.view)

    @property
    def outbox(self) -> MemoryOutbox:
        return self.adapters.outbox(self.view)

    @property
    def audit(self) -> MemoryAudit:
        return self.adapters.audit(self.view)

    @property
    def users(self) -> MemoryUsers:
        return MemoryUsers(self.view)

    def shelf(self, kind: type[R]) -> MemoryShelf[R]:
        return self.adapters.shelf(self.view, kind)


@frozen
class WorldUnitOfWork(UnitOfWork):
    """Transactions over the watched database."""

    database: Database
    adapters: Adapters

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.transact(lambda view: body(WorldTransaction(view, self.adapters)))
