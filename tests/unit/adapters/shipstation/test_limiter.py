"""Our own share of calls, and what the partner says about it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.shipstation.limiter import LONGEST_PAUSE_S, Limiter, Urgency
from shipping_core.errors import GatewayUnavailable
from unit.adapters.shipstation.fakes import JumpingClock


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def a_limiter(clock: JumpingClock, per_minute: int | None = None, head_room: int = 4) -> Limiter:
    return Limiter(per_minute, head_room=head_room, clock=clock, sleep=clock.sleep)


async def admitted(limiter: Limiter, urgency: Urgency, most: int = 100) -> int:
    """How many calls pass without waiting."""
    passed = 0
    while passed < most:
        try:
            async with asyncio.timeout(0.001):
                await limiter.admit(urgency, "t")
        except TimeoutError:
            break
        passed += 1
    return passed


async def test_given_no_limit_when_calling_then_everything_passes(clock: JumpingClock) -> None:
    assert await admitted(a_limiter(clock), Urgency.QUOTE) == 100


async def test_given_a_burst_of_quotes_when_a_purchase_comes_then_room_is_left_for_it(
    clock: JumpingClock,
) -> None:
    limiter = a_limiter(clock, 40)
    quotes = await admitted(limiter, Urgency.QUOTE)

    assert quotes == 12
    assert await admitted(limiter, Urgency.PURCHASE) == 1


@pytest.mark.parametrize("per_minute", [3, 20, 40, 200])
def test_given_a_quota_when_split_then_burst_and_drip_together_never_pass_it(per_minute: int) -> None:
    bucket = Limiter(per_minute, clock=JumpingClock())._whole

    assert bucket is not None
    assert bucket.max_rate + 60 * bucket.max_rate / bucket.time_period == pytest.approx(per_minute)


@pytest.mark.parametrize(
    ("status", "headers", "hint"),
    [
        pytest.param(429, {"retry-after": "7"}, 7, id="V2's header"),
        pytest.param(429, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "9"}, 9, id="V1's headers"),
        pytest.param(429, {"retry-after": "Sat, 05 Apr 2031 12:00:11 GMT"}, 11, id="a date"),
        pytest.param(429, {"retry-after": "Sat, 05 Apr 2031 11:00:00 GMT"}, 0, id="a date gone by"),
        pytest.param(429, {"retry-after": "99999"}, LONGEST_PAUSE_S, id="absurdly long"),
        pytest.param(429, {"retry-after": "-5"}, None, id="negative"),
        pytest.param(429, {"retry-after": "soon"}, None, id="no number"),
        pytest.param(429, {}, None, id="no word"),
        pytest.param(503, {"retry-after": "3"}, 3, id="a server that asks for rest"),
        pytest.param(
            200, {"x-rate-limit-remaining": "30", "x-rate-limit-reset": "9"}, None, id="all is well"
        ),
    ],
)
async def test_given_an_answers_headers_when_noted_then_the_wait_it_asks_for_is_known(
    clock: JumpingClock, status: int, headers: dict[str, str], hint: float | None
) -> None:
    assert a_limiter(clock).note(status, headers) == hint


async def test_given_a_refusal_for_speed_when_quoting_then_it_waits_as_long_as_asked(
    clock: JumpingClock,
) -> None:
    limiter = a_limiter(clock)
    limiter.note(429, {"retry-after": "7"})
    await limiter.admit(Urgency.QUOTE, "t")
    await limiter.admit(Urgency.QUOTE, "t")

    assert clock.waits == [7]


async def test_given_a_long_pause_when_buying_then_it_is_refused_at_once_with_the_wait(
    clock: JumpingClock,
) -> None:
    limiter = a_limiter(clock)
    limiter.note(200, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "30"})
    with pytest.raises(GatewayUnavailable) as told:
        await limiter.admit(Urgency.PURCHASE, "buy")

    assert (told.value.operation, told.value.code, told.value.retry_after_s) == ("buy", "rate_limited", 30)
    assert clock.waits == []


async def test_given_the_last_calls_of_a_window_when_the_partner_tells_then_quotes_wait_and_purchases_go(
    clock: JumpingClock,
) -> None:
    limiter = a_limiter(clock)
    limiter.note(200, {"x-rate-limit-remaining": "4", "x-rate-limit-reset": "9"})
    await limiter.admit(Urgency.PURCHASE, "t")
    before = list(clock.waits)
    await limiter.admit(Urgency.QUOTE, "t")

    assert (before, clock.waits) == ([], [9])


def test_given_a_quota_too_small_for_a_burst_when_made_then_it_is_said() -> None:
    with pytest.raises(ValueError, match="3 calls"):
        Limiter(2, clock=JumpingClock())
