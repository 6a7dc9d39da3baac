"""Sends are spread, and a quiet chat costs nothing."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.pacing import Pace, Rate


@given(
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=40),
    burst=st.integers(1, 6),
    per_s=st.sampled_from([0.5, 1.0, 30.0]),
)
async def test_given_any_arrivals_when_places_are_taken_then_no_window_holds_more_than_allowed(
    gaps: list[float], burst: int, per_s: float
) -> None:
    pace, loop = Pace(Rate(per_s, burst)), asyncio.get_running_loop()
    sends: list[float] = []
    for gap in gaps:
        await asyncio.sleep(gap)
        sends.append(loop.time() + pace.reserve("chat"))

    for first, began in enumerate(sends):
        for last in range(first, len(sends)):
            assert last - first + 1 <= burst + (sends[last] - began) * per_s + 1e-6
    assert sends == sorted(sends)


async def test_given_a_busy_chat_when_it_falls_quiet_then_it_is_forgotten() -> None:
    pace = Pace(Rate(1.0, 5))
    for chat_id in range(100):
        pace.reserve(chat_id)
        pace.reserve(chat_id)
    await asyncio.sleep(2.1)

    assert len(pace) == 0


async def test_given_no_rate_when_places_are_taken_then_nobody_waits() -> None:
    pace = Pace(None)

    assert [pace.reserve("chat") for _ in range(100)] == [0.0] * 100
    assert len(pace) == 0
