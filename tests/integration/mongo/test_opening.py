"""Opening the store: what is refused, in one sentence that names the mend, and what the schema becomes."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from adapters.mongo.documents import DOCUMENTS, to_document
from adapters.mongo.embedded import free_port
from adapters.mongo.errors import StoreRefused
from adapters.mongo.indexes import INDEXES
from adapters.mongo.migrations import MIGRATIONS, Migration, migrate, stored_version
from adapters.mongo.scope import DatabaseOf
from adapters.mongo.store import open_store, pending_migrations
from builders import an_order
from integration.mongo.servers import Client, ReplicaSet, Server, fault

LITTLE_S = 1.0
NEWEST = MIGRATIONS[-1].version


@pytest.fixture
def url(own_set: ReplicaSet) -> str:
    """Our own server: these tests put faults into it."""
    return own_set.url


@pytest.fixture
def name(url: str) -> Iterator[str]:
    """A database nobody has touched."""
    fresh = f"fresh_{uuid.uuid4().hex[:8]}"
    yield fresh
    client: Client = MongoClient(url)
    with client:
        client.drop_database(fresh)


@pytest.fixture
def tests_own(url: str, name: str) -> Iterator[Any]:
    """The test's own way to that database."""
    client: Client = MongoClient(url, tz_aware=True)
    with client:
        yield client[name]


@pytest.fixture
async def database(url: str, name: str) -> AsyncIterator[DatabaseOf]:
    """The program's way to that database, opened once."""
    async with open_store(url, name) as store:
        yield store.scope.database


async def refused(url: str, name: str = "never") -> str:
    """Why this store is refused."""
    with pytest.raises(StoreRefused) as refusal:
        async with open_store(url, name, selection_timeout_s=LITTLE_S):
            pass
    reason = str(refusal.value)
    assert reason.endswith((".", ")."))
    assert "\n" not in reason
    return reason


@contextlib.contextmanager
def lone_server(directory: Path, *arguments: str) -> Iterator[Server]:
    """A server that is no member of a set, or not yet."""
    server = Server(directory, arguments)
    try:
        yield server.start()
    finally:
        server.remove()


