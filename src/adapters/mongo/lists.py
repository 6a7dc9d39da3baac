"""Lists for the office: each page begins in an index, right behind the last one."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from adapters.mongo.documents import CORE, from_document
from adapters.mongo.indexes import list_keys
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.listing import Listed, Page, Wanted, tokens_of, understood
from shipping_core.ports.lists import Lists


@frozen
class MongoLists(Lists):
    """Pages of anything kept."""

    scope: Scope

    async def page(self, wanted: Wanted) -> Page[Any]:
        listed, sort = understood(wanted)
        conditions = _conditions(wanted, listed)
        leads = [*wanted.equals, *(["words"] if tokens_of(wanted.words) else [])] or [""]
        hint = list_keys(leads[0], sort) if len(leads) == 1 else None
        way = -1 if wanted.descending else 1
        found: list[Document] = []
        for part in _parts(wanted, sort):
            found += await self.scope.some(
                CORE[listed.kind],
                {"$and": [part, *conditions]},
                sort=[(sort, way), ("_id", way)],
                limit=wanted.limit + 1 - len(found),
                hint=hint,
            )
        return Page.of([from_document(document, listed.kind) for document in found], wanted)


def _conditions(wanted: Wanted, listed: Listed) -> list[Document]:
    made: list[Document] = [{name: value} for name, value in wanted.equals.items()]
    made += [{"words": token} for token in tokens_of(wanted.words)]
    if wanted.since is not None:
        made.append({listed.time: {"$gte": wanted.since}})
    if wanted.until is not None:
        made.append({listed.time: {"$lt": wanted.until}})
    return made


def _parts(wanted: Wanted, sort: str) -> list[Document]:
    """What lies behind a place, range by range: each alone is one stretch of an index.

    A comparison never meets what has no value, so that is a range of its own: the first, or the last.
    """
    place, far = wanted.after, "$lt" if wanted.descending else "$gt"
    if place is None:
        return [{}]
    same = {sort: place.value, "_id": {far: place.id}}
    if place.value is None:
        return [same] if wanted.descending else [same, {sort: {"$ne": None}}]
    return [same, {sort: {far: place.value}}, *([{sort: None}] if wanted.descending else [])]
