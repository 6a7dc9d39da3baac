"""A word before the last day to ask a label back."""

from __future__ import annotations

import datetime as dt

import pytest

from a_shop import Shop
from builders import BOB, minutes
from labels_back import DAY, FIVE_DAYS, asked, buys, news, story, with_labels
from shipping_core.domain.ids import OrderId
from shipping_core.domain.policy import RefundRules, RefundWindow
from shipping_core.errors import GatewayRefused, GatewayUnavailable, StoreUnavailable
from shipping_core.use_cases.remind_refunds import A_PAGE

ORDER = OrderId("ord_1")
DUE = 25 * DAY
SECOND = dt.timedelta(seconds=1)
LAST_MOMENT = "2031-05-05T12:00:00+00:00"


async def reminded(made: Shop) -> int:
    """One round."""
    count = await made.remind_refunds()
    await made.quiet()
    return count


async def test_given_an_unused_label_when_its_last_day_comes_near_then_its_customer_is_told_once() -> None:
    made = await with_labels(age=DUE - SECOND)
    early = await reminded(made)
    made.clock.advance(SECOND)
    rounds = [await reminded(made), await reminded(made)]

    assert (early, rounds) == (0, [1, 0])
    assert news(made) == [("refund_closing", {"until": LAST_MOMENT})]
    assert (await made.orders.get(ORDER)).closing_told
    assert (await story(made, "order:ord_1"))[-1] == ("system", "purchased")


@pytest.mark.parametrize(("days", "before"), [(7, 3), (10, 7), (28, 24)])
async def test_given_a_reminder_due_before_a_label_may_be_asked_back_when_it_may_then_its_customer_is_told(
    days: int, before: int
) -> None:
    rules = RefundRules(windows={"": RefundWindow(days, "x")}, remind_before=before * DAY)
    made = await with_labels(age=FIVE_DAYS - SECOND, refunds=rules)
    early = await reminded(made)
    made.clock.advance(SECOND)

    assert (early, await reminded(made)) == (0, 1)


async def test_given_the_last_day_is_over_when_reminding_then_nobody_is_told() -> None:
    made = await with_labels(age=28 * DAY)

    assert await reminded(made) == 0


@pytest.mark.parametrize("status", ["accepted", "delivered"])
async def test_given_a_parcel_on_its_way_when_reminding_then_nobody_is_told_and_it_is_not_asked_again(
    status: str,
) -> None:
    made = await with_labels(age=DUE)
    made.shipping.tracked = status

    assert await reminded(made) == 0
    made.shipping.tracked = "unknown"
    assert await reminded(made) == 0


async def test_given_a_carrier_that_does_not_say_when_reminding_then_it_is_asked_again_later() -> None:
    made = await with_labels(age=DUE)
    made.shipping.errors["track"] = [GatewayUnavailable("track")]

    assert [await reminded(made), await reminded(made)] == [0, 1]


@pytest.mark.parametrize("code", ["unsupported", "not_found"])
async def test_given_a_carrier_that_cannot_say_when_reminding_then_the_customer_is_told(code: str) -> None:
    made = await with_labels(age=DUE)
    made.shipping.errors["track"] = [GatewayRefused("track", code=code)]

    assert await reminded(made) == 1


async def test_given_a_refund_under_way_when_reminding_then_nobody_is_told() -> None:
    made = await with_labels(age=DUE)
    await asked(made)

    assert await reminded(made) == 0


async def test_given_carriers_with_windows_of_their_own_when_reminding_then_each_has_its_day() -> None:
    windows = {"": RefundWindow(90, "x"), "usps": RefundWindow(28, "x"), "ups": RefundWindow(28, "x")}
    made = await with_labels(age=DUE, refunds=RefundRules(windows=windows))

    assert await reminded(made) == 1
    assert news(made) == [("refund_closing", {"until": LAST_MOMENT})]

    other = await with_labels(age=DUE, refunds=RefundRules(windows={"": windows[""], "ups": windows["ups"]}))
    assert await reminded(other) == 0
    other.clock.advance(62 * DAY)
    assert await reminded(other) == 1


async def test_given_many_labels_of_which_nothing_is_said_when_reminding_then_the_others_are_told() -> None:
    made = await with_labels(*(f"ord_{n:03}" for n in range(A_PAGE)), age=minutes(1))
    await buys(made, "ord_bobs", BOB)
    made.clock.advance(DUE)
    made.shipping.errors["track"] = [GatewayUnavailable("track")] * A_PAGE

    assert await reminded(made) == 1
    assert [word for word, _ in news(made, BOB)] == ["refund_closing"]


async def test_given_a_bug_with_one_order_when_reminding_then_the_others_are_told() -> None:
    made = await with_labels("ord_1", age=minutes(1))
    await buys(made, "ord_bobs", BOB)
    made.clock.advance(DUE)
    made.shipping.errors["track"] = [RuntimeError("a bug")]

    assert await reminded(made) == 1
    assert [type(alarm) for alarm in made.notifier.alarms] == [RuntimeError]


async def test_given_a_store_that_is_away_when_reminding_then_the_round_says_so() -> None:
    made = await with_labels(age=DUE)
    made.shipping.errors["track"] = [StoreUnavailable("away")]
    with pytest.raises(StoreUnavailable):
        await reminded(made)
