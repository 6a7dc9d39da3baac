"""The office's figures, counted by the server in buckets of a quarter, an hour and a day of UTC.

Every zone's days begin at a quarter of an hour of UTC, so any span is put together from buckets. What came
since the last count is counted first: the newest quarters anew, and the hours and days they are in. A bucket
is always replaced whole, never added to, and never by an older count: so it may be done twice, side by side,
and be killed half-way (docs/adr/0012-statistics-are-counted-in-buckets.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pymongo
from attrs import frozen
from odmantic import Model
from pymongo import ReturnDocument

from adapters.mongo.documents import (
    LONG_AGO,
    CountDocument,
    CountMarkDocument,
    OrderDocument,
    TransferDocument,
    UserDocument,
)
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.domain.statistics import COUNTED, FIGURES, Figures, Report, Span, of_services
from shipping_core.ports.statistics import Statistics

Pipeline = list[Document]

QUARTER, HOUR, DAY = 15, 60, 1440
"""How many minutes a bucket has."""
OVERLAP = dt.timedelta(minutes=10)
"""A row is written within ten seconds of the time it bears, by clocks that may differ somewhat."""
ROWS_AT_ONCE = 20_000
NO_MODE = ""
"""Of what counts in every mode."""


@frozen
class Source:
    """Rows that are only ever added, and how those of a time become quarters."""

    kind: type[Model]
    time: str
    modes: tuple[str, ...]
    counted: Sequence[Document]


@frozen
class MongoStatistics(Statistics):
    """Counts in buckets, then adds up buckets."""

    scope: Scope
    rows_at_once: int = ROWS_AT_ONCE

    async def report(self, span: Span) -> Report:
        edges = span.edges()
        with pymongo.timeout(self.scope.timeout_s):
            await self.refresh()
        days = await self._sums(by_day(edges, span.mode))
        services = await self._sums(by_service(edges, span.mode))
        found = {row["_id"]: _figures(row) for row in days}
        dates = ((n, span.first + dt.timedelta(days=n)) for n in range(len(edges) - 1))
        sums = {(row["_id"]["carrier"], row["_id"]["service"]): _figures(row) for row in services}
        return Report(span, tuple((date, found.get(n, Figures())) for n, date in dates), of_services(sums))

    async def refresh(self) -> None:
        for source in SOURCES:
            await self._count(source)

    async def _count(self, source: Source) -> None:
        newest = await self._edge(source, LONG_AGO, -1)  # first: a count that begins later knows no less
        if newest is None:
            return
        mark = await self._begun(source)
        since: dt.datetime | None = _floor(mark["up_to"] - OVERLAP, QUARTER)
        while since is not None:
            until = await self._next(source, since)
            await self._merge(source.kind, quarters(source, since, until, mark["counted"]))
            for size, of in ((HOUR, QUARTER), (DAY, HOUR)):
                await self._merge(CountDocument, sums(source.modes, since, size, of, mark["counted"]))
            up_to = {"$max": ["$up_to", {"$min": [until or newest, newest, "$$NOW"]}]}
            await self.scope.change(CountMarkDocument, {"_id": +source.kind}, [{"$set": {"up_to": up_to}}])
            since = until

    async def _begun(self, source: Source) -> Document:
        """Up to when it is counted, and the number of this count: the later one begins, the higher."""
        with self.scope.act():
            marks = self.scope.collection(CountMarkDocument)
            found: Document | None = await marks.find_one_and_update(
                {"_id": +source.kind},
                {"$inc": {"counted": 1}, "$setOnInsert": {"up_to": LONG_AGO}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            return found or {}

    async def _next(self, source: Source, since: dt.datetime) -> dt.datetime | None:
        """Where to stop for a while; None when there is not much left."""
        at = await self._edge(source, since, 1, skip=self.rows_at_once)
        return None if at is None else max(_floor(at, QUARTER), since + dt.timedelta(minutes=QUARTER))

    async def _edge(
        self, source: Source, since: dt.datetime, way: int, *, skip: int = 0
    ) -> dt.datetime | None:
        """The first or last time that a row bears."""
        sort = [(source.time, way)]
        found = await self.scope.some(
            source.kind, {source.time: {"$gte": since}}, sort=sort, limit=1, skip=skip
        )
        return found[0][source.time] if found else None

    async def _merge(self, kind: type[Model], pipeline: Pipeline) -> None:
        with self.scope.act():
            await self.scope.collection(kind).aggregate(pipeline)

    async def _sums(self, pipeline: Pipeline) -> list[Document]:
        with self.scope.act():
            found = await self.scope.collection(CountDocument).aggregate(pipeline)
            return await found.to_list()


def quarters(source: Source, since: dt.datetime, until: dt.datetime | None, number: int) -> Pipeline:
    """Counts a source's rows of a time into its quarters."""
    time = {source.time: {"$gte": since, **({"$lt": until} if until else {})}}
    return [{"$match": time}, *source.counted, *_kept(QUARTER, number)]


