"""One real MongoDB per worker; every test finds its own database, made as the program makes it, and empty."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from adapters.mongo.client import make_client
from adapters.mongo.documents import DOCUMENTS, MetaDocument
from adapters.mongo.scope import Scope
from adapters.mongo.store import Store, open_store
from builders import BOB
from integration.mongo.listening import Heard
from integration.mongo.servers import Client, ReplicaSet, replica_set


@pytest.fixture(scope="session")
def own_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """A server that faults can be put into."""
    with replica_set(tmp_path_factory.mktemp("mongod")) as made:
        yield made


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """Where the store under test is: `MONGO_TEST_URL`, or a server of our own."""
    given = os.environ.get("MONGO_TEST_URL", "")
    made: ReplicaSet | None = None if given else request.getfixturevalue("own_set")
    return given if made is None else made.url


Raw = tuple[Client, str]


@pytest.fixture(scope="session")
def prepared(worker_id: str) -> Iterator[Callable[[str], Raw]]:
    """A client of the tests' own, and the name of a database made by the program, at any address."""
    name = f"test_{worker_id}_{os.getpid()}"
    made: dict[str, Client] = {}

    async def make(url: str) -> None:
        async with open_store(url, name):
            pass

    def prepare(url: str) -> Raw:
        if url not in made:
            with asyncio.Runner() as runner:
                runner.run(make(url))
            made[url] = MongoClient(url, tz_aware=True, serverSelectionTimeoutMS=5000)
        return made[url], name

    yield prepare
    for client in made.values():
        with client, contextlib.suppress(PyMongoError):
            client.drop_database(name)


@pytest.fixture
def raw(prepared: Callable[[str], Raw], url: str) -> Raw:
    """The same, emptied."""
    client, name = prepared(url)
    for kind in DOCUMENTS:
        if kind is not MetaDocument:
            client[name][+kind].delete_many({})
    return client, name


@pytest.fixture
async def store(url: str, raw: Raw) -> AsyncIterator[Store]:
    """The store, as the program would have it open."""
    async with await make_client(url) as client:
        yield Store(Scope(client[raw[1]]))


@pytest.fixture
async def heard(url: str, raw: tuple[Client, str]) -> Any:
    """A store whose commands are heard."""
    listener = Heard()
    async with await make_client(url, listeners=[listener]) as client:
        store = Store(Scope(client[raw[1]]))
        await store.sessions.load(BOB)
        listener.commands.clear()
        yield store, listener
