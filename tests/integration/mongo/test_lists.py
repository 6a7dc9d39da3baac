"""What a page costs: it is read out of one index, in its order, whatever else is there."""

from __future__ import annotations

import random
from typing import Any

import pytest
from attrs import evolve
from bson import Int64

from adapters.mongo.documents import CORE, to_document
from adapters.mongo.lists import BEGUN
from adapters.mongo.store import Store
from builders import NOW, minutes
from contracts.lists import Maker
from integration.mongo.listening import Heard, explained, stages
from integration.mongo.servers import Client
from shipping_core.conversation.codec import dump
from shipping_core.domain.listing import LISTED, Wanted, read, takes_several

MANY = 2_000
LIMIT = 20
SPAN = {"since": NOW - minutes(1), "until": NOW + minutes(1)}
BESIDE: dict[str, Any] = {
    "number": Int64(1), "request_hash": "x", "in_review": True, "due": NOW, "state": "waiting", "owner": "",
    "held_until": NOW, "claimed_for": "", "reason": "",
}  # fmt: skip


def a_document(name: str, item: Any) -> dict[str, Any]:
    """As the store would keep it."""
    kept, own = CORE[type(item)].model_fields, {"record_id", "unique", "words"}
    more = {n: v for n, v in BESIDE.items() if n in kept and n not in own and not _is_field(item, n)}
    return to_document(item, **{**more, **({"in_review": item.in_review} if name == "topups" else {})})


def _is_field(item: Any, name: str) -> bool:
    return name in {a.name for a in item.__attrs_attrs__}


def leads(name: str, sort: str, items: list[Any]) -> list[dict[str, Any]]:
    """Every way to ask: by nothing, by each filter, and by a word; each for something rare and for much."""
    listed = LISTED[name]
    found: list[dict[str, Any]] = [{}]
    for filter_ in listed.filters_of(sort):
        seen = [dump(read(item, filter_)) for item in items]
        values = sorted({v for v in seen if v is not None}, key=seen.count)
        found += [{"equals": {filter_: value}} for value in {values[0], values[-1]}]
        if takes_several(name, filter_) and len(values) > 1:
            found.append({"equals": {filter_: (values[0], values[-1])}})
    if listed.words is not None and sort == listed.time:
        found += [{"words": listed.words(items[7])[:1]}, {"words": listed.words(items[7])[-1:]}]
    return found


@pytest.mark.parametrize("name", LISTED)
async def test_given_thousands_of_items_when_any_page_is_read_then_an_index_gives_just_its_items_in_order(
    heard: tuple[Store, Heard], raw: tuple[Client, str], name: str
) -> None:
    store, listener = heard
    make = Maker(random.Random(name))
    items = [make(name, number) for number in range(MANY)]
    client, database = raw
    client[database][+CORE[LISTED[name].kind]].insert_many(a_document(name, item) for item in items)
    looked_at = 0
    for sort in LISTED[name].sorts:
        usual = sort == LISTED[name].time
        ranges: list[dict[str, Any]] = [{}, SPAN] if usual else [{}]
        for asked in (lead | span for lead in leads(name, sort, items) for span in ranges):
            for descending in (False, True):
                wanted = Wanted(name, sort=sort, descending=descending, limit=LIMIT, **asked)
                first = await store.lists.page(wanted)
                assert first.items, asked
                listener.commands.clear()
                await store.lists.page(wanted)
                if first.next is not None:
                    await store.lists.page(evolve(wanted, after=first.next))
                for command, sent in listener.commands:
                    account = explained(raw, command, sent)
                    cost = account["executionStats"]
                    looked_at += 1

                    assert not {"COLLSCAN", "SORT"} & stages(account["queryPlanner"]["winningPlan"]), asked
                    assert cost["totalDocsExamined"] <= LIMIT + 1, asked
                    assert cost["totalKeysExamined"] <= LIMIT + 3, asked

    assert looked_at >= 4 * len(LISTED[name].sorts)


def searches(name: str, items: list[Any]) -> list[tuple[Wanted, int]]:
    """Searches that look in several places, each with how many those are."""
    listed, like = LISTED[name], items[7]
    if listed.words is None:
        places = sum(len(said) for said in listed.ids.values())
        values = {n: read(like, n) for n in listed.ids}
        return [
            (Wanted(name, words=(v.rpartition(":")[2],), limit=LIMIT), places) for v in values.values() if v
        ]
    word = max((w for w in listed.words(like) if " " not in w), key=len)
    begun = Wanted(name, words=(word[: max(3, len(word) - 2)],), limit=LIMIT)
    filter_ = next((f for f in listed.filters if read(like, f) is not None), None)
    narrowed = evolve(begun, words=(word,), equals={filter_: dump(read(like, filter_))} if filter_ else {})
    return [(begun, BEGUN), (narrowed, MANY)]


@pytest.mark.parametrize("name", LISTED)
async def test_given_a_search_in_several_places_when_a_page_is_read_then_indexes_give_it_in_order(
    heard: tuple[Store, Heard], raw: tuple[Client, str], name: str
) -> None:
    store, listener = heard
    make = Maker(random.Random(name))
    items = [make(name, number) for number in range(MANY)]
    client, database = raw
    client[database][+CORE[LISTED[name].kind]].insert_many(a_document(name, item) for item in items)
    for wanted, places in searches(name, items):
        first = await store.lists.page(wanted)
        assert first.items, wanted
        listener.commands.clear()
        await store.lists.page(wanted)
        if first.next is not None:
            await store.lists.page(evolve(wanted, after=first.next))
        for command, sent in listener.commands:
            account = explained(raw, command, sent)
            if command == "aggregate":  # a count
                account = account["stages"][0]["$cursor"] if "stages" in account else account

            assert not {"COLLSCAN", "SORT"} & stages(account["queryPlanner"]["winningPlan"]), wanted
            assert account["executionStats"]["totalKeysExamined"] <= LIMIT + 3 * places, wanted
