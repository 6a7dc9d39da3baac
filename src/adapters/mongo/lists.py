"""Lists for the office: each page begins in an index, right behind the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from adapters.mongo.documents import CORE, from_document
from adapters.mongo.indexes import Keys, list_keys
from adapters.mongo.scope import Document, Scope, Sort
from shipping_core.domain.listing import (
    LEAST_BEGINNING,
    Listed,
    Page,
    Wanted,
    pairs_of,
    understood,
    words_of,
)
from shipping_core.ports.lists import Lists

BEGUN = 20
"""How many words that begin alike are looked for together; whoever types more gets fewer."""


@frozen
class MongoLists(Lists):
    """Pages of anything kept."""

    scope: Scope

    async def page(self, wanted: Wanted) -> Page[Any]:
        listed, sort = understood(wanted)
        conditions = _conditions(wanted, listed)
        if listed.words is None and (words := words_of(*wanted.words)):
            return await self._by_id(wanted, listed, words[0])
        tokens, hint = _tokens(wanted, listed), _hint(wanted, sort)
        found = await self._page(wanted, listed, [*tokens, *conditions], hint)
        whole = [*tokens, *conditions]
        if found or not tokens or (wanted.after and await self._count(listed, whole, 1, hint)):
            return _page(found, wanted, listed)
        begun = await self._begun(wanted, listed)
        found = await self._page(wanted, listed, [*begun, *conditions], hint) if begun else []
        return _page(found, wanted, listed)

    async def count(self, wanted: Wanted, *, most: int = 1000) -> int:
        listed, sort = understood(wanted)
        conditions, hint = _conditions(wanted, listed), _hint(wanted, sort)
        if listed.words is None and (words := words_of(*wanted.words)):
            own, belongs = _places(listed, words[0])
            exact = await self._count(listed, [own, *conditions], most)
            return exact or (await self._count(listed, [belongs, *conditions], most) if belongs else 0)
        tokens = _tokens(wanted, listed)
        found = await self._count(listed, [*tokens, *conditions], most, hint)
        if found or not tokens:
            return found
        begun = await self._begun(wanted, listed)
        return await self._count(listed, [*begun, *conditions], most, hint) if begun else 0

    async def _count(
        self, listed: Listed, conditions: Sequence[Document], most: int, hint: Sort | None = None
    ) -> int:
        query = {"$and": conditions} if conditions else {}
        return await self.scope.count(CORE[listed.kind], query, limit=most, hint=hint)

    async def _page(
        self, wanted: Wanted, listed: Listed, conditions: Sequence[Document], hint: Sort | None = None
    ) -> list[Document]:
        sort, way = wanted.sort or listed.time, -1 if wanted.descending else 1
        several = any(isinstance(value, tuple) for value in wanted.equals.values())
        found: list[Document] = []
        for part in _parts(wanted, sort):
            same = several and part.keys() == {sort, "_id"}  # merged in order by what is left to sort
            found += await self.scope.some(
                CORE[listed.kind],
                {"$and": [part, *conditions]},
                sort=[("_id", way)] if same else [(sort, way), ("_id", way)],
                limit=wanted.limit + 1 - len(found),
                hint=hint,
            )
        return found

    async def _by_id(self, wanted: Wanted, listed: Listed, word: str) -> Page[Any]:
        """The item of this id, or else those that belong to it, each kind of belonging in its own index."""
        conditions, (own, belongs) = _conditions(wanted, listed), _places(listed, word)
        found = await self.scope.some(CORE[listed.kind], {"$and": [own, *conditions]}, limit=1)
        if found or not belongs:
            return _page([] if wanted.after else found, wanted, listed)
        return _page(await self._page(wanted, listed, [belongs, *conditions]), wanted, listed)

    async def _begun(self, wanted: Wanted, listed: Listed) -> list[Document]:
        """What an item must have where the last word is the beginning of one; nothing where nothing has."""
        *whole, begun = words_of(*wanted.words)
        if len(begun) < LEAST_BEGINNING:
            return []
        ends = await self._beginning(listed, begun)
        if not ends:
            return []
        last = sorted({_token(whole, end) if listed.paired else end for end in ends})
        return [{"words": {"$in": last}}, *({"words": token} for token in listed.tokens_of(whole))]

    async def _beginning(self, listed: Listed, begun: str) -> list[str]:
        """The words that begin so, a few: each look finds the next one in the index."""
        found: list[str] = []
        at, end = begun, begun + "\U0010ffff"
        while len(found) < BEGUN:
            documents = await self.scope.some(
                CORE[listed.kind],
                {"words": {"$elemMatch": {"$gte": at, "$lt": end}}},
                limit=1,
                hint=list_keys("words", listed.time),
            )
            if not documents:
                break
            word = min(w for w in documents[0]["words"] if at <= w < end).partition(" ")[0]
            found.append(word)
            at = word + "!"  # behind its pairs, which go on with a space
        return found


def _token(whole: Sequence[str], end: str) -> str:
    """The narrowest of the kept words that stands for the last word and one more."""
    pairs = [pair for word in whole for pair in pairs_of((word, end))]
    return pairs[0] if pairs else end


def _page(found: Sequence[Document], wanted: Wanted, listed: Listed) -> Page[Any]:
    return Page.of([from_document(document, listed.kind) for document in found], wanted)


def _places(listed: Listed, word: str) -> tuple[Document, Document]:
    """What has this id, and what belongs to it; nothing where nothing can."""
    places = listed.places_of(word)
    own = {"_id": {"$in": places.pop(listed.id)}}
    every: list[Document] = [{name: value} for name, said in places.items() for value in said]
    return own, {"$or": every} if every else {}


def _tokens(wanted: Wanted, listed: Listed) -> list[Document]:
    return [{"words": token} for token in listed.tokens_of(wanted.words)]


def _hint(wanted: Wanted, sort: str) -> Keys | None:
    """The index that has them in this order, where there is one; words narrow more than a filter."""
    leads = ["words"] if words_of(*wanted.words) else [*wanted.equals] or [""]
    return list_keys(leads[0], sort) if len(leads) == 1 else None


def _conditions(wanted: Wanted, listed: Listed) -> list[Document]:
    made: list[Document] = [
        {name: {"$in": list(value)} if isinstance(value, tuple) else value}
        for name, value in wanted.equals.items()
    ]
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
