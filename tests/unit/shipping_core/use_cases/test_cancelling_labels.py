"""A fresh label given back at once."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from a_shop import shop
from builders import ANN, BOB, a_label, an_order, minutes, usd
from labels_back import FIVE_DAYS, asked, money, moved, news, story, with_labels
from shipping_core.conversation import events as ev
from shipping_core.domain.ids import OrderId, RefundId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotEligible,
    NotFound,
    OutcomeUnknown,
)
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.request_refunds import wish, with_live

ORDER = OrderId("ord_1")
FRESH = minutes(5)
SECOND = dt.timedelta(seconds=1)


async def test_given_a_fresh_label_when_cancelled_then_it_is_void_and_the_money_is_back_at_once() -> None:
    made = await with_labels(age=FRESH)
    refund = await made.cancel_label(ANN, ORDER)
    await made.quiet()

    assert (refund.state, refund.at_once, refund.decided_by) == (RefundState.PROCESSED, True, "customer")
    assert ((await made.orders.get(ORDER)).state, made.shipping.live_labels) == (OrderState.VOIDED, [])
    assert await money(made) == usd("20.00")
    assert news(made) == [("refund_processed", {"amount": "9.42 USD"})]
    assert (await story(made, f"refund:{refund.refund_id}"))[0] == ("customer", "approved")


@pytest.mark.parametrize("status", ["accepted", "in_transit", "delivered", "exception"])
async def test_given_a_parcel_the_carrier_has_seen_when_cancelled_then_it_is_refused(status: str) -> None:
    made = await with_labels(age=FRESH)
    made.shipping.tracked = status
    with pytest.raises(NotEligible) as told:
        await made.cancel_label(ANN, ORDER)

    assert (told.value.verdict, made.shipping.voids_asked) == ("in_use", 0)
    assert list(await made.refunds.find({})) == []


@pytest.mark.parametrize("code", ["unsupported", "not_found"])
async def test_given_a_carrier_that_cannot_track_at_all_when_cancelled_then_the_void_decides(
    code: str,
) -> None:
    made = await with_labels(age=FRESH)
    made.shipping.errors["track"] = [GatewayRefused("track", code=code)]

    assert (await made.cancel_label(ANN, ORDER)).state is RefundState.PROCESSED


@pytest.mark.parametrize(
    "error", [GatewayUnavailable("track"), GatewayRefused("track", code="unauthorized")], ids=["away", "key"]
)
async def test_given_a_carrier_that_does_not_say_when_cancelled_then_nothing_is_changed(
    error: Exception,
) -> None:
    made = await with_labels(age=FRESH)
    made.shipping.errors["track"] = [error]
    with pytest.raises(type(error)):
        await made.cancel_label(ANN, ORDER)

    assert list(await made.refunds.find({})) == []


async def test_given_a_label_of_five_days_when_cancelled_then_it_has_to_be_asked_for_instead() -> None:
    made = await with_labels(age=FIVE_DAYS - SECOND)
    made.clock.advance(SECOND)
    with pytest.raises(NotEligible) as told:
        await made.cancel_label(ANN, ORDER)

    assert told.value.verdict == "eligible"


async def test_given_somebody_elses_label_when_cancelled_then_it_is_not_found() -> None:
    made = await with_labels(age=FRESH)
    with pytest.raises(NotFound):
        await made.cancel_label(BOB, ORDER)

    assert len(made.shipping.live_labels) == 1


async def test_given_a_double_tap_when_cancelled_then_it_is_void_once_and_credited_once() -> None:
    made = await with_labels(age=FRESH)
    made.shipping.lost_voids = [OutcomeUnknown("void")]
    first = await made.cancel_label(ANN, ORDER)
    second = await made.cancel_label(ANN, ORDER)

    assert first.state is second.state is RefundState.VOID_UNKNOWN
    assert first.refund_id == second.refund_id
    made.clock.advance(minutes(2))
    await made.drive_refunds()
    assert len(await moved(made, Kind.REFUND)) == 1
    with pytest.raises(NotEligible, match="voided"):
        await made.cancel_label(ANN, ORDER)


async def test_given_taps_at_the_same_time_when_cancelled_then_one_goes_through() -> None:
    made = await with_labels(age=FRESH)
    answers = await asyncio.gather(*(made.cancel_label(ANN, ORDER) for _ in range(5)), return_exceptions=True)

    assert [isinstance(a, NotEligible) for a in answers].count(False) == 1
    assert len(await moved(made, Kind.REFUND)) == 1


async def test_given_a_carrier_that_keeps_a_fresh_label_when_cancelled_then_an_operator_decides() -> None:
    made = await with_labels(age=FRESH)
    made.shipping.voids_approved = False
    refund = await made.cancel_label(ANN, ORDER)
    await made.quiet()

    assert refund.state is RefundState.VOID_REFUSED
    assert news(made) == [("refund_refused", {"why": "This label was used."})]
    await made.decide_refund.reject(refund.refund_id, actor="eve", reason="used")
    made.clock.advance(FIVE_DAYS)
    assert (await asked(made)).state is RefundState.REQUESTED


async def test_given_a_label_that_was_given_back_when_sent_again_then_there_is_none() -> None:
    made = await with_labels(age=FRESH)
    await made.cancel_label(ANN, ORDER)
    with pytest.raises(NotFound):
        await made.send_label(ANN, ORDER)


async def test_given_a_label_being_given_back_when_sent_again_then_it_is_kept_back() -> None:
    made = shop()
    order = an_order(state=OrderState.VOID_REQUESTED, label=a_label())
    await made.orders.add(order)
    with pytest.raises(NotFound):
        await made.send_label(order.user_id, order.order_id)


async def test_given_a_label_that_was_given_back_when_buy_is_tapped_again_then_it_is_a_stale_button() -> None:
    made = await with_labels(age=FRESH)
    ann = await made.customer().says("hello")
    await made.cancel_label(ANN, ORDER)
    await ann.taps(ev.PurchaseConfirmed(ORDER))

    assert ann.note == "stale"
    assert made.notifier.apologies == []


async def test_given_a_wish_that_saw_no_other_when_one_comes_and_ends_meanwhile_then_it_is_judged_anew() -> (
    None
):
    made = await with_labels(age=FRESH)
    order = await made.orders.get(ORDER)
    seen = []

    async def body(tx: Transaction) -> None:
        fresh, asked = await with_live(tx, ORDER)
        seen.append((fresh.state, asked))
        if len(seen) == 1:
            await made.cancel_label(ANN, ORDER)
        if fresh.state is OrderState.PURCHASED:
            late = wish(order, RefundId("ref_late"), made.clock.now(), "customer")
            await tx.shelf(Refund).add(late)

    await made.work.run(body)

    assert seen == [(OrderState.PURCHASED, False), (OrderState.VOIDED, False)]
    assert len(await made.refunds.find({})) == 1
