"""The Mongo adapters keep every promise of their ports, on a real replica set."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import pytest

from a_ledger import Kept
from adapters.mongo.answers import MongoAnswers, MongoGuesses
from adapters.mongo.audit import MongoAudit
from adapters.mongo.balances import MongoBalances, balance_id
from adapters.mongo.documents import DOCUMENTS, BalanceDocument
from adapters.mongo.files import MongoFiles
from adapters.mongo.inbox import MongoInbox
from adapters.mongo.invoices import MongoInvoices
from adapters.mongo.leases import MongoLeases
from adapters.mongo.orders import MongoOrders
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.shelves import MongoShelf
from adapters.mongo.store import Store
from adapters.mongo.unit_of_work import MongoUnitOfWork
from adapters.mongo.users import MongoUsers
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
from contracts.statistics import StatisticsContract
from contracts.stores import LabelDocumentsContract, UserRepositoryContract
from contracts.unit_of_work import UnitOfWorkContract
from integration.mongo.servers import Client
from shipping_core.domain.broadcast import Copy
from shipping_core.domain.ids import Mode, UserId


@pytest.fixture
def ledger(store: Store) -> MongoBalances:
    return store.balances


@pytest.fixture
def orders(store: Store) -> MongoOrders:
    return store.orders


class TestMongoBalances(BalanceLedgerContract):
    pass


class TestMongoOrders(OrderRepositoryContract):
    pass


class TestMongoUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, store: Store) -> MongoUnitOfWork:
        return store.unit_of_work


class TestMongoSessions(SessionRepositoryContract):
    @pytest.fixture
    def sessions(self, store: Store) -> MongoSessions:
        return store.sessions


class TestMongoUsers(UserRepositoryContract):
    @pytest.fixture
    def users(self, store: Store) -> MongoUsers:
        return store.users


class TestMongoFiles(LabelDocumentsContract):
    @pytest.fixture
    def documents(self, store: Store) -> MongoFiles:
        return store.files


class TestMongoInvoices(InvoiceRepositoryContract):
    @pytest.fixture
    def invoices(self, store: Store) -> MongoInvoices:
        return store.invoices


class TestMongoBooks(BooksContract):
    async def falsify(self, store: Kept, user_id: UserId, mode: Mode, cents: int) -> None:
        assert isinstance(store, Store)
        await store.scope.change(
            BalanceDocument, {"_id": balance_id(user_id, mode)}, {"$inc": {"available": cents}}
        )


class TestMongoCopies(CopiesContract):
    @pytest.fixture
    def copies(self, store: Store) -> MongoShelf[Copy]:
        return store.shelf(Copy)


class TestMongoInbox(NoticeInboxContract):
    @pytest.fixture
    def inbox(self, store: Store) -> MongoInbox:
        return store.inbox


class TestMongoAudit(AuditLogContract):
    @pytest.fixture
    def audit(self, store: Store) -> MongoAudit:
        return store.audit


class TestMongoLeases(LeasesContract):
    @pytest.fixture
    def leases(self, store: Store) -> MongoLeases:
        return store.leases

    async def pass_s(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class TestMongoOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self, store: Store) -> MongoOutbox:
        return store.outbox

    async def pass_s(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.now += dt.timedelta(seconds=seconds)


class TestMongoStatistics(StatisticsContract):
    @pytest.fixture
    def books(self, store: Store) -> Store:
        return store


class TestMongoGuesses(GuessLogContract):
    @pytest.fixture
    def guesses(self, store: Store) -> MongoGuesses:
        return store.guesses


class TestMongoAnswers(AnswerLogContract):
    @pytest.fixture
    def answers(self, store: Store) -> MongoAnswers:
        return store.answers


class TestMongoShelf(ShelfContract):
    pass


class TestMongoLists(ListsContract):
    pass


class TestMongoAlerts(AlertsContract):
    pass


class TestMongoSegments(SegmentsContract):
    pass


class TestMongoPersonalData(PersonalDataContract):
    @pytest.fixture
    def everything(self, raw: tuple[Client, str]) -> Callable[[], str]:
        client, name = raw
        return lambda: repr([[*client[name][+kind].find()] for kind in DOCUMENTS])
