"""The memory adapters keep every promise of their ports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from attrs import evolve

from a_ledger import Kept
from adapters.memory.answers import MemoryAnswers, MemoryGuesses
from adapters.memory.balances import MemoryBalances
from adapters.memory.clock import MemoryClock, MemoryIds, MemorySecrets
from adapters.memory.database import Database
from adapters.memory.invoices import MemoryInbox, MemoryInvoices
from adapters.memory.notifier import MemoryNotifier
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryAudit, MemoryLeases, MemoryOutbox
from adapters.memory.shelves import MemoryShelf
from adapters.memory.shipping import MemoryShipping
from adapters.memory.stores import (
    MemoryDocuments,
    MemorySessions,
    MemoryStore,
    MemoryUnitOfWork,
    MemoryUsers,
)
from contracts.alerts import AlertsContract
from contracts.answers import AnswerLogContract, GuessLogContract
from contracts.audit import AuditLogContract
from contracts.balances import BalanceLedgerContract
from contracts.books import BooksContract
from contracts.copies import CopiesContract
from contracts.inbox import NoticeInboxContract
from contracts.invoices import InvoiceRepositoryContract
from contracts.leases import LeasesContract
from contracts.lists import ListsContract
from contracts.orders import OrderRepositoryContract
from contracts.outbox import OutboxContract
from contracts.personal_data import PersonalDataContract
from contracts.segments import SegmentsContract
from contracts.sessions import SessionRepositoryContract
from contracts.shelves import ShelfContract
from contracts.shipping import ShippingGatewayContract
from contracts.small_ports import ClockContract, IdSourceContract, NotifierContract, SecretSourceContract
from contracts.statistics import StatisticsContract
from contracts.stores import LabelDocumentsContract, UserRepositoryContract
from contracts.unit_of_work import UnitOfWorkContract
from shipping_core.domain.broadcast import Copy
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.money import Money


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


class TestMemoryInvoices(InvoiceRepositoryContract):
    @pytest.fixture
    def invoices(self, database: Database) -> MemoryInvoices:
        return MemoryInvoices(database)


class TestMemoryBooks(BooksContract):
    @pytest.fixture
    def store(self, database: Database) -> MemoryStore:
        return MemoryStore(database, MemoryClock())

    async def falsify(self, store: Kept, user_id: UserId, mode: Mode, cents: int) -> None:
        balance = await store.balances.balance(user_id, mode)
        false = evolve(balance, available=balance.available + Money(cents))
        assert isinstance(store, MemoryStore)
        store.database.put("balances", (mode, user_id), false)


class TestMemoryCopies(CopiesContract):
    @pytest.fixture
    def copies(self, database: Database) -> MemoryShelf[Copy]:
        return MemoryShelf(database, Copy)


class TestMemoryInbox(NoticeInboxContract):
    @pytest.fixture
    def inbox(self, database: Database) -> MemoryInbox:
        return MemoryInbox(database)


class TestMemoryAudit(AuditLogContract):
    @pytest.fixture
    def audit(self, database: Database) -> MemoryAudit:
        return MemoryAudit(database)


class TestMemoryLeases(LeasesContract):
    clock = MemoryClock()

    @pytest.fixture
    def leases(self, database: Database) -> MemoryLeases:
        return MemoryLeases(database, self.clock)

    async def pass_s(self, seconds: float) -> None:
        self.clock.advance(dt.timedelta(seconds=seconds))


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self, database: Database) -> MemoryOutbox:
        return MemoryOutbox(database)

    async def pass_s(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class TestMemoryStatistics(StatisticsContract):
    @pytest.fixture
    def books(self, database: Database) -> MemoryStore:
        return MemoryStore(database, MemoryClock())


class TestMemorySecrets(SecretSourceContract):
    @pytest.fixture
    def secrets(self) -> MemorySecrets:
        return MemorySecrets()


class TestMemoryGuesses(GuessLogContract):
    @pytest.fixture
    def guesses(self, database: Database) -> MemoryGuesses:
        return MemoryGuesses(database)


class TestMemoryAnswers(AnswerLogContract):
    @pytest.fixture
    def answers(self, database: Database) -> MemoryAnswers:
        return MemoryAnswers(database)


@pytest.fixture
def store(database: Database) -> MemoryStore:
    return MemoryStore(database, MemoryClock())


class TestMemoryShelf(ShelfContract):
    pass


class TestMemoryLists(ListsContract):
    pass


class TestMemoryAlerts(AlertsContract):
    pass


class TestMemorySegments(SegmentsContract):
    pass


class TestMemoryPersonalData(PersonalDataContract):
    @pytest.fixture
    def everything(self, database: Database) -> Callable[[], str]:
        return lambda: repr([[*database.scan(table)] for table in database._tables])
