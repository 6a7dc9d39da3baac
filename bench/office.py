"""What the office's pages cost over a small and over a large past, on a MongoDB of our own.

    nice python -m bench.office [--orders 10000 1000000] [--users 1000 100000] [--runs 40] [--json]

For each size a private server is started in a temporary folder and filled with documents as the program
writes them (`bench.past`). Every page is asked for so many times: the statistics of 90 days, and of each list
its first page and one in the middle, in each order, with each filter and by words; values are drawn from what
is there. A search is asked for as it is, and again where it fills a page of 50, of 10 or of one item: a page
costs by its length, and the small past has less to find. A page of equal length may cost less than twice as
much over the large past: trust the ratios before the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen
from bench.past import UNTIL, Past
from odmantic import Model
from pymongo import MongoClient

from adapters.mongo import indexes
from adapters.mongo.documents import CORE, DOCUMENTS, CountDocument
from adapters.mongo.embedded import embedded_server
from adapters.mongo.store import DATABASE, Store, open_store
from shipping_core.domain.ids import Mode
from shipping_core.domain.listing import LISTED, Listed, Place, Wanted
from shipping_core.domain.statistics import Span
from shipping_core.ports.lists import Lists

BAR = 2.0
ROUNDS = 3
"""Of a page above the bar: what else the machine does only adds, so of each size the best round counts."""
PAGES = (50, 10, 1)
ENOUGH = 10
SHARES = 2
AT_ONCE = 2_000
WARM_UPS = 5
ZONES = ("America/New_York", "UTC", "Asia/Kolkata")
Page = Callable[[int], Awaitable[object]]


@frozen
class Cost:
    """Of one page, in milliseconds."""

    p50: float
    p95: float


def fill(url: str, past: Past) -> int:
    """Write a share of the past; how many documents that were."""
    waiting: defaultdict[type[Model], list[dict[str, Any]]] = defaultdict(list)
    written = 0
    with MongoClient[dict[str, Any]](url, w=1) as client:

        def write(kind: type[Model]) -> int:
            client[DATABASE][+kind].insert_many(waiting.pop(kind), ordered=False)
            return AT_ONCE

        for kind, document in past:
            waiting[kind].append(document)
            written += 1
            if len(waiting[kind]) == AT_ONCE:
                write(kind)
        for kind in list(waiting):
            write(kind)
    return written


async def made(url: str, store: Store, orders: int, users: int) -> None:
    """Fill the store, its indexes last, and count it for the first time."""
    database, began = store.scope.database, time.perf_counter()
    for kind in DOCUMENTS:
        await database[+kind].drop_indexes()
    loop, context = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(SHARES, mp_context=context) as pool:
        shares = [Past(orders // SHARES, users // SHARES, share=n) for n in range(SHARES)]
        written = sum(await asyncio.gather(*(loop.run_in_executor(pool, fill, url, s) for s in shares)))
    say(f"{orders:,} orders: {written:,} documents in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    await indexes.ensure(database)
    await indexes.verify(database)
    say(f"  indexes in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    await store.statistics.refresh()
    buckets = await database[+CountDocument].estimated_document_count()
    say(f"  counted for the first time in {time.perf_counter() - began:.0f} s: {buckets:,} buckets")


def say(words: str) -> None:
    """To whoever waits."""
    print(words, file=sys.stderr, flush=True)


def statistics_pages(store: Store) -> Iterator[tuple[str, Page]]:
    """The statistics of the last 90 days."""
    last = UNTIL.date()
    for zone in ZONES:
        span = Span(last.fromordinal(last.toordinal() - 89), last, zone, Mode.PRODUCTION)
        yield f"statistics, 90 days, {zone}", _reporting(store, span)


def _reporting(store: Store, span: Span) -> Page:
    return lambda _: store.statistics.report(span)


def _listing(lists: Lists, wanted: Sequence[Wanted]) -> Page:
    return lambda number: lists.page(wanted[number % len(wanted)])


async def list_pages(store: Store, lists: Lists) -> AsyncIterator[tuple[str, Page]]:
    """Every way to ask for each list of which there is anything."""
    for name, listed in LISTED.items():
        drawn = [{"$sample": {"size": 200}}]
        found = await store.scope.collection(CORE[listed.kind]).aggregate(drawn, allowDiskUse=True)
        samples = await found.to_list()
        if samples:
            for what, wanted in ways(name, listed, samples):
                yield f"{name}, {what}", _listing(lists, wanted)
            for what, wanted in searches(name, listed, samples):
                yield f"{name}, {what}, all there are", _listing(lists, wanted)
                for limit in PAGES:
                    full = [w for w in wanted if await _fills(lists, evolve(w, limit=limit))]
                    if len(full) >= ENOUGH:
                        page = _listing(lists, [evolve(w, limit=limit) for w in full])
                        yield f"{name}, {what}, {limit} of them", page


async def _fills(lists: Lists, wanted: Wanted) -> bool:
    return len((await lists.page(wanted)).items) == wanted.limit


def ways(name: str, listed: Listed, samples: list[dict[str, Any]]) -> Iterator[tuple[str, list[Wanted]]]:
    """What may be asked for, each with some values."""
    for sort in listed.sorts:
        places = [Place(value_of(s, sort), s["_id"]) for s in samples]
        for descending, way in ((True, "down"), (False, "up")):
            wanted = Wanted(name, sort=sort, descending=descending)
            yield f"by {sort} {way}, first", [wanted]
            yield f"by {sort} {way}, anywhere", [evolve(wanted, after=place) for place in places]
        for field in listed.filters_of(sort):
            values = [(s, value_of(s, field)) for s in samples]
            asked = [Wanted(name, {field: v}, sort=sort) for _, v in values if v is not None]
            if asked:
                yield f"{field}, by {sort}, first", asked
                yield (
                    f"{field}, by {sort}, anywhere",
                    [
                        Wanted(name, {field: v}, sort=sort, after=Place(value_of(s, sort), s["_id"]))
                        for s, v in values
                        if v is not None
                    ],
                )
    times = sorted(
        (value_of(a, listed.time), value_of(b, listed.time))
        for a, b in zip(samples, samples[::-1], strict=True)
    )
    yield "in a range of time", [Wanted(name, since=min(t), until=max(t)) for t in times]


def searches(name: str, listed: Listed, samples: list[dict[str, Any]]) -> Iterator[tuple[str, list[Wanted]]]:
    """What may be looked for, each by the words of some items."""
    chance = Random(1)
    if listed.words is None:
        ids = [s["_id"] if n == listed.id else s.get(n) or "" for s in samples for n in listed.ids]
        bare = [i.rpartition(":")[2] for i in chance.sample(ids, min(len(ids), 200)) if i]
        yield "by an id", [Wanted(name, words=(word,)) for word in bare]
        return
    own = [[w for w in s["words"] if " " not in w] for s in samples]
    some = [(s, chance.sample(words, min(2, len(words)))) for s, words in zip(samples, own, strict=True)]
    yield "by a word", [Wanted(name, words=(words[0],)) for _, words in some]
    yield "by two words", [Wanted(name, words=tuple(words)) for _, words in some if len(words) == 2]
    yield "by the beginning of a word", [Wanted(name, words=(words[0][:4],)) for _, words in some]
    if listed.filters:
        field = listed.filters[0]
        yield (
            f"by a word and {field}",
            [Wanted(name, {field: value_of(s, field)}, words=(words[0],)) for s, words in some],
        )


def value_of(document: dict[str, Any], dotted: str) -> Any:
    """What is at a dotted name."""
    found: Any = document
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


async def costs(pages: Sequence[Page], runs: int) -> tuple[Cost, ...]:
    """Ask for each of these pages in turn, so many times, so that whatever else goes on slows all alike."""
    took: list[list[float]] = [[] for _ in pages]
    for number in range(-WARM_UPS, runs):
        for times, page in zip(took, pages, strict=True):
            began = time.perf_counter()
            await page(number)
            if number >= 0:
                times.append(1e3 * (time.perf_counter() - began))
    return tuple(Cost(t[runs // 2], t[min(runs - 1, runs * 95 // 100)]) for t in map(sorted, took))


def _better(one: Cost, other: Cost) -> Cost:
    return Cost(min(one.p50, other.p50), min(one.p95, other.p95))


async def pages_of(store: Store) -> dict[str, Page]:
    """Every page there is."""
    return {
        **dict(statistics_pages(store)),
        **{name: page async for name, page in list_pages(store, store.lists)},
    }


async def measured(sizes: Sequence[tuple[int, int]], runs: int) -> dict[str, tuple[Cost, ...]]:
    """What every page costs over pasts of these sizes, each on a server of its own."""
    async with contextlib.AsyncExitStack() as stack:
        every = []
        for orders, users in sizes:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = await stack.enter_async_context(embedded_server(Path(folder)))
            store = await stack.enter_async_context(open_store(url))
            await made(url, store, orders, users)
            every.append(await pages_of(store))
        began = time.perf_counter()
        common = [name for name in every[0] if all(name in pages for pages in every)]
        found = {name: await costs([pages[name] for pages in every], runs) for name in common}
        for _ in range(ROUNDS - 1):
            for name in [name for name, (small, large) in found.items() if large.p95 >= BAR * small.p95]:
                again = await costs([pages[name] for pages in every], runs)
                found[name] = tuple(map(_better, found[name], again))
        say(f"{len(found)} pages, asked for {runs} times each, in {time.perf_counter() - began:.0f} s")
        return found


def table(found: Mapping[str, tuple[Cost, ...]]) -> str:
    """Both sizes side by side."""
    head = f"{'page':54} {'small p50':>9} {'p95':>7} {'large p50':>9} {'p95':>7} {'ratio p50':>9} {'p95':>5}"
    lines = [
        f"{name:54} {s.p50:9.1f} {s.p95:7.1f} {b.p50:9.1f} {b.p95:7.1f} "
        f"{b.p50 / s.p50:9.2f} {b.p95 / s.p95:5.2f}"
        for name, (s, b) in found.items()
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """Make, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument("--users", type=int, nargs=2, default=[1_000, 100_000])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = list(zip(options.orders, options.users, strict=True))
    found = asyncio.run(measured(sizes, options.runs))
    if options.json:
        print(json.dumps({name: [[c.p50, c.p95] for c in both] for name, both in found.items()}))
        return
    print(table(found))


if __name__ == "__main__":
    main()
