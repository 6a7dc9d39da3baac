"""The Mongo adapters keep every promise of their ports, on a real replica set."""

from __future__ import annotations

import pytest

from adapters.mongo.balances import MongoBalances
from adapters.mongo.files import MongoFiles
from adapters.mongo.orders import MongoOrders
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.store import Store
from adapters.mongo.unit_of_work import MongoUnitOfWork
from adapters.mongo.users import MongoUsers
from contracts.balances import BalanceLedgerContract
from contracts.orders import OrderRepositoryContract
from contracts.sessions import SessionRepositoryContract
from contracts.stores import LabelDocumentsContract, UserRepositoryContract
from contracts.unit_of_work import UnitOfWorkContract


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
