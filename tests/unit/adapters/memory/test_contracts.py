"""The memory adapters keep every promise of their ports."""

from __future__ import annotations

import pytest

from adapters.memory.balances import MemoryBalances
from adapters.memory.clock import MemoryClock, MemoryIds
from adapters.memory.database import Database
from adapters.memory.notifier import MemoryNotifier
from adapters.memory.orders import MemoryOrders
from adapters.memory.shipping import MemoryShipping
from adapters.memory.stores import MemoryDocuments, MemorySessions, MemoryUnitOfWork, MemoryUsers
from contracts.balances import BalanceLedgerContract
from contracts.orders import OrderRepositoryContract
from contracts.sessions import SessionRepositoryContract
from contracts.shipping import ShippingGatewayContract
from contracts.small_ports import ClockContract, IdSourceContract, NotifierContract
from contracts.stores import LabelDocumentsContract, UserRepositoryContract
from contracts.unit_of_work import UnitOfWorkContract
from shipping_core.domain.ids import Mode


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def ledger(database: Database) -> MemoryBalances:
    return MemoryBalances(database)


@pytest.fixture
def orders(database: Database) -> MemoryOrders:
    return MemoryOrders(database)


class TestMemoryBalances(BalanceLedgerContract):
    pass


class TestMemoryOrders(OrderRepositoryContract):
    pass


class TestMemoryUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, database: Database) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(database)


class TestMemorySessions(SessionRepositoryContract):
    @pytest.fixture
    def sessions(self, database: Database) -> MemorySessions:
        return MemorySessions(database)


class TestMemoryUsers(UserRepositoryContract):
    @pytest.fixture
    def users(self, database: Database) -> MemoryUsers:
        return MemoryUsers(database)


class TestMemoryDocuments(LabelDocumentsContract):
    @pytest.fixture
    def documents(self, database: Database) -> MemoryDocuments:
        return MemoryDocuments(database)


class TestMemoryShipping(ShippingGatewayContract):
    @pytest.fixture
    def gateway(self) -> MemoryShipping:
        return MemoryShipping()

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.TEST


class TestMemoryNotifier(NotifierContract):
    @pytest.fixture
    def notifier(self) -> MemoryNotifier:
        return MemoryNotifier()


class TestMemoryClock(ClockContract):
    @pytest.fixture
    def clock(self) -> MemoryClock:
        return MemoryClock()


class TestMemoryIds(IdSourceContract):
    @pytest.fixture
    def ids(self) -> MemoryIds:
        return MemoryIds()
