"""The office's figures, counted by the server as running sums at quarters of an hour of UTC.

Every zone's days begin at such quarters, so a day is the difference of two sums, however much happened in it.
What came since the last count is counted first: the newest quarters anew, onto the sum before them. A sum is
always replaced whole, and never by an older count: so it may be done twice, side by side, and be killed
half-way (docs/adr/0012-statistics-are-counted-in-buckets.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.domain.statistics import COUNTED, FIGURES, Figures, Report, Span, of_services
from shipping_core.ports.statistics import Statistics

Pipeline = list[Document]

QUARTER = dt.timedelta(minutes=15)
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
    counted: Sequence[Document]


@frozen
class MongoStatistics(Statistics):
    """Brings the buckets up to date, then takes the differences between them."""

    scope: Scope
    rows_at_once: int = ROWS_AT_ONCE

    async def report(self, span: Span) -> Report:
        edges = span.edges()
        with pymongo.timeout(self.scope.timeout_s):
            await self.refresh()
        days = await self._differences(edges, [_stream(mode) for mode in (NO_MODE, span.mode.value)])
        codes = [code for code in await self._codes(span.mode.value) if code != EVERYTHING]
        dates = (span.first + dt.timedelta(days=n) for n in range(len(edges) - 1))
        figures = [_figures(parts) for parts in zip(*days, strict=True)]
        of = await self._differences((edges[0], edges[-1]), [_stream(span.mode.value, c) for c in codes])
        services = {(c["carrier"], c["service"]): _figures(whole) for c, whole in zip(codes, of, strict=True)}
        return Report(span, tuple(zip(dates, figures, strict=True)), of_services(services))

    async def refresh(self) -> None:
        for source in SOURCES:
            await self._count(source)

    async def _count(self, source: Source) -> None:
        newest = await self._edge(source, LONG_AGO, -1)  # first: a count that begins later knows no less
        if newest is None:
            return
        mark = await self._begun(source)
        since: dt.datetime | None = _quarter(mark["up_to"] - OVERLAP)
        while since is not None:
            until = await self._next(source, since)
            await self._merge(source.kind, quarters(source, since, until, mark["counted"]))
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
        return None if at is None else max(_quarter(at), since + QUARTER)

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

    async def _codes(self, mode: str) -> list[Document]:
        """The services that anything was counted of."""
        with self.scope.act():
            return await self.scope.collection(CountDocument).distinct("_id.code", {"_id.mode": mode})

    async def _differences(
        self, edges: Sequence[dt.datetime], streams: Sequence[Document]
    ) -> list[list[Document]]:
        """Of each stream what was counted between one edge and the next."""
        with self.scope.act():
            found = await self.scope.database.aggregate(at_edges(edges, streams))
            rows = {(row["stream"], row["edge"]): row["sum"] async for row in found}
        nothing = dict.fromkeys(FIGURES, 0)
        return [
            [
                {f: rows.get((s, n + 1), nothing)[f] - rows.get((s, n), nothing)[f] for f in FIGURES}
                for n in range(len(edges) - 1)
            ]
            for s in range(len(streams))
        ]


def quarters(source: Source, since: dt.datetime, until: dt.datetime | None, number: int) -> Pipeline:
    """Counts a source's rows of a time, and adds them up onto the sums of before."""
    time = {source.time: {"$gte": since, **({"$lt": until} if until else {})}}
    stream = {"mode": "$_id.mode", "code": "$_id.code"}
    running = {f: {"$sum": f"${f}", "window": {"documents": ["unbounded", "current"]}} for f in FIGURES}
    sums = {f: {"$add": [f"$sums.{f}", {"$ifNull": [{"$first": f"$before.{f}"}, 0]}]} for f in FIGURES}
    bucket = {"_id": {**stream, "at": "$sums._id.at"}, "counted": {"$literal": number}, **sums}
    later = {"$cond": [{"$gte": ["$$new.counted", "$counted"]}, "$$new", "$$ROOT"]}
    return [
        {"$match": time},
        *source.counted,
        {"$setWindowFields": {"partitionBy": stream, "sortBy": {"_id.at": 1}, "output": running}},
        {"$group": {"_id": stream, "sums": {"$push": "$$ROOT"}}},
        _last_before({"$literal": since}, "before"),
        {"$unwind": "$sums"},
        {"$replaceWith": bucket},
        {"$merge": {"into": +CountDocument, "whenMatched": [{"$replaceWith": later}]}},
    ]


def at_edges(edges: Sequence[dt.datetime], streams: Sequence[Document]) -> Pipeline:
    """What each stream's sum was at each edge, where there was any."""
    asked = [
        {"_id": stream, "stream": s, "edge": n, "at": edge}
        for s, stream in enumerate(streams)
        for n, edge in enumerate(edges)
    ]
    return [
        {"$documents": asked},
        _last_before("$at", "sum"),
        {"$unwind": "$sum"},
        {"$project": {"_id": 0, "stream": 1, "edge": 1, "sum": 1}},
    ]


def _last_before(at: Any, name: str) -> Document:
    """Joins the last sum of the document's stream before a time."""
    same = [{"$eq": [f"$_id.{part}", f"$${part}"]} for part in ("mode", "code")]
    pipeline = [
        {"$match": {"$expr": {"$and": [*same, {"$lt": ["$_id.at", "$$at"]}]}}},
        {"$sort": {"_id.mode": -1, "_id.code": -1, "_id.at": -1}},
        {"$limit": 1},
    ]
    known = {"mode": "$_id.mode", "code": "$_id.code", "at": at}
    return {"$lookup": {"from": +CountDocument, "let": known, "pipeline": pipeline, "as": name}}


def _stream(mode: str, code: Document | None = None) -> Document:
    return {"mode": mode, "code": code or EVERYTHING}


def _figures(parts: Sequence[Document]) -> Figures:
    """The sum of what was counted in parts."""
    nothing = Figures()
    sums = {f: sum(part[f] for part in parts) for f in FIGURES}
    found = {f: Money(n) if isinstance(getattr(nothing, f), Money) else n for f, n in sums.items()}
    return Figures(**found)  # type: ignore[arg-type]


def _quarter(at: dt.datetime) -> dt.datetime:
    return at - (at - LONG_AGO) % QUARTER


def _quarter_of(time: str) -> Document:
    return {"$dateTrunc": {"date": time, "unit": "minute", "binSize": 15}}


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
EVERYTHING = {"carrier": "", "service": ""}
OF_SERVICE = {"carrier": "$order.rate.carrier_code", "service": "$order.rate.service_code"}
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
            "_id": {"mode": "$mode", "at": _quarter_of("$created_at"), "order": "$order_id"},
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
            "codes": {"$cond": [{"$ifNull": ["$order", False]}, [EVERYTHING, OF_SERVICE], [EVERYTHING]]},
        }
    },
    {"$unwind": "$codes"},
    {
        "$group": {
            "_id": {"mode": "$_id.mode", "code": "$codes", "at": "$_id.at"},
            **{name: {"$sum": f"${name}"} for name in FIGURES},
        }
    },
]
NOTHING: Mapping[str, Any] = {name: {"$sum": 0} for name in FIGURES}
COMERS: Pipeline = [
    {
        "$group": {
            "_id": {"mode": {"$literal": NO_MODE}, "code": EVERYTHING, "at": _quarter_of("$joined_at")},
            **NOTHING,
            "new_users": {"$sum": 1},
        }
    },
]
SOURCES = (
    Source(TransferDocument, "created_at", JOURNAL),
    Source(UserDocument, "joined_at", COMERS),
)
