"""Figures in buckets, on a real server: whoever counts, how often, and wherever they are killed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from attrs import evolve

from adapters.mongo.documents import LONG_AGO, CountDocument, CountMarkDocument, TransferDocument
from adapters.mongo.scope import Document
from adapters.mongo.statistics import EVERYTHING, SOURCES, MongoStatistics, at_edges, quarters
from adapters.mongo.store import Store
from adapters.system.clock import SystemClock
from builders import minutes
from contracts.statistics import AUTUMN, ZONES, Past, a_span, lives, some_times
from integration.mongo.conftest import Raw
from integration.mongo.servers import ReplicaSet, fault
from shipping_core.errors import StoreUnavailable
from shipping_core.use_cases.refresh_statistics import RefreshStatistics

A_DAY = dt.timedelta(days=1)
COMMANDS = ["find", "aggregate", "findAndModify", "update"]


async def a_past(store: Store, seed: int = 1) -> Past:
    """Five days in which a lot happened, and nobody has counted yet."""
    past, chance = Past(store), Random(seed)
    await lives(past, some_times(chance, 40), chance)
    for kind in (CountDocument, CountMarkDocument):
        await store.scope.collection(kind).delete_many({})
    return past


async def kept(store: Store) -> list[Document]:
    """Every bucket, as it is, but for which count it is from."""
    every = await store.scope.collection(CountDocument).find({}, {"counted": 0}).sort("_id", 1).to_list()
    assert every
    return every


async def test_given_a_large_past_when_counted_piece_by_piece_then_it_is_as_if_counted_at_once(
    store: Store,
) -> None:
    past = await a_past(store)
    await past.agrees(a_span())
    at_once = await kept(store)
    for kind in (CountDocument, CountMarkDocument):
        await store.scope.collection(kind).delete_many({})
    await MongoStatistics(store.scope, rows_at_once=7).refresh()

    assert await kept(store) == at_once
    await past.agrees(a_span())


async def test_given_everything_counted_when_counted_again_then_nothing_changes(store: Store) -> None:
    past = await a_past(store)
    refresh = RefreshStatistics(store.statistics)
    await refresh()
    first = await kept(store)
    await asyncio.gather(*(refresh() for _ in range(8)))

    assert await kept(store) == first
    await past.agrees(a_span())


async def test_given_a_count_killed_after_any_of_its_steps_when_counted_again_then_nothing_is_missing(
    store: Store, own_set: ReplicaSet
) -> None:
    past = await a_past(store)
    statistics, server = MongoStatistics(store.scope, rows_at_once=25), own_set.leader()
    for steps in range(100):
        for kind in (CountDocument, CountMarkDocument):
            await store.scope.collection(kind).delete_many({})
        dies = fault(server, mode={"skip": steps}, failCommands=COMMANDS, errorCode=11601)
        with dies, contextlib.suppress(StoreUnavailable):
            await statistics.refresh()
            break
        await past.agrees(a_span(zone="Asia/Kolkata"))

    assert steps > 15, "it never died late"


async def test_given_a_count_cancelled_at_any_moment_when_more_came_then_the_next_one_has_all_of_it(
    store: Store,
) -> None:
    past = await a_past(store)
    for n in range(12):
        order = await past.orders_one("user-0", AUTUMN + 5 * A_DAY + minutes(n))
        counting = asyncio.create_task(store.statistics.refresh())
        await asyncio.sleep(0.002 * n)
        counting.cancel()
        with contextlib.suppress(asyncio.CancelledError, StoreUnavailable):
            await counting
        await past.buys(order, order.created_at + minutes(0.1))

        await past.agrees(a_span(days=7))


async def test_given_a_count_that_began_earlier_when_it_ends_later_then_the_later_ones_buckets_stay(
    store: Store,
) -> None:
    past, transfers = await a_past(store), store.scope.collection(TransferDocument)
    await store.statistics.refresh()
    first = await kept(store)

    async def counts_holds_alone(number: int) -> None:
        match, *others = quarters(SOURCES[0], LONG_AGO, None, number)
        await transfers.aggregate([match, {"$match": {"kind": "hold"}}, *others])

    await counts_holds_alone(0)

    assert await kept(store) == first
    await past.agrees(a_span())
    await counts_holds_alone(99)
    assert await kept(store) != first, "the control"


async def test_given_a_row_far_in_the_future_when_more_comes_then_it_is_counted_all_the_same(
    store: Store,
) -> None:
    past, now = Past(store), SystemClock().now()
    await past.comes("ann", now + 7000 * A_DAY)
    await past.agrees(a_span(now))
    await past.comes("bob", now)

    assert (await past.agrees(a_span(now))).total.new_users == 1


async def test_given_more_than_can_be_counted_in_time_when_reported_then_it_says_so_and_goes_on_later(
    store: Store,
) -> None:
    past = await a_past(store)
    hurried = MongoStatistics(evolve(store.scope, timeout_s=0.03), rows_at_once=1)
    with pytest.raises(StoreUnavailable):
        await hurried.report(a_span())

    await past.agrees(a_span())


def plans(found: Any) -> Iterator[Document]:
    """Every stage of an explained plan."""
    if isinstance(found, dict):
        yield found
        for part in found.values():
            yield from plans(part)
    elif isinstance(found, list):
        for part in found:
            yield from plans(part)


SPANS = [a_span(days=90, zone=zone) for zone in ZONES]
STREAM = {"mode": "test", "code": EVERYTHING}
QUERIES: dict[str, Document] = {
    **{f"days in {s.zone}": {"aggregate": 1, "pipeline": at_edges(s.edges(), [STREAM])} for s in SPANS},
    **{f"{+s.kind}": {"aggregate": +s.kind, "pipeline": quarters(s, AUTUMN, None, 1)[:-1]} for s in SOURCES},
}


@pytest.mark.parametrize("name", QUERIES)
async def test_given_a_pipeline_when_explained_then_it_reads_by_indexes_alone(
    store: Store, raw: Raw, name: str
) -> None:
    past = await a_past(store)
    await past.agrees(a_span())
    asked = {**QUERIES[name], "cursor": {}}
    found = raw[0][raw[1]].command("explain", asked, verbosity="executionStats")
    every = list(plans(found))

    assert {"_id_", "of_time"} & {index for plan in every for index in plan.get("indexesUsed", ())}
    assert not [plan for plan in every if plan.get("stage") == "COLLSCAN"]
    assert asked["aggregate"] != 1 or sum(plan.get("totalKeysExamined", 0) for plan in every) <= 91
    assert not [plan for plan in every if plan.get("strategy") == "NestedLoopJoin"]
    assert sum(plan.get("collectionScans", 0) for plan in every) == 0


@pytest.mark.parametrize("way", [1, -1], ids=["first", "last"])
@pytest.mark.parametrize("source", SOURCES, ids=[+s.kind for s in SOURCES])
async def test_given_the_ends_of_what_is_counted_when_explained_then_they_are_read_off_an_index(
    raw: Raw, source: Any, way: int
) -> None:
    rows = raw[0][raw[1]][+source.kind]
    found = rows.find({source.time: {"$gte": AUTUMN}}).sort([(source.time, way)]).limit(1).explain()
    stages = {plan["stage"] for plan in plans(found["queryPlanner"]["winningPlan"]) if "stage" in plan}

    assert stages <= {"LIMIT", "FETCH", "IXSCAN"}


async def test_given_services_when_listed_then_each_is_found_by_one_step_in_an_index(
    store: Store, raw: Raw
) -> None:
    await (await a_past(store)).agrees(a_span())
    asked = {"distinct": "counts", "key": "_id.code", "query": {"_id.mode": "test"}}
    found = raw[0][raw[1]].command("explain", asked, verbosity="executionStats")
    stages = {plan["stage"] for plan in plans(found["queryPlanner"]["winningPlan"]) if "stage" in plan}

    assert "DISTINCT_SCAN" in stages
    assert found["executionStats"]["totalKeysExamined"] <= 5
