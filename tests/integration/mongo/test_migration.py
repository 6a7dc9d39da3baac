"""A database of the program before there was an office becomes one of this one, whatever interrupts that.

`schema_1.json` is such a database, with something in every collection, as commit cbaa5f8 wrote it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from pymongo import MongoClient

from adapters.mongo.documents import CORE, DOCUMENTS, from_document
from adapters.mongo.errors import StoreRefused
from adapters.mongo.indexes import missing, unfit
from adapters.mongo.migrations import MIGRATIONS, migrate, stored_version
from adapters.mongo.store import Store, open_store, pending_migrations
from builders import ANN, BOB, NOW, a_label, usd
from contracts.lists import turned
from integration.mongo.servers import Client, ReplicaSet, fault
from shipping_core.conversation import states as st
from shipping_core.domain.ids import InvoiceId, Mode, OrderId
from shipping_core.domain.ledger import Balance, Kind, account_sums
from shipping_core.domain.listing import LISTED, Wanted
from shipping_core.domain.refund import Refund
from shipping_core.errors import Conflict
from shipping_core.ports.payments import Notice

OLD = json_util.loads(
    Path(__file__).with_name("schema_1.json").read_text(),
    json_options=json_util.JSONOptions(tz_aware=True),
)
ADDED = {
    "orders": {"refunded": None, "closing_told": False, "addresses_gone": False},
    "transfers": {"refund_id": None},
    "users": {
        "version": 1, "name": "", "username": "", "seen_at": None, "blocked": False, "blocked_why": "",
        "notes": [], "erased_at": None,
    },
    "letters": {"refund_id": None, "tries": 0},
    "audit": {"request_id": ""},
}  # fmt: skip


@pytest.fixture
def url(own_set: ReplicaSet) -> str:
    """Our own server: these tests put faults into it."""
    return own_set.url


@pytest.fixture
def old(url: str) -> Iterator[Any]:
    """Such a database, as it was left."""
    client: Client = MongoClient(url, tz_aware=True)
    with client:
        database = client[f"old_{uuid.uuid4().hex[:8]}"]
        for name, kept in OLD.items():
            database.create_collection(name, validator=kept["validator"])
            for index in kept["indexes"]:
                options = {k: v for k, v in index.items() if k not in {"key", "name"}}
                database[name].create_index([tuple(k) for k in index["key"]], name=index["name"], **options)
            database[name].insert_many(kept["documents"])
        yield database
        client.drop_database(database.name)


async def assert_whole(store: Store, old: Any) -> None:
    """Every value is there as it was, and knows what is asked of it now."""
    database = store.scope.database
    assert await stored_version(database) == MIGRATIONS[-1].version
    assert (await missing(database), await unfit(database)) == ([], [])
    for name, kept in OLD.items():
        documents = {d["_id"] if name != "balances" else str(d["_id"]): d for d in old[name].find()}
        for before in kept["documents"] if name != "meta" else []:
            after = documents[before["_id"] if name != "balances" else str(before["_id"])]
            added = {k: v for k, v in after.items() if k not in before}
            assert {k: v for k, v in after.items() if k in before} == before
            assert {k: v for k, v in added.items() if k not in {"words", "limits"}} == ADDED.get(name, {})
    for kind, model in CORE.items():
        if kind is not Notice:
            assert all(from_document(document, kind) for document in old[+model].find())


async def test_given_a_database_before_the_office_when_opened_then_every_value_is_there_and_is_listed(
    url: str, old: Any
) -> None:
    async with open_store(url, old.name) as store:
        await assert_whole(store, old)
        listed = {name: len(await turned(store.lists, Wanted(name))) for name in LISTED}
        order = await store.orders.get(OrderId("ord_1"))
        (found,) = (await store.lists.page(Wanted("orders", words=("john", "ord_1", "t-1")))).items
        session = await store.sessions.load(BOB)
        (review,) = await store.invoices.in_review()

        assert {name: count for name, count in listed.items() if count} == {
            "orders": 3, "users": 2, "topups": 2, "transfers": 6, "audit": 1, "letters": 2,
        }  # fmt: skip
        assert (found, order.label, order.refundable) == (order, a_label(), usd("7.42"))
        assert session is not None
        assert isinstance(session.state, st.Buying)
        assert (review.suspended, review.in_review) == ({"190000001": usd("3.00")}, True)
        assert (await store.lists.page(Wanted("topups", words=("190000001",)))).items == (review,)
        assert await store.files.get(order.order_id) == b"%PDF-1.4 old"
        assert [n.digest for n in await store.inbox.pending()] == ["d1"]
        assert sum(account_sums(await store.balances.journal()).values()) == 0
        assert list(await store.shelf(Refund).find({"user_id": ANN})) == []
        await store.orders.save(order.void_requested(NOW))
        await store.users.save((await store.users.get(ANN)).changed(blocked=True))


async def test_given_money_moved_before_when_the_same_is_tried_again_then_it_is_recognised_and_else_refused(
    url: str, old: Any
) -> None:
    async with open_store(url, old.name) as store:
        ledger, before = store.balances, await store.balances.journal()
        topup: dict[str, Any] = {
            "key": "topup:test:190000001",
            "mode": Mode.TEST,
            "kind": Kind.TOPUP,
            "at": NOW,
        }
        topup["invoice_id"] = InvoiceId("inv_1")
        by_hand: dict[str, Any] = {
            "key": "adjust:1",
            "mode": Mode.PRODUCTION,
            "kind": Kind.ADJUSTMENT,
            "at": NOW,
        }
        by_hand |= {"actor": "operator:ola", "reason": "welcome"}
        order = await store.orders.get(OrderId("ord_1"))
        await ledger.credit(ANN, usd("50.00"), **topup)
        await ledger.credit(BOB, usd("5.00"), **by_hand)
        await ledger.hold(
            ANN, order.price, key=order.hold_key, mode=Mode.TEST, order_id=order.order_id, at=NOW
        )
        await ledger.capture(ANN, usd("7.00"), key=order.capture_key, hold_key=order.hold_key, at=NOW)
        (cost,) = [t for t in before if t.kind is Kind.CARRIER_COST]
        await ledger.post(cost)
        for other in ({"order_id": order.order_id}, {"refund_id": "ref_1"}, {"reason": "x"}):
            with pytest.raises(Conflict):
                await ledger.credit(ANN, usd("50.00"), **{**topup, **other})

        assert await ledger.journal() == before
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("43.00"))


async def test_given_a_dry_run_when_made_then_it_names_what_would_change_and_changes_nothing(
    url: str, old: Any
) -> None:
    planned = await pending_migrations(url, old.name)

    assert {"2: collection refunds", "2: index unique of refunds", "2: schema of orders"} <= set(planned)
    assert {"2: 3 documents of orders", "2: 6 documents of transfers", "2: 2 documents of users"} <= set(
        planned
    )
    assert not any("sessions" in what for what in planned)
    assert {n: list(old[n].find()) for n in OLD} == {n: kept["documents"] for n, kept in OLD.items()}
    async with open_store(url, old.name):
        pass
    assert await pending_migrations(url, old.name) == []


async def test_given_a_migration_that_dies_after_each_of_its_steps_when_started_again_then_it_goes_on(
    own_set: ReplicaSet, old: Any
) -> None:
    steps = ["create", "collMod", "update"]
    for after in range(60):
        with fault(own_set.servers[0], mode={"skip": after}, failCommands=steps, errorCode=8000):
            try:
                async with open_store(own_set.url, old.name) as store:
                    await assert_whole(store, old)
                    break
            except StoreRefused:
                continue
    else:
        raise AssertionError("it never ends")

    assert after >= 5


@pytest.mark.parametrize("after", range(24))
async def test_given_a_migration_that_dies_once_when_started_again_then_it_is_whole(
    own_set: ReplicaSet, old: Any, after: int
) -> None:
    steps = ["create", "collMod", "update"]
    with (
        fault(own_set.servers[0], mode={"skip": after}, failCommands=steps, errorCode=8000),
        pytest.raises(StoreRefused),
    ):
        async with open_store(own_set.url, old.name):
            pass
    async with open_store(own_set.url, old.name) as store:
        await assert_whole(store, old)


async def test_given_more_documents_than_go_at_once_when_migrated_then_all_of_them_are(
    url: str, old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mongo.migrations.AT_ONCE", 2)
    async with open_store(url, old.name) as store:
        await assert_whole(store, old)


async def test_given_other_words_kept_before_when_migrated_then_everything_is_found_by_todays(
    url: str, old: Any
) -> None:
    async with open_store(url, old.name) as store:
        (order, *_) = old["orders"].find()
        old["orders"].update_one({"_id": order["_id"]}, {"$set": {"words": ["of", "yore"]}})
        old["meta"].update_one({"_id": "schema"}, {"$set": {"version": 2}})

        assert await migrate(store.scope.database) == ["3: words of 1 documents of orders"]
        assert old["orders"].find_one({"_id": order["_id"]}) == order


async def test_given_the_older_program_when_it_adds_something_meanwhile_then_it_is_refused_or_completed(
    own_set: ReplicaSet, url: str, old: Any
) -> None:
    (ann,) = [d for d in OLD["users"]["documents"] if d["_id"] == "ann"]
    with (
        fault(own_set.servers[0], mode={"skip": 1}, failCommands=["collMod"], errorCode=8000),
        pytest.raises(StoreRefused),
    ):
        async with open_store(own_set.url, old.name):
            pass
    old["users"].insert_one({**ann, "_id": "late"})
    async with open_store(url, old.name) as store:
        assert (await store.users.get("late")).version == 1  # type: ignore[arg-type] # an id
        with pytest.raises(Exception, match="validation"):
            old["users"].insert_one({**ann, "_id": "too late"})


async def test_given_the_old_collections_when_counted_then_none_is_forgotten() -> None:
    assert set(OLD) <= {+kind for kind in DOCUMENTS}
    assert all(kept["documents"] for kept in OLD.values())
