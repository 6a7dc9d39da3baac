"""What the server does by itself: it refuses wrong documents, forgets what may be forgotten, uses indexes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve
from bson import Int64
from odmantic import Model
from pymongo.errors import DuplicateKeyError, WriteError

from adapters.mongo.documents import (
    FileDocument,
    InvoiceDocument,
    LetterDocument,
    OrderDocument,
    SessionDocument,
    TransferDocument,
    request_hash,
    to_document,
)
from adapters.mongo.store import Store
from builders import ANN, BOB, NOW, a_draft, a_label, a_session, an_order, minutes, usd
from contracts.balances import a_cost
from contracts.invoices import an_invoice
from contracts.outbox import a_letter
from integration.mongo.listening import Heard, explained, stages
from integration.mongo.servers import Client, ReplicaSet
from shipping_core.conversation import states as st
from shipping_core.conversation.session import SESSION_TTL
from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.letter import LetterState
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import Refund
from shipping_core.ports.documents import KEPT_FOR
from shipping_core.ports.unit_of_work import Transaction

Change = Callable[[dict[str, Any]], object]
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def a_transfer() -> dict[str, Any]:
    """A transfer's document."""
    transfer = a_cost(usd("5.00"))
    return to_document(transfer, number=Int64(1), request_hash=request_hash(transfer))