async def test_given_nobody_there_when_opened_then_it_is_refused() -> None:
    assert "nobody answers" in await refused(f"mongodb://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("address", ["", "/?directConnection=true", "/?replicaSet=rs0"])
async def test_given_a_standalone_when_opened_then_it_is_refused(tmp_path: Path, address: str) -> None:
    with lone_server(tmp_path / "alone") as server:
        reason = await refused(f"mongodb://{server.address}{address}")

    assert "--replSet" in reason


async def test_given_a_set_that_was_never_initiated_when_opened_then_it_is_refused(tmp_path: Path) -> None:
    with lone_server(tmp_path / "alone", "--replSet", "rs0") as server:
        assert "rs.initiate()" in await refused(f"mongodb://{server.address}/?replicaSet=rs0")


async def test_given_a_secondary_alone_when_opened_then_it_is_refused(own_set: ReplicaSet) -> None:
    server = own_set.leader()
    with server.client() as client:
        client.admin.command({"replSetStepDown": 30, "force": True})
        try:
            direct = await refused(f"mongodb://{server.address}/?directConnection=true")
            whole = await refused(own_set.url)
        finally:
            client.admin.command({"replSetFreeze": 0})
            own_set.await_health()

    assert "secondary only" in direct
    assert "has no primary" in whole


@pytest.mark.parametrize(
    "asked",
    [
        "w=1",
        "w=0",
        "journal=false",
        "readConcernLevel=local",
        "readPreference=secondary",
        "retryWrites=false",
    ],
)
async def test_given_an_address_that_asks_for_less_safety_when_opened_then_it_is_refused(
    url: str, asked: str
) -> None:
    reason = await refused(f"{url}&{asked}")

    assert asked.partition("=")[0].lower() in reason


async def test_given_an_address_that_asks_for_the_same_safety_when_opened_then_it_is_taken(
    url: str, name: str
) -> None:
    more = "&w=majority&journal=true&readConcernLevel=majority&readPreference=primary&retryWrites=true"
    async with open_store(url + more, name) as store:
        assert await store.ready() == "ok"
        options = store.scope.database.client.options

    assert (options.pool_options.max_pool_size, options.pool_options.min_pool_size) == (20, 2)
    assert (options.pool_options.max_idle_time_seconds, options.pool_options.connect_timeout) == (30, 3)
    assert options.write_concern.document == {"w": "majority", "j": True}
    assert options.read_concern.level == "majority"
    assert options.retry_writes


@pytest.mark.parametrize("address", ["mongodb://", "postgres://here", "mongodb://h/?w=many words", "x"])
async def test_given_what_is_no_address_when_opened_then_it_is_refused_without_repeating_it(
    address: str,
) -> None:
    assert "MONGO_URL" in await refused(address)


async def test_given_a_bad_name_for_the_database_when_opened_then_it_is_refused(url: str) -> None:
    assert "name" in await refused(url, "a.b c")


async def test_given_a_password_in_the_address_when_refused_then_the_reason_keeps_it() -> None:
    assert "hunter2" not in await refused(f"mongodb://ann:hunter2@127.0.0.1:{free_port()}/")


async def test_given_users_when_one_may_only_read_or_is_unknown_then_it_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("shared" * 20)
    key.chmod(0o400)
    with lone_server(tmp_path / "locked", "--replSet", "rs0", "--auth", "--keyFile", str(key)) as server:
        with server.client() as client:
            members = [{"_id": 0, "host": server.address}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            while not client.admin.command("hello").get("isWritablePrimary"):
                pass
            client.admin.command("createUser", "root", pwd="r", roles=["root"])
        owner: Client = MongoClient(f"mongodb://root:r@{server.address}/", directConnection=True)
        with owner:
            for user, role in (("reader", "read"), ("writer", "readWrite")):
                roles = [{"role": role, "db": "shop"}]
                owner.admin.command("createUser", user, pwd="p", roles=roles)
        reader = await refused(f"mongodb://reader:p@{server.address}/", "shop")
        stranger = await refused(f"mongodb://stranger:p@{server.address}/", "shop")
        async with open_store(f"mongodb://writer:p@{server.address}/", "shop") as store:
            await store.orders.add(an_order())
            assert await store.ready() == "ok"
        again = await refused(f"mongodb://reader:p@{server.address}/", "shop")

    assert "readWrite" in reader
    assert "readWrite" in again
    assert "password" in stranger


@pytest.mark.parametrize(
    ("what", "word"),
    [
        ({"errorCode": 14031}, "disk is full"),
        ({"errorCode": 13}, "readWrite"),
        ({"closeConnection": True}, "MongoDB"),
        ({"writeConcernError": {"code": 64, "errmsg": "late", "errInfo": {"wtimeout": True}}}, "majority"),
        ({"errorCode": 8000}, "look at its log"),
    ],
    ids=["disk full", "no right", "cut", "no majority", "anything else"],
)
async def test_given_a_server_that_does_not_write_when_opened_then_it_is_refused(
    own_set: ReplicaSet, name: str, what: dict[str, Any], word: str
) -> None:
    with fault(own_set.servers[0], failCommands=["update"], **what):
        reason = await refused(own_set.url, name)

    assert word in reason


async def test_given_an_older_server_when_opened_then_it_is_refused(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mongo.client.OLDEST_SERVER", (99, 0))

    assert "too old" in await refused(url, name)


class TestTheSchema:
    """Versions, indexes and validators."""

    async def test_given_a_fresh_database_when_opened_then_it_is_whole_and_a_second_time_changes_nothing(
        self, url: str, name: str, tests_own: Any
    ) -> None:
        async with open_store(url, name):
            pass
        first = [(+k, tests_own[+k].index_information(), tests_own[+k].options()) for k in DOCUMENTS]
        mark = tests_own["meta"].find_one({"_id": "schema"})
        async with open_store(url, name) as store:
            done = await migrate(store.scope.database)

        assert done == []
        assert [(+k, tests_own[+k].index_information(), tests_own[+k].options()) for k in DOCUMENTS] == first
        assert tests_own["meta"].find_one({"_id": "schema"}) == mark
        assert mark["version"] == NEWEST
        assert len(first) == len(DOCUMENTS)
        assert sum(len(indexes) for _, indexes, _ in first) == len(INDEXES) + len(DOCUMENTS)

    async def test_given_a_dry_run_when_made_then_it_names_everything_and_does_nothing(
        self, url: str, name: str, tests_own: Any
    ) -> None:
        planned = await pending_migrations(url, name)
        assert tests_own.list_collection_names() == []
        async with open_store(url, name):
            pass

        assert len(planned) == len(DOCUMENTS) + len(INDEXES) + len(MIGRATIONS) - 1
        assert "1: index resolves of transfers" in planned
        assert planned[-1] == f"{NEWEST}: its mark"
        assert await pending_migrations(url, name) == []

    async def test_given_a_database_of_a_newer_program_when_opened_then_it_is_refused_and_not_touched(
        self, url: str, name: str, tests_own: Any, database: DatabaseOf
    ) -> None:
        tests_own["meta"].update_one({"_id": "schema"}, {"$set": {"version": 99}})
        tests_own["orders"].drop_index("reference")
        reason = await refused(url, name)

        assert "schema 99" in reason
        assert "reference" not in tests_own["orders"].index_information()

    async def test_given_a_start_that_dies_before_the_mark_when_started_again_then_it_is_whole(
        self, own_set: ReplicaSet, name: str
    ) -> None:
        with fault(own_set.servers[0], failCommands=["update"], errorCode=8000):
            await refused(own_set.url, name)
        async with open_store(own_set.url, name) as store:
            assert await stored_version(store.scope.database) == NEWEST

    @pytest.mark.parametrize("after", [1, 21, 22, 30, 40])
    async def test_given_a_start_that_dies_anywhere_in_its_step_when_started_again_then_it_is_whole(
        self, own_set: ReplicaSet, name: str, after: int
    ) -> None:
        dies: dict[str, Any] = {"failCommands": ["create", "createIndexes"], "errorCode": 8000}
        with fault(own_set.servers[0], mode={"skip": after}, **dies):
            await refused(own_set.url, name)
        async with open_store(own_set.url, name) as store:
            assert await store.ready() == "ok"

    async def test_given_steps_when_one_fails_then_the_ones_before_are_marked_and_only_the_rest_runs_again(
        self, database: DatabaseOf
    ) -> None:
        ran: list[int] = []

        def step(version: int, *, fails: bool = False) -> Migration:
            async def run(_: DatabaseOf) -> None:
                ran.append(version)
                if fails:
                    raise RuntimeError

            async def planned(_: DatabaseOf) -> list[str]:
                return [f"step {version}"]

            return Migration(version, f"step {version}", run, planned)

        first, second = NEWEST + 1, NEWEST + 2
        with pytest.raises(RuntimeError):
            await migrate(database, steps=[*MIGRATIONS, step(first), step(second, fails=True)])
        done = await migrate(database, steps=[*MIGRATIONS, step(first), step(second)])

        assert ran == [first, second, second]
        assert done == [f"{second}: step {second}"]
        assert await stored_version(database) == second

    async def test_given_indexes_that_are_missing_when_opened_then_each_is_made_again(
        self, url: str, name: str, tests_own: Any, database: DatabaseOf
    ) -> None:
        def there() -> dict[str, Any]:
            return {+kind: tests_own[+kind].index_information() for kind in DOCUMENTS}

        before = there()
        for index in INDEXES:
            tests_own[+index.kind].drop_index(index.name)
        gone = there()
        async with open_store(url, name):
            pass

        assert sum(map(len, before.values())) - sum(map(len, gone.values())) == len(INDEXES)
        assert there() == before

    @pytest.mark.parametrize(
        ("collection", "index", "other"),
        [
            ("transfers", "resolves", {"unique": False}),
            ("transfers", "resolves", {"unique": True, "partialFilterExpression": {"resolves": "x"}}),
            ("orders", "reference", {"unique": False}),
            ("sessions", "spent", {"expireAfterSeconds": 60, "partialFilterExpression": {"spent": True}}),
            ("sessions", "spent", {"expireAfterSeconds": 3600}),
            ("files", "kept", {"expireAfterSeconds": 60}),
            ("letters", "claimed_for", {"unique": True, "sparse": True}),
        ],
    )
    async def test_given_an_index_that_differs_when_opened_then_it_is_refused_by_name(
        self,
        url: str,
        name: str,
        tests_own: Any,
        database: DatabaseOf,
        collection: str,
        index: str,
        other: Any,
    ) -> None:
        keys = tests_own[collection].index_information()[index]["key"]
        tests_own[collection].drop_index(index)
        tests_own[collection].create_index(keys, name=index, **other)

        assert f"index {index} of {collection}" in await refused(url, name)

    async def test_given_a_hidden_index_or_a_foreign_rule_when_opened_then_it_is_refused(
        self, url: str, name: str, tests_own: Any, database: DatabaseOf
    ) -> None:
        tests_own["users"].create_index("joined_at", name="theirs")
        async with open_store(url, name):
            pass
        tests_own["users"].create_index("language", name="forgets", expireAfterSeconds=1)
        foreign = await refused(url, name)
        tests_own["users"].drop_index("forgets")
        tests_own.command("collMod", "transfers", index={"name": "source", "hidden": True})

        assert "forgets of users" in foreign
        assert "source of transfers" in await refused(url, name)

    async def test_given_doubled_references_when_the_index_is_gone_then_it_is_refused(
        self, url: str, name: str, tests_own: Any, database: DatabaseOf
    ) -> None:
        tests_own["orders"].drop_index("reference")
        for number in range(2):
            document = to_document(an_order(f"ord_{number}", reference="the same"), number=number)
            tests_own["orders"].insert_one(document)

        assert "remove the duplicates" in await refused(url, name)

    async def test_given_a_schema_that_differs_when_opened_then_it_is_refused(
        self, url: str, name: str, tests_own: Any, database: DatabaseOf
    ) -> None:
        tests_own.command("collMod", "transfers", validator={})
        reason = await refused(url, name)

        assert "schema of transfers" in reason

    async def test_given_programs_that_start_at_once_when_all_make_the_schema_then_all_are_open(
        self, url: str, name: str
    ) -> None:
        async def start() -> str:
            async with open_store(url, name) as store:
                return await store.ready()

        assert await asyncio.gather(*(start() for _ in range(4))) == ["ok"] * 4