def sums(modes: tuple[str, ...], since: dt.datetime, size: int, of: int, number: int) -> Pipeline:
    """Adds up the buckets `of` a size into larger ones, from the first of these that `since` is in."""
    begin = _floor(since, size)
    code = {name: f"$_id.{name}" for name in ("by_service", "carrier", "service")}
    group = {"mode": "$_id.mode", "at": _truncated("$_id.at", size), **code}
    return [
        {"$match": _buckets((False, True), modes, of, {"$gte": begin})},
        {"$group": {"_id": group, **{name: {"$sum": f"${name}"} for name in FIGURES}}},
        *_kept(size, number),
    ]


def by_day(edges: Sequence[dt.datetime], mode: Mode) -> Pipeline:
    """Sums of each day, which are known by their number.

    Hours are added up, but for those that a day ends in: of them the quarters.
    """
    first, last = edges[0], edges[-1]
    split = sorted({_floor(edge, HOUR) for edge in edges if _floor(edge, HOUR) != edge})
    inside = [hour + dt.timedelta(minutes=m) for hour in split for m in range(0, HOUR, QUARTER)]
    modes = (NO_MODE, mode.value)
    hours = _buckets((False,), modes, HOUR, {"$gte": first, "$lt": last, "$nin": split})
    parts = _buckets((False,), modes, QUARTER, {"$in": [at for at in inside if first <= at < last]})
    return [
        {"$match": {"$or": [hours, parts]} if split else hours},
        {"$group": {"_id": _day_of(edges), **{name: {"$sum": f"${name}"} for name in FIGURES}}},
    ]


def by_service(edges: Sequence[dt.datetime], mode: Mode) -> Pipeline:
    """Sums of each service in the whole span: the days of UTC in it, and at its ends hours and quarters."""
    pieces = [
        _buckets((True,), (mode.value,), size, {"$gte": since, "$lt": until})
        for size, since, until in _pieces(edges[0], edges[-1], (DAY, HOUR, QUARTER))
    ]
    code = {name: f"$_id.{name}" for name in ("carrier", "service")}
    return [
        {"$match": {"$or": pieces} if pieces else {"_id": None}},
        {"$group": {"_id": code, **{name: {"$sum": f"${name}"} for name in FIGURES}}},
    ]


def _figures(row: Document) -> Figures:
    nothing = Figures()
    found = {n: Money(row[n]) if isinstance(getattr(nothing, n), Money) else row[n] for n in FIGURES}
    return Figures(**found)  # type: ignore[arg-type]


def _buckets(by_service: tuple[bool, ...], modes: tuple[str, ...], size: int, at: Document) -> Document:
    found = {"_id.by_service": {"$in": list(by_service)}, "_id.mode": {"$in": list(modes)}}
    return {**found, "_id.size": size, "_id.at": at}


