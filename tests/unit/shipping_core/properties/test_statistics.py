"""Figures over random pasts: each is what one counts oneself, and spans add up."""

from __future__ import annotations

import asyncio
from random import Random

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.stores import MemoryStore
from contracts.statistics import AUTUMN, DAY, ZONES, Past, a_span, lives, some_times
from shipping_core.domain.ids import Mode
from shipping_core.use_cases.refresh_statistics import RefreshStatistics


@settings(max_examples=60, deadline=None)
@given(
    seed=some.integers(0, 2**32),
    zone=some.sampled_from(ZONES),
    begin=some.integers(-2, 3),
    lengths=some.tuples(some.integers(1, 4), some.integers(1, 4)),
    mode=some.sampled_from(Mode),
)
def test_given_a_random_past_when_two_neighbouring_spans_are_reported_then_they_add_up_to_the_whole(
    seed: int, zone: str, begin: int, lengths: tuple[int, int], mode: Mode
) -> None:
    async def story() -> None:
        past, chance = Past(MemoryStore(Database(), MemoryClock())), Random(seed)
        await lives(past, some_times(chance, 50), chance)
        await RefreshStatistics(past.books.statistics)()
        left = a_span(AUTUMN + begin * DAY, days=lengths[0], zone=zone, mode=mode)
        right = a_span(AUTUMN + (begin + lengths[0]) * DAY, days=lengths[1], zone=zone, mode=mode)
        parts = [await past.agrees(left), await past.agrees(right)]
        whole = await past.agrees(evolve(left, last=right.last))

        assert whole.days == parts[0].days + parts[1].days
        assert whole.total == parts[0].total + parts[1].total
        assert sum(s.labels for s in whole.services) == whole.total.labels
        margin = sum(s.margin.minor for s in whole.services)
        assert margin == whole.total.margin.minor

    asyncio.run(story())
