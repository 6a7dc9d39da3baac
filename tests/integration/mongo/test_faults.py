"""Answers lost, broken and refused by a real server: the key decides, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve

from adapters.mongo.client import make_client
from adapters.mongo.scope import Scope
from adapters.mongo.store import Store
from builders import ANN, NOW, a_draft, a_session, an_order, usd
from contracts.audit import a_row
from contracts.invoices import an_invoice
from contracts.outbox import a_letter
from integration.mongo.servers import Client, ReplicaSet, Server, fault
from shipping_core.conversation import states as st
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Balance, Kind
from shipping_core.errors import Conflict, StoreUnavailable, TransactionConflict
from shipping_core.ports.unit_of_work import Transaction

NOT_PRIMARY, INTERRUPTED, NO_SUCH_TRANSACTION, WRITE_CONFLICT, STEPPED_DOWN, MAX_TIME = (
    10107, 11602, 251, 112, 189, 50,
)  # fmt: skip
TRANSIENT = ["TransientTransactionError"]
SLOW_SECONDARIES = {"code": 64, "errmsg": "waiting for replication timed out"}
SHUTTING_DOWN = {"code": 91, "errmsg": "shutting down"}
WITHIN_S = 1.5

LOST = {
    "commit not sent": {"failCommands": ["commitTransaction"], "closeConnection": True},
    "commit done, not confirmed": {
        "failCommands": ["commitTransaction"],
        "writeConcernError": SLOW_SECONDARIES,
    },
    "commit done, then shut down": {
        "failCommands": ["commitTransaction"],
        "writeConcernError": SHUTTING_DOWN,
    },
    "commit refused by a new secondary": {"failCommands": ["commitTransaction"], "errorCode": NOT_PRIMARY},
    "transaction unknown at the commit": {
        "failCommands": ["commitTransaction"],
        "errorCode": NO_SUCH_TRANSACTION,
        "errorLabels": TRANSIENT,
    },
    "insert not sent": {"failCommands": ["insert"], "closeConnection": True},
    "insert met a conflict": {
        "failCommands": ["insert"],
        "errorCode": WRITE_CONFLICT,
        "errorLabels": TRANSIENT,
    },
    "update refused by a new secondary": {"failCommands": ["findAndModify"], "errorCode": NOT_PRIMARY},
    "update interrupted": {"failCommands": ["findAndModify"], "errorCode": INTERRUPTED},
    "everything cut twice": {
        "failCommands": ["insert", "findAndModify", "commitTransaction"],
        "closeConnection": True,
    },
}
FOR_EVER = {
    "commit never sent": {"failCommands": ["commitTransaction"], "closeConnection": True},
    "commit done, never confirmed": {
        "failCommands": ["commitTransaction"],
        "writeConcernError": SLOW_SECONDARIES,
    },
    "commit out of time": {"failCommands": ["commitTransaction"], "errorCode": MAX_TIME},
    "no primary": {"failCommands": ["insert", "find", "update"], "errorCode": STEPPED_DOWN},
    "no network": {"failCommands": ["insert", "find", "update", "findAndModify"], "closeConnection": True},
    "no answer": {
        "failCommands": ["insert", "find", "update", "findAndModify"],
        "blockConnection": True,
        "blockTimeMS": 4000,
    },
}


@pytest.fixture
def url(own_set: ReplicaSet) -> str:
    """Faults are put into our own server alone."""
    return own_set.url


@pytest.fixture
def server(own_set: ReplicaSet) -> Server:
    """It."""
    return own_set.servers[0]


@pytest.fixture
def hasty(store: Store) -> Store:
    """The store with little patience."""
    return Store(evolve(store.scope, timeout_s=WITHIN_S))


def crediting(store: Store, amount: str = "5.00") -> Awaitable[Balance]:
    """Ann's money comes in."""
    return store.balances.credit(ANN, usd(amount), key="topup:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)


async def sale(store: Store) -> None:
    """Everything one sale writes, in one transaction."""
    order = an_order("ord_1", reference="t-1")

    async def body(tx: Transaction) -> None:
        await tx.orders.add(order)
        await tx.outbox.put(a_letter())
        await tx.audit.put(a_row())
        await tx.invoices.add(an_invoice("inv_1", "7001"))
        await tx.balances.credit(ANN, usd("7.42"), key="topup:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
        await tx.balances.hold(
            ANN, usd("7.42"), key=order.hold_key, mode=Mode.TEST, order_id=order.order_id, at=NOW
        )

    await store.unit_of_work.run(body)


async def look_at_the_sale(store: Store) -> None:
    """It is there once, and whole."""
    assert len(await store.balances.journal()) == 2
    assert await store.balances.balance(ANN, Mode.TEST) == Balance(usd("0"), usd("7.42"))
    assert (await store.orders.get(OrderId("ord_1"))).version == 1
    assert await store.outbox.waiting() == 1
    assert len(await store.audit.of("order:ord_1")) == 1


@pytest.mark.parametrize(
    ("what", "times"), [(what, 1 + n % 2) for n, what in enumerate(LOST.values())], ids=LOST
)
async def test_given_a_fault_that_passes_when_a_sale_is_made_then_it_is_made_once_and_nobody_hears_of_it(
    store: Store, server: Server, what: dict[str, Any], times: int
) -> None:
    with fault(server, mode={"times": times}, **what):
        await sale(store)

    await look_at_the_sale(store)


@pytest.mark.parametrize("what", FOR_EVER.values(), ids=FOR_EVER)
async def test_given_a_fault_that_stays_when_money_comes_then_it_is_unavailable_and_the_key_decides_later(
    store: Store, hasty: Store, server: Server, what: dict[str, Any]
) -> None:
    began = asyncio.get_running_loop().time()
    with fault(server, **what), pytest.raises(StoreUnavailable):
        await crediting(hasty)
    took = asyncio.get_running_loop().time() - began

    assert took < WITHIN_S + 1
    assert await crediting(store) == await crediting(store) == Balance(usd("5.00"))
    assert len(await store.balances.journal()) == 1
    with pytest.raises(Conflict):
        await crediting(store, "5.01")


async def test_given_a_race_that_is_lost_for_ever_when_money_comes_then_it_is_a_transaction_conflict(
    store: Store, hasty: Store, server: Server
) -> None:
    lost: dict[str, Any] = {
        "failCommands": ["findAndModify"],
        "errorCode": WRITE_CONFLICT,
        "errorLabels": TRANSIENT,
    }
    with fault(server, **lost), pytest.raises(TransactionConflict):
        await crediting(hasty)

    assert await store.balances.balance(ANN, Mode.TEST) == Balance()
    assert list(await store.balances.journal()) == []


async def test_given_a_body_that_outlasts_its_time_when_run_then_it_is_aborted_and_locks_nobody_out(
    store: Store, hasty: Store
) -> None:
    async def body(tx: Transaction) -> None:
        await tx.balances.credit(ANN, usd("1.00"), key="topup:slow", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
        await asyncio.Event().wait()

    with pytest.raises(StoreUnavailable):
        await hasty.unit_of_work.run(body)
    async with asyncio.timeout(1):
        assert await crediting(store) == Balance(usd("5.00"))


WRITES: dict[str, Callable[[Store], Awaitable[object]]] = {
    "session, next": lambda s: s.sessions.save(a_session().after(st.Reviewing(), a_draft(), NOW)),
    "order": lambda s: s.orders.add(an_order("ord_9", reference="t-9")),
    "order, next": lambda s: s.orders.save(an_order("ord_8").claimed(NOW, carrier_order="x")),
    "file": lambda s: s.files.put(OrderId("ord_1"), b"%PDF", NOW),
    "lease": lambda s: s.leases.take("sweep", "ann", term_s=9.0),
}


@pytest.mark.parametrize("what", ["not sent", "done, answer lost", "new primary"])
@pytest.mark.parametrize("write", WRITES)
async def test_given_a_fault_that_passes_when_one_document_is_written_then_the_driver_writes_it_once(
    store: Store, server: Server, write: str, what: str
) -> None:
    if write == "session, next":
        await store.sessions.save(a_session())
    if write == "order, next":
        await store.orders.add(an_order("ord_8"))
    label = ["RetryableWriteError"]
    faults: dict[str, dict[str, Any]] = {
        "not sent": {"closeConnection": True},
        "done, answer lost": {"writeConcernError": SHUTTING_DOWN, "errorLabels": label},
        "new primary": {"errorCode": NOT_PRIMARY, "errorLabels": label},
    }
    once = {"times": 1}
    with fault(server, mode=once, failCommands=["insert", "update", "findAndModify"], **faults[what]):
        await WRITES[write](store)


@pytest.mark.parametrize("read", ["find", "aggregate"])
async def test_given_a_read_that_is_cut_when_it_passes_then_it_is_read_again_and_when_not_then_unavailable(
    store: Store, hasty: Store, server: Server, read: str
) -> None:
    reads: dict[str, Callable[[Store], Awaitable[object]]] = {
        "find": lambda s: s.sessions.load(ANN),
        "aggregate": lambda s: s.outbox.claim("relay-1", NOW, lease_s=1.0),
    }
    cut: dict[str, Any] = {"failCommands": ["find", "aggregate"], "closeConnection": True}
    with fault(server, mode={"times": 1}, **cut):
        assert not await reads[read](store)
    with fault(server, **cut), pytest.raises(StoreUnavailable):
        await reads[read](hasty)


async def test_given_a_transaction_when_cancelled_in_the_middle_of_an_act_then_nothing_is_left(
    store: Store, server: Server
) -> None:
    with fault(server, failCommands=["findAndModify"], blockConnection=True, blockTimeMS=300):
        running = asyncio.ensure_future(crediting(store))
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await asyncio.sleep(0.4)

    assert await store.balances.balance(ANN, Mode.TEST) == Balance()
    async with asyncio.timeout(2):
        assert await crediting(store) == Balance(usd("5.00"))


async def test_given_a_primary_that_steps_down_when_money_flows_then_all_of_it_arrives_once(
    store: Store, own_set: ReplicaSet
) -> None:
    stop = asyncio.Event()

    async def lane(number: int) -> list[str]:
        keys: list[str] = []
        while not stop.is_set():
            key = f"topup:{number}:{len(keys)}"
            await store.balances.credit(ANN, usd("0.01"), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
            keys.append(key)
        return keys

    lanes = [asyncio.create_task(lane(n)) for n in range(4)]
    await asyncio.sleep(0.3)
    await asyncio.to_thread(own_set.step_down)
    await asyncio.to_thread(own_set.await_health)
    await asyncio.sleep(0.3)
    stop.set()
    keys = [key for keys in await asyncio.gather(*lanes) for key in keys]

    assert sorted(t.key for t in await store.balances.journal()) == sorted(keys)
    assert (await store.balances.balance(ANN, Mode.TEST)).available.minor == len(keys)


async def test_given_a_closed_client_when_used_then_the_store_is_unavailable(
    url: str, raw: tuple[Client, str]
) -> None:
    client = await make_client(url)
    store = Store(Scope(client[raw[1]]))
    await client.close()

    with pytest.raises(StoreUnavailable):
        await store.sessions.load(ANN)
    assert (await store.ready()).startswith("mongo does not answer")


async def test_given_a_store_closed_in_the_middle_when_its_task_is_cancelled_then_it_is_cancelled(
    url: str, raw: tuple[Client, str]
) -> None:
    client = await make_client(url)
    closed = asyncio.Event()

    async def body(tx: Transaction) -> None:
        await tx.balances.credit(ANN, usd("1.00"), key="topup:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
        await client.close()
        closed.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(Store(Scope(client[raw[1]])).unit_of_work.run(body))
    await closed.wait()
    running.cancel()
    await asyncio.wait([running], timeout=3)
    raw[0].admin.command("killAllSessions", [])  # nobody is left who could end its transaction

    assert running.cancelled()