def _pieces(
    since: dt.datetime, until: dt.datetime, sizes: tuple[int, ...]
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """A time as pieces of whole buckets, as large as can be."""
    if since >= until or not sizes:
        return []
    size, *smaller = sizes
    begin, end = -_floor_of(-_minutes(since), size), _floor_of(_minutes(until), size)
    if begin >= end:
        return _pieces(since, until, tuple(smaller))
    first, last = _time(begin), _time(end)
    ends = [*_pieces(since, first, tuple(smaller)), *_pieces(last, until, tuple(smaller))]
    return [(size, first, last), *ends]


def _minutes(at: dt.datetime) -> int:
    return (at - LONG_AGO) // dt.timedelta(minutes=1)


def _time(minutes: int) -> dt.datetime:
    return LONG_AGO + dt.timedelta(minutes=minutes)


def _floor_of(minutes: int, size: int) -> int:
    return minutes - minutes % size


def _floor(at: dt.datetime, size: int) -> dt.datetime:
    return _time(_floor_of(_minutes(at), size))


def _day_of(edges: Sequence[dt.datetime]) -> Document:
    """The number of the day that a bucket is in: by runs of whole days, each up to an odd one."""
    runs, first = [], 0
    for n, (begin, end) in enumerate(pairwise(edges)):
        if end - begin != dt.timedelta(days=1) or n == len(edges) - 2:
            since = {"$subtract": ["$_id.at", edges[first]]}
            number = {"$add": [first, {"$toInt": {"$floor": {"$divide": [since, 86_400_000]}}}]}
            runs.append({"case": {"$lt": ["$_id.at", end]}, "then": {"$min": [n, number]}})
            first = n + 1
    return {"$switch": {"branches": runs}}


def _truncated(time: str, size: int) -> Document:
    return {"$dateTrunc": {"date": time, "unit": "minute", "binSize": size}}


def _kept(size: int, number: int) -> Pipeline:
    """Keeps sums as buckets, unless a count that began later was there before."""
    parts = {"mode": "$_id.mode", "size": {"$literal": size}, "at": "$_id.at"}
    code = {name: f"$_id.{name}" for name in ("by_service", "carrier", "service")}
    bucket = {"_id": {**parts, **code}, "counted": {"$literal": number}, **{n: f"${n}" for n in FIGURES}}
    later = {"$cond": [{"$gte": ["$$new.counted", "$counted"]}, "$$new", "$$ROOT"]}
    return [
        {"$replaceWith": bucket},
        {"$merge": {"into": +CountDocument, "whenMatched": [{"$replaceWith": later}]}},
    ]


def _movement(name: str) -> Document:
    """What a transfer adds to a figure."""
    counts = [kind.value for kind, c in COUNTED.items() if c.number == name]
    moved = {
        s: [kind.value for kind, c in COUNTED.items() if (c.amount, c.sign) == (name, s)] for s in (1, -1)
    }
    branches = [
        {"case": {"$in": ["$kind", kinds]}, "then": then}
        for kinds, then in (
            (counts, 1),
            (moved[1], "$amount.minor"),
            (moved[-1], {"$multiply": ["$amount.minor", -1]}),
        )
        if kinds
    ]
    return {"$sum": {"$switch": {"branches": branches, "default": 0}}} if branches else {"$sum": 0}


CAPTURED = {"$cond": [{"$eq": ["$kind", Kind.CAPTURE.value]}, {"key": "$_id", "by": "$source"}, None]}
FIRST_LABEL: Pipeline = [
    {"$match": {"kind": Kind.CAPTURE.value, "$expr": {"$eq": ["$mode", "$$mode"]}}},
    {"$sort": {"created_at": 1, "number": 1}},
    {"$limit": 1},
    {"$project": {"_id": 1}},
]
WHOLE = {"by_service": {"$literal": False}, "carrier": "", "service": ""}
OF_SERVICE = {
    "by_service": {"$literal": True},
    "carrier": "$order.rate.carrier_code",
    "service": "$order.rate.service_code",
}
BOUGHT_FIRST = {"$and": ["$captured", {"$in": ["$captured.key", "$first._id"]}]}
JOURNAL: Pipeline = [
    {
        "$match": {
            "kind": {"$in": [kind.value for kind in COUNTED]},
            "$nor": [{"kind": Kind.RELEASE.value, "resolves": ""}],
        }
    },
    {
        "$group": {
            "_id": {"mode": "$mode", "at": _truncated("$created_at", QUARTER), "order": "$order_id"},
            "captured": {"$max": CAPTURED},
            **{name: _movement(name) for name in FIGURES},
        }
    },
    {
        "$lookup": {
            "from": +OrderDocument,
            "localField": "_id.order",
            "foreignField": "_id",
            "pipeline": [{"$project": {"rate.carrier_code": 1, "rate.service_code": 1}}],
            "as": "order",
        }
    },
    {
        "$lookup": {
            "from": +TransferDocument,
            "localField": "captured.by",
            "foreignField": "source",
            "let": {"mode": "$_id.mode"},
            "pipeline": FIRST_LABEL,
            "as": "first",
        }
    },
    {"$unwind": {"path": "$order", "preserveNullAndEmptyArrays": True}},
    {
        "$set": {
            "new_buyers": {"$cond": [BOUGHT_FIRST, 1, 0]},
            "codes": {"$cond": [{"$ifNull": ["$order", False]}, [WHOLE, OF_SERVICE], [WHOLE]]},
        }
    },
    {"$unwind": "$codes"},
    {
        "$group": {
            "_id": {
                "mode": "$_id.mode",
                "at": "$_id.at",
                **{name: f"$codes.{name}" for name in ("by_service", "carrier", "service")},
            },
            **{name: {"$sum": f"${name}"} for name in FIGURES},
        }
    },
]
NOTHING: Mapping[str, Any] = {name: {"$sum": 0} for name in FIGURES}
COMERS: Pipeline = [
    {
        "$group": {
            "_id": {"mode": {"$literal": NO_MODE}, "at": _truncated("$joined_at", QUARTER), **WHOLE},
            **NOTHING,
            "new_users": {"$sum": 1},
        }
    },
]
SOURCES = (
    Source(TransferDocument, "created_at", tuple(mode.value for mode in Mode), JOURNAL),
    Source(UserDocument, "joined_at", (NO_MODE,), COMERS),
)
