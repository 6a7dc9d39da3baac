"""Several acts, one outcome."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from shipping_core.ports.audit import AuditLog
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.ports.shelves import R, Shelf
from shipping_core.ports.users import UserRepository

T = TypeVar("T")


class Transaction(Protocol):
    """The ports as they look inside one transaction."""

    @property
    @abstractmethod
    def balances(self) -> BalanceLedger:
        """The ledger."""

    @property
    @abstractmethod
    def orders(self) -> OrderRepository:
        """The orders."""

    @property
    @abstractmethod
    def invoices(self) -> InvoiceRepository:
        """The top-ups."""

    @property
    @abstractmethod
    def outbox(self) -> Outbox:
        """The letters."""

    @property
    @abstractmethod
    def audit(self) -> AuditLog:
        """The record of changes."""

    @property
    @abstractmethod
    def users(self) -> UserRepository:
        """The customers."""

    @abstractmethod
    def shelf(self, kind: type[R]) -> Shelf[R]:
        """The records of this kind."""


class UnitOfWork(Protocol):
    """Commits everything a body did, or nothing."""

    @abstractmethod
    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `body` and commit. It may run more than once: no clock, ids, network or outer changes in it.

        Raises whatever the body raises, with nothing committed.

        Raises:
            TransactionConflict: it lost against others again and again; nothing is committed.
            StoreUnavailable: the store did not answer in time; it may be committed or not.
        """
