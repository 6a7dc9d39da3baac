"""Several acts in one transaction of the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import frozen

from adapters.mongo.audit import MongoAudit
from adapters.mongo.balances import MongoBalances
from adapters.mongo.invoices import MongoInvoices
from adapters.mongo.orders import MongoOrders
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.scope import Scope
from adapters.mongo.shelves import MongoShelf
from adapters.mongo.users import MongoUsers
from shipping_core.ports.shelves import R
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork

T = TypeVar("T")


@frozen
class MongoTransaction(Transaction):
    """The stores as one transaction sees them; its acts are made one after another."""

    scope: Scope

    @property
    def balances(self) -> MongoBalances:
        return MongoBalances(self.scope)

    @property
    def orders(self) -> MongoOrders:
        return MongoOrders(self.scope)

    @property
    def invoices(self) -> MongoInvoices:
        return MongoInvoices(self.scope)

    @property
    def outbox(self) -> MongoOutbox:
        return MongoOutbox(self.scope)

    @property
    def audit(self) -> MongoAudit:
        return MongoAudit(self.scope)

    @property
    def users(self) -> MongoUsers:
        return MongoUsers(self.scope)

    def shelf(self, kind: type[R]) -> MongoShelf[R]:
        return MongoShelf(self.scope, kind)


@frozen
class MongoUnitOfWork(UnitOfWork):
    """Transactions with snapshot reads and majority writes."""

    scope: Scope

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.scope.transact(lambda scope: body(MongoTransaction(scope)))