WRONG: dict[str, Change] = {
    "a float": lambda d: d["amount"].update(minor=500.0),
    "a part of a cent": lambda d: d["amount"].update(minor=0.5),
    "text": lambda d: d["amount"].update(minor="500"),
    "nothing": lambda d: d["amount"].update(minor=0),
    "less than nothing": lambda d: d["amount"].update(minor=-1),
    "too much": lambda d: d["amount"].update(minor=10**9 + 1),
    "a strange currency": lambda d: d["amount"].update(currency="BTC"),
    "no currency": lambda d: d["amount"].pop("currency"),
    "no mode": lambda d: d.pop("mode"),
    "a strange mode": lambda d: d.update(mode="demo"),
    "a strange kind": lambda d: d.update(kind="gift"),
    "a field too many": lambda d: d.update(extra=1),
    "a time as text": lambda d: d.update(created_at="2031-04-07"),
    "an object as a key": lambda d: d.update(_id={"$gt": ""}),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
async def test_given_a_wrong_transfer_when_written_past_the_program_then_the_server_refuses_it(
    store: Store, change: Change
) -> None:
    transfers, document = store.scope.collection(TransferDocument), a_transfer()
    await transfers.insert_one({**document, "_id": "right"})
    change(document)
    with pytest.raises((WriteError, ValueError)):
        await transfers.insert_one(document)

    assert await transfers.count_documents({}) == 1


@pytest.mark.parametrize(
    "path", ["price.minor", "rate.price.minor", "rate.cost.minor", "label.cost.minor", "charged.minor"]
)
async def test_given_an_order_when_a_float_is_put_for_money_then_the_server_refuses_it(
    store: Store, path: str
) -> None:
    asked = an_order("ord_1").claimed(NOW, carrier_order="")
    await store.orders.add(evolve(asked.purchased(a_label(), NOW), version=1))
    with pytest.raises(WriteError):
        await store.scope.collection(OrderDocument).update_one({}, {"$set": {path: 7.42}})


def a_resolution(key: str) -> dict[str, Any]:
    """A transfer that ends the hold `hold:1`."""
    return {**a_transfer(), "_id": key, "resolves": "hold:1"}


DOUBLED: dict[str, tuple[type[Model], Callable[[str], dict[str, Any]]]] = {
    "a hold ended twice": (TransferDocument, a_resolution),
    "one reference, two orders": (
        OrderDocument,
        lambda key: to_document(an_order(key, reference="t-1"), number=Int64(1)),
    ),
    "one link, two invoices": (
        InvoiceDocument,
        lambda key: to_document(an_invoice(key, "7001"), in_review=False),
    ),
    "two letters under way": (
        LetterDocument,
        lambda key: to_document(
            a_letter(key), state="waiting", number=Int64(1), due=NOW, owner="x", held_until=NOW,
            claimed_for="ann", reason="", tries=1,
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "made"), DOUBLED.values(), ids=DOUBLED)
async def test_given_what_must_be_unique_when_a_second_is_written_past_the_program_then_it_is_refused(
    store: Store, kind: type[Model], made: Callable[[str], dict[str, Any]]
) -> None:
    await store.scope.collection(kind).insert_one(made("one"))
    with pytest.raises(DuplicateKeyError):
        await store.scope.collection(kind).insert_one(made("two"))


async def test_given_a_document_the_server_refuses_when_the_program_writes_it_then_it_is_a_plain_error(
    store: Store,
) -> None:
    with pytest.raises(ValueError, match="not a document"):
        await store.files.put(OrderId("ord_1"), bytes(17 * 2**20), NOW)
    with pytest.raises(ValueError):
        await store.orders.add(an_order("\ud800"))


async def test_given_spent_and_unspent_sessions_when_their_time_is_over_then_the_server_forgets_the_spent(
    store: Store, own_set: ReplicaSet
) -> None:
    old, fresh = LONG_AGO, NOW
    await store.sessions.save(a_session(last_updated=old))
    await store.sessions.save(a_session(user_id=BOB, last_updated=old, draft=a_draft()))
    for name, state in (("cid", st.Pricing(1)), ("dan", st.Idle())):
        await store.sessions.save(
            a_session(state, user_id=name, last_updated=old if name == "cid" else fresh)
        )
    await store.files.put(OrderId("old"), b"%PDF", old)
    await store.files.put(OrderId("new"), b"%PDF", fresh)
    async with asyncio.timeout(20):
        while await store.sessions.load(ANN) or await store.files.get(OrderId("old")):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    sessions = store.scope.collection(SessionDocument)
    left = {s["_id"] async for s in sessions.find({}, {"_id": 1})}
    rules = {
        (+kind, i["name"]): (
            dict(i["key"]),
            i["expireAfterSeconds"],
            dict(i.get("partialFilterExpression", {})),
        )
        for kind in (SessionDocument, FileDocument)
        async for i in await store.scope.collection(kind).list_indexes()
        if "expireAfterSeconds" in i
    }

    assert left == {"bob", "cid", "dan"}
    assert await store.files.get(OrderId("new")) == b"%PDF"
    assert rules == {
        ("sessions", "spent"): ({"last_updated": 1}, SESSION_TTL.total_seconds(), {"spent": True}),
        ("files", "kept"): ({"kept_at": 1}, KEPT_FOR.total_seconds(), {}),
    }


async def test_given_an_ordinary_step_when_its_commands_are_counted_then_they_are_two(
    heard: tuple[Store, Heard],
) -> None:
    store, listener = heard
    await store.sessions.save(a_session(st.Reviewing(), draft=a_draft()))
    first = listener.names()
    session = await store.sessions.load(ANN)
    assert session is not None
    await store.sessions.save(session.after(st.Guided(next(iter(a_draft().entries))), a_draft(), NOW))

    assert first == ["insert"]
    assert listener.names() == ["find", "update"]


async def test_given_each_act_of_money_when_its_commands_are_counted_then_no_reading_is_wasted(
    heard: tuple[Store, Heard],
) -> None:
    store, listener = heard
    order = an_order("ord_1")
    await store.balances.credit(ANN, usd("9"), key="t:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
    credit = listener.names()
    await store.balances.hold(ANN, usd("5"), key="h:1", mode=Mode.TEST, order_id=order.order_id, at=NOW)
    hold = listener.names()
    await store.balances.capture(ANN, usd("5"), key="c:1", hold_key="h:1", at=NOW)
    capture = listener.names()

    assert credit == hold == ["insert", "findAndModify", "commitTransaction"]
    assert capture == ["find", "insert", "findAndModify", "commitTransaction"]


async def test_given_a_transaction_when_its_commands_are_looked_at_then_its_concerns_stand_in_it(
    heard: tuple[Store, Heard],
) -> None:
    store, listener = heard
    await store.balances.credit(ANN, usd("9"), key="t:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
    (_, first), *_, (_, commit) = listener.commands

    assert first["readConcern"]["level"] == "snapshot"
    assert first["startTransaction"]
    assert commit["writeConcern"] == {"w": "majority", "j": True}


async def stated(store: Store) -> object:
    """A statement of a user whose money moved: its lines, and the sum of all before them."""
    for number in range(3):
        await store.balances.credit(
            ANN, usd("9"), key=f"t:{number}", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW + minutes(number)
        )
    return await store.balances.statement(ANN, Mode.TEST, skip=1, limit=1)


ACTS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "orders.get": lambda s: s.orders.add(an_order("ord_1")),
    "orders.of_user": lambda s: s.orders.of_user(ANN),
    "orders.begun_since": lambda s: s.orders.begun_since(ANN, NOW, Mode.TEST, but={OrderState.FAILED}),
    "orders.in_states": lambda s: s.orders.in_states({OrderState.RESERVED, OrderState.UNKNOWN}, before=NOW),
    "orders.to_watch": lambda s: s.orders.to_watch(NOW),
    "sessions.load": lambda s: s.sessions.load(ANN),
    "sessions.unanswered": lambda s: s.sessions.unanswered(NOW),
    "invoices.by_track_id": lambda s: s.invoices.by_track_id("1", Mode.TEST),
    "invoices.of_user": lambda s: s.invoices.of_user(ANN, Mode.TEST),
    "invoices.to_ask": lambda s: s.invoices.to_ask(NOW),
    "invoices.in_review": lambda s: s.invoices.in_review(),
    "inbox.pending": lambda s: s.inbox.pending(),
    "outbox.claim": lambda s: s.outbox.claim("relay", NOW, lease_s=1.0),
    "outbox.ended": lambda s: s.outbox.ended(LetterState.DEAD),
    "outbox.waiting": lambda s: s.outbox.waiting(),
    "outbox.revive": lambda s: s.outbox.revive(ANN),
    "audit.of": lambda s: s.audit.of("order:ord_1"),
    "shelf.find": lambda s: s.shelf(Refund).find({"user_id": ANN}, changed_before=NOW),
    "shelf.by_unique": lambda s: s.shelf(Refund).by_unique("live:ord_1"),
    "segments.some": lambda s: s.segments.some(Segment(active_days=1, language="ru"), Mode.TEST, NOW),
    "segments.count": lambda s: s.segments.count(Segment(with_balance=True), Mode.TEST, NOW),
    "personal_data.erase": lambda s: s.personal_data.erase(BOB),
    "personal_data.forget_addresses": lambda s: s.personal_data.forget_addresses(NOW),
    "balances.balance": lambda s: s.balances.balance(ANN, Mode.TEST),
    "balances.journal": lambda s: s.balances.journal(user_id=ANN),
    "balances.statement": stated,
}


SORTED_IN_MEMORY = {"balances.journal", "orders.in_states", "outbox.claim", "outbox.ended"}
"""Several ranges that are merged, or so few documents that the planner does not care."""


@pytest.mark.parametrize("act", ACTS)
async def test_given_a_reading_when_the_server_explains_it_then_an_index_serves_it_and_its_order(
    heard: tuple[Store, Heard], raw: tuple[Client, str], act: str
) -> None:
    store, listener = heard
    for number in range(8):
        await store.orders.add(an_order(f"ord_{number + 100}", watch_at=NOW))
        await store.outbox.put(a_letter(f"x{number}", user_id=f"user-{number % 7}"))
        await store.invoices.add(an_invoice(f"inv_{number}", f"t{number}", ask_at=NOW, reviews={"1": "x"}))
    listener.commands.clear()
    await ACTS[act](store)
    reads = [(n, c) for n, c in listener.commands if n in {"find", "aggregate", "update"}]
    for name, command in reads:
        found = stages(explained(raw, name, command))

        assert "COLLSCAN" not in found
        if act not in SORTED_IN_MEMORY:
            assert "SORT" not in found
    assert reads or act == "orders.get"


@pytest.mark.parametrize("act", ACTS)
async def test_given_any_act_when_its_commands_are_looked_at_then_each_is_bounded_on_the_server(
    heard: tuple[Store, Heard], act: str
) -> None:
    store, listener = heard
    await ACTS[act](store)

    assert listener.commands
    assert all(0 < command["maxTimeMS"] <= 10_000 for _, command in listener.commands)


async def test_given_a_transaction_when_its_commands_are_looked_at_then_each_is_bounded_on_the_server(
    heard: tuple[Store, Heard],
) -> None:
    store, listener = heard

    async def body(tx: Transaction) -> None:
        await tx.orders.add(an_order("ord_1"))
        await tx.outbox.put(a_letter())
        await tx.balances.credit(ANN, usd("9"), key="t:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)

    await store.unit_of_work.run(body)

    assert len(listener.commands) == 5
    assert all(0 < command["maxTimeMS"] <= 10_000 for _, command in listener.commands)


async def test_given_a_sequence_of_letters_in_one_body_when_it_runs_twice_then_their_order_is_the_bodys(
    store: Store,
) -> None:
    runs = 0

    async def body(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        for name in ("d", "a", "c", "b"):
            await tx.outbox.put(a_letter(name))

    await store.outbox.put(a_letter("c"))
    await store.unit_of_work.run(body)
    left = []
    while letters := await store.outbox.claim("relay", NOW, lease_s=9.0):
        left += [letter.letter_id for letter in letters]
        await store.outbox.mark(left[-1], "relay", LetterState.SENT)

    assert runs == 2
    assert left == ["c", "d", "a", "b"]
