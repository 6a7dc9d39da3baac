"""One real MongoDB per worker; every test finds its own database, made as the program makes it, and empty."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest
from pymongo import MongoClient

from adapters.mongo.client import make_client
from adapters.mongo.documents import DOCUMENTS, MetaDocument
from adapters.mongo.scope import Scope
from adapters.mongo.store import Store, open_store
from integration.mongo.servers import Client, ReplicaSet, replica_set


@pytest.fixture(scope="session")
def own_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """A server that faults can be put into."""
    with replica_set(tmp_path_factory.mktemp("mongod")) as made:
        yield made


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Where the store under test is: `MONGO_TEST_URL`, or a server of our own."""
    given = os.environ.get("MONGO_TEST_URL", "")
    made: ReplicaSet | None = None if given else request.getfixturevalue("own_set")
    return given if made is None else made.url


@pytest.fixture(scope="session")
def prepared(url: str, worker_id: str) -> Iterator[tuple[Client, str]]:
    """A client of the tests' own, and the name of a database made by the program."""
    name = f"test_{worker_id}_{os.getpid()}"

    async def make() -> None:
        async with open_store(url, name):
            pass

    with asyncio.Runner() as runner:
        runner.run(make())
    client: Client = MongoClient(url, tz_aware=True)
    with client:
        yield client, name
        client.drop_database(name)


@pytest.fixture
def raw(prepared: tuple[Client, str]) -> tuple[Client, str]:
    """The same, emptied."""
    client, name = prepared
    for kind in DOCUMENTS:
        if kind is not MetaDocument:
            client[name][+kind].delete_many({})
    return client, name


@pytest.fixture
async def store(url: str, raw: tuple[Client, str]) -> AsyncIterator[Store]:
    """The store, as the program would have it open."""
    async with await make_client(url) as client:
        yield Store(Scope(client[raw[1]]))
