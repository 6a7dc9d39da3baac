"""Pages in memory, for any data and any wish."""

from __future__ import annotations

import random
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.stores import MemoryStore
from contracts.lists import Maker, a_wish, keep, store_id, turned, whole
from shipping_core.domain.listing import LISTED


@settings(max_examples=300, deadline=None)
@given(name=some.sampled_from(sorted(LISTED)), size=some.integers(0, 25), chance=some.randoms())
async def test_given_any_items_and_any_wish_when_pages_are_turned_then_together_they_are_the_whole_list(
    name: str, size: int, chance: random.Random
) -> None:
    store = MemoryStore(Database(), MemoryClock())
    items = [Maker(chance)(name, number) for number in range(size)]
    await keep(store, *items)
    wanted = a_wish(chance, name, items)

    assert await turned(store.lists, wanted) == whole(items, wanted)


@settings(max_examples=200, deadline=None)
@given(name=some.sampled_from(sorted(LISTED)), size=some.integers(1, 15), chance=some.randoms())
async def test_given_items_added_while_pages_are_turned_when_all_were_seen_then_no_first_one_is_missing(
    name: str, size: int, chance: random.Random
) -> None:
    store, make = MemoryStore(Database(), MemoryClock()), Maker(chance)
    items = [make(name, number) for number in range(size)]
    await keep(store, *items)
    wanted = a_wish(chance, name, items)
    expected = whole(items, wanted)
    seen: list[Any] = []
    for number in range(size, 2 * size + 1):
        page = await store.lists.page(wanted)
        seen += page.items
        if page.next is None:
            break
        await keep(store, make(name, number))
        wanted = evolve(wanted, after=page.next)
    else:
        seen += await turned(store.lists, wanted)
    ids = [store_id(name, item) for item in seen]

    assert [item for item in seen if item in items] == expected
    assert len(set(ids)) == len(ids)
