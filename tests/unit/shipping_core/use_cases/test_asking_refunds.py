"""Labels asked back: one or many, each judged alone."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from attrs import evolve

from builders import ANN, BOB, minutes, usd
from labels_back import DAY, FIVE_DAYS, asked, buys, money, news, story, with_labels
from shipping_core.domain.ids import OrderId
from shipping_core.domain.policy import RefundRules, RefundWindow
from shipping_core.domain.refund import Asked, RefundState, Verdict
from shipping_core.errors import InvalidInput

SECOND = dt.timedelta(seconds=1)


def outcome(answer: Asked) -> str:
    """`requested`, a verdict, or `unknown`."""
    if answer.refund is not None:
        return answer.refund.state.value
    return answer.refused.verdict.value if answer.refused else "unknown"


@pytest.mark.parametrize(
    ("age", "came"),
    [(FIVE_DAYS - SECOND, "fresh"), (FIVE_DAYS, "requested"), (28 * DAY, "too_late")],
    ids=["one-second-early", "just-then", "too-late"],
)
async def test_given_a_label_of_an_age_when_asked_for_then_the_rule_holds_to_the_second(
    age: dt.timedelta, came: str
) -> None:
    made = await with_labels(age=age)
    (answer,) = await made.request_refunds(ANN, "ord_1")

    assert outcome(answer) == came


async def test_given_many_labels_in_one_message_when_asked_then_each_is_accepted_or_refused_alone() -> None:
    made = await with_labels("ord_1", "ord_2", "ord_3")
    await buys(made, "ord_fresh")
    await buys(made, "ord_bobs", BOB)
    await asked(made, "ord_3")
    tracking = (await made.orders.get(OrderId("ord_1"))).label
    assert tracking is not None
    text = f"{tracking.tracking_number.lower()}, ORD_2;ord_3\nord_fresh ord_bobs nonsense, ord_2"
    answers = await made.request_refunds(ANN, text)

    assert [(a.word, outcome(a)) for a in answers] == [
        ("zz000000000001", "requested"),
        ("ORD_2", "requested"),
        ("ord_3", "asked"),
        ("ord_fresh", "fresh"),
        ("ord_bobs", "unknown"),
        ("nonsense", "unknown"),
    ]
    fresh = answers[3].refused
    assert fresh is not None
    assert (fresh.since, fresh.until) == (made.clock.now() + FIVE_DAYS, made.clock.now() + 28 * DAY)


async def test_given_a_label_named_twice_in_two_ways_when_asked_then_it_is_answered_once() -> None:
    made = await with_labels()
    answers = await made.request_refunds(ANN, ["ZZ000000000001", "ord_1"])

    assert [outcome(a) for a in answers] == ["requested"]


async def test_given_a_wish_when_kept_then_it_is_for_the_price_paid_and_no_money_moves() -> None:
    made = await with_labels()
    before = await money(made)
    refund = await asked(made)

    assert (refund.price, refund.amount, refund.user_id) == (usd("9.42"), usd("9.42"), ANN)
    assert await money(made) == before
    assert await story(made, f"refund:{refund.refund_id}") == [("customer", "requested")]
    assert news(made) == []


async def test_given_a_stranger_when_they_ask_for_anothers_label_then_it_is_unknown_and_nothing_is_kept() -> (
    None
):
    made = await with_labels()
    answers = await made.request_refunds(BOB, "ord_1 ZZ000000000001")

    assert [outcome(a) for a in answers] == ["unknown", "unknown"]
    assert all(a.order is None for a in answers)
    assert list(await made.refunds.find({})) == []


async def test_given_an_operator_when_they_ask_in_a_customers_name_then_the_customer_hears_of_it() -> None:
    made = await with_labels()
    refund = await asked(made, by="key:ola")
    await made.quiet()

    assert refund.requested_by == "key:ola"
    assert news(made) == [("refund_requested", {})]
    assert await story(made, f"refund:{refund.refund_id}") == [("key:ola", "requested")]


async def test_given_two_wishes_at_once_when_both_ask_then_there_is_one_refund() -> None:
    made = await with_labels()
    answers = await asyncio.gather(*(made.request_refunds(ANN, "ord_1") for _ in range(5)))

    assert sorted(outcome(a) for (a,) in answers) == ["asked"] * 4 + ["requested"]
    assert len(await made.refunds.find({})) == 1


async def test_given_a_refund_that_was_rejected_or_taken_back_when_asked_again_then_there_is_another() -> (
    None
):
    made = await with_labels()
    first = await asked(made)
    await made.decide_refund.reject(first.refund_id, actor="eve", reason="used")
    second = await asked(made)
    await made.decide_refund.cancel(ANN, second.refund_id)

    assert (await asked(made)).state is RefundState.REQUESTED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ,;\n", "at least one"),
        (" ".join(f"ord_{n}" for n in range(51)), "at most 50"),
    ],
    ids=["none", "too-many"],
)
async def test_given_no_labels_or_too_many_when_asked_then_it_is_refused(text: str, reason: str) -> None:
    made = await with_labels()
    with pytest.raises(InvalidInput, match=reason):
        await made.request_refunds(ANN, text)


async def test_given_labels_of_every_age_when_offered_then_the_nearest_last_day_comes_first() -> None:
    made = await with_labels("ord_old", age=30 * DAY)
    await buys(made, "ord_due")
    made.clock.advance(10 * DAY)
    await buys(made, "ord_next")
    await buys(made, "ord_asked")
    made.clock.advance(6 * DAY)
    await asked(made, "ord_asked")
    await buys(made, "ord_new")
    await buys(made, "ord_bobs", BOB)
    offered = await made.request_refunds.offered(ANN)

    assert [(o.order.order_id, o.verdict) for o in offered] == [
        ("ord_due", Verdict.ELIGIBLE),
        ("ord_next", Verdict.ELIGIBLE),
        ("ord_new", Verdict.FRESH),
    ]


async def test_given_nobodys_labels_when_offered_then_there_are_none() -> None:
    made = await with_labels()

    assert list(await made.request_refunds.offered(BOB)) == []


async def test_given_a_blocked_customer_in_maintenance_when_asking_then_refunds_go_on() -> None:
    made = await with_labels()
    await made.customer().says("hello")
    await made.people.block(ANN, actor="eve", reason="late")
    refund = await asked(made)
    made.clock.advance(minutes(1))

    assert (await made.decide_refund.approve(refund.refund_id, actor="eve")).state is RefundState.PROCESSED


@pytest.mark.parametrize("windows", [{}, {"ups": RefundWindow(10, "x")}], ids=["none", "of-another"])
async def test_given_no_window_for_all_carriers_when_offered_then_the_usual_one_counts(
    windows: dict[str, RefundWindow],
) -> None:
    made = await with_labels(age=15 * DAY, refunds=RefundRules(windows=windows))

    assert [judged.order.order_id for judged in await made.request_refunds.offered(ANN)] == ["ord_1"]


async def test_given_two_labels_with_one_number_when_asked_for_twice_then_each_is_asked_back() -> None:
    made = await with_labels("ord_a", "ord_b")
    for order_id in ("ord_a", "ord_b"):
        order = await made.orders.get(OrderId(order_id))
        assert order.label is not None
        label = evolve(order.label, tracking_number="9999999999999")
        await made.orders.save(evolve(order, label=label, version=order.version + 1))
    refunds = [await asked(made, "9999999999999") for _ in range(2)]
    (third,) = await made.request_refunds(ANN, "9999999999999")

    assert {refund.order_id for refund in refunds} == {"ord_a", "ord_b"}
    assert third.refused is not None
    assert third.refused.verdict is Verdict.ASKED
