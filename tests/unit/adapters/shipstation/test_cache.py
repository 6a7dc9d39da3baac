"""What is remembered for an hour."""

from __future__ import annotations

import asyncio

import pytest
from attrs import define, field

from adapters.shipstation.cache import FRESH_S, NEXT_TRY_S, STALE_S, Hourly
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable
from unit.adapters.shipstation.fakes import JumpingClock


@define
class Source:
    """Counts its askers; answers, or fails while told to."""

    clock: JumpingClock = field(factory=JumpingClock)
    asked: int = 0
    trouble: GatewayError | None = None

    async def load(self) -> int:
        """The number of this asking."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        return self.asked


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(source: Source) -> Hourly[int]:
    return Hourly(source.load, source.clock)


async def test_given_many_askers_when_nothing_is_known_then_one_goes_and_asks(
    source: Source, cache: Hourly[int]
) -> None:
    assert await asyncio.gather(*(cache.get() for _ in range(20))) == [1] * 20


@pytest.mark.parametrize(("passed_s", "value"), [(FRESH_S - 1, 1), (FRESH_S, 2)])
async def test_given_an_hour_when_passed_then_it_is_asked_again(
    source: Source, cache: Hourly[int], passed_s: float, value: int
) -> None:
    await cache.get()
    source.clock.passed_s += passed_s

    assert await cache.get() == value


async def test_given_a_failure_when_something_is_known_then_that_is_better_and_rest_is_given(
    source: Source, cache: Hourly[int]
) -> None:
    await cache.get()
    source.clock.passed_s += FRESH_S
    source.trouble = GatewayUnavailable("t")
    values = [await cache.get(), await cache.get()]
    source.trouble = None
    source.clock.passed_s += NEXT_TRY_S

    assert (values, await cache.get()) == ([1, 1], 3)


async def test_given_a_failure_when_what_is_known_is_a_day_old_then_it_is_told(
    source: Source, cache: Hourly[int]
) -> None:
    await cache.get()
    source.clock.passed_s += STALE_S
    source.trouble = GatewayUnavailable("t")

    with pytest.raises(GatewayUnavailable):
        await cache.get()


async def test_given_a_refused_key_when_something_is_known_then_it_is_told_all_the_same(
    source: Source, cache: Hourly[int]
) -> None:
    await cache.get()
    source.clock.passed_s += FRESH_S
    source.trouble = GatewayRefused("t", code="unauthorized")

    with pytest.raises(GatewayRefused):
        await cache.get()


async def test_given_a_first_asker_who_goes_away_when_others_wait_then_they_are_served(
    source: Source, cache: Hourly[int]
) -> None:
    first, second = asyncio.ensure_future(cache.get()), asyncio.ensure_future(cache.get())
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 2
