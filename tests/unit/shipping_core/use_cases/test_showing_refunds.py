"""Refunds in the chat: pages and a question beside the order, which is still there afterwards."""

from __future__ import annotations

import datetime as dt

import pytest

from a_shop import Shop
from builders import A_WHOLE_ORDER, ANN, BOB, minutes
from labels_back import FIVE_DAYS, asked, buys, news, with_labels
from shipping_core.conversation import events as ev
from shipping_core.conversation import refund_screens as rs
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import OrderId, RefundId
from shipping_core.domain.refund import RefundState, Verdict
from shipping_core.errors import NotFound, OutcomeUnknown

ORDER = OrderId("ord_1")


def page(made: Shop) -> sc.Screen:
    """What was told last."""
    return made.notifier.told[-1].screen


async def test_given_labels_when_the_counter_is_opened_then_they_come_in_pages_with_what_can_be_done() -> (
    None
):
    made = await with_labels(*(f"ord_{n}" for n in range(8)))
    await made.show_refunds.desk(ANN)
    first = page(made)
    await made.show_refunds.desk(ANN, 1)
    second = page(made)

    assert isinstance(first, rs.RefundDesk)
    assert isinstance(second, rs.RefundDesk)
    assert (len(first.offered), first.has_more, first.any_before) == (6, True, False)
    assert (len(second.offered), second.has_more) == (2, False)


async def test_given_five_labels_pasted_beside_an_order_when_answered_then_the_order_is_still_there() -> None:
    made = await with_labels("ord_1", "ord_2", "ord_3")
    await asked(made, "ord_3")
    await buys(made, "ord_fresh")
    ann = await made.customer().says(A_WHOLE_ORDER)
    before = await ann.session()
    await ann.does(ev.AsideAsked("refund"))
    asking = ann.screen
    await ann.says("ord_1, ord_2\nord_3 ord_fresh nonsense")
    after, told = await ann.session(), page(made)

    assert asking == sc.AskAside("refund", "")
    assert isinstance(told, rs.RefundsAsked)
    assert [r.refund is not None for r in told.results] == [True, True, False, False, False]
    assert (after.state, after.draft) == (before.state, before.draft)
    await ann.chooses()
    await ann.buys()
    assert len(await ann.all_orders()) == 5


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (",;", "refund_none"),
        ("ord_mistyped 94001", "refund_unknown"),
        (" ".join(f"ord_{n}" for n in range(51)), "refund_many"),
    ],
    ids=["none", "unknown", "too-many"],
)
async def test_given_a_text_that_names_no_labels_or_too_many_when_answered_then_it_is_asked_again(
    text: str, word: str
) -> None:
    made = await with_labels()
    ann = await made.customer().does(ev.AsideAsked("refund"))
    await ann.says(text)

    assert (ann.screen, ann.note) == (sc.AskAside("refund", ""), word)


@pytest.mark.parametrize(
    ("text", "word"),
    [(",;", "refund_none"), (" ".join(f"ord_{n}" for n in range(51)), "refund_many")],
    ids=["none", "too-many"],
)
async def test_given_a_text_that_names_no_labels_or_too_many_when_commanded_then_it_says_how_to_name_them(
    text: str, word: str
) -> None:
    made = await with_labels()
    await made.show_refunds.ask(ANN, text)

    assert made.customer().remarks[-1] == word


async def test_given_a_label_when_looked_at_then_it_says_what_can_be_done_now() -> None:
    made = await with_labels(age=minutes(1))
    await made.show_refunds.about(ANN, ORDER)
    fresh = page(made)
    made.clock.advance(FIVE_DAYS)
    refund = await asked(made)
    await made.show_refunds.about(ANN, ORDER)
    waits = page(made)

    assert isinstance(fresh, rs.RefundOffer)
    assert isinstance(waits, rs.RefundOffer)
    assert (fresh.judged.verdict, fresh.refund) == (Verdict.FRESH, None)
    assert (waits.judged.verdict, waits.refund) == (Verdict.ASKED, refund)


async def test_given_a_fresh_label_when_cancelled_then_the_refund_is_shown_and_the_money_is_back() -> None:
    made = await with_labels(age=minutes(1))
    await made.show_refunds.cancel(ANN, ORDER)
    shown = page(made)

    assert isinstance(shown, rs.RefundDetails)
    assert shown.refund.state is RefundState.PROCESSED
    assert shown.order.order_id == ORDER
    await made.show_orders.details(ANN, ORDER)
    details = page(made)
    assert isinstance(details, sc.OrderDetails)
    assert details.refund == shown.refund


@pytest.mark.parametrize(
    ("tracked", "age", "verdict"),
    [("delivered", minutes(1), Verdict.IN_USE), ("label_created", FIVE_DAYS, Verdict.ELIGIBLE)],
    ids=["scanned", "old"],
)
async def test_given_a_label_that_cannot_be_cancelled_when_tried_then_it_says_why(
    tracked: str, age: dt.timedelta, verdict: Verdict
) -> None:
    made = await with_labels(age=age)
    made.shipping.tracked = tracked
    await made.show_refunds.cancel(ANN, ORDER)
    shown = page(made)

    assert isinstance(shown, rs.RefundOffer)
    assert shown.judged.verdict is verdict
    assert made.shipping.voids_asked == 0


async def test_given_a_double_tap_on_cancel_when_the_carrier_is_silent_then_both_show_the_same_refund() -> (
    None
):
    made = await with_labels(age=minutes(1))
    made.shipping.errors["void"] = [OutcomeUnknown("void")]
    await made.show_refunds.cancel(ANN, ORDER)
    first = page(made)
    await made.show_refunds.cancel(ANN, ORDER)

    assert page(made) == first


async def test_given_refunds_when_listed_then_the_newest_comes_first_in_pages() -> None:
    made = await with_labels(*(f"ord_{n}" for n in range(7)))
    refunds = []
    for n in range(7):
        made.clock.advance(minutes(1))
        refunds.append(await asked(made, f"ord_{n}"))
    await made.show_refunds.mine(ANN)
    first = page(made)
    await made.show_refunds.mine(ANN, 1)
    second = page(made)

    assert isinstance(first, rs.RefundList)
    assert isinstance(second, rs.RefundList)
    assert (first.refunds, first.has_more) == (tuple(refunds[:0:-1]), True)
    assert [order.order_id for order in first.orders] == [refund.order_id for refund in first.refunds]
    assert (second.refunds, second.has_more) == ((refunds[0],), False)


async def test_given_a_wish_when_taken_back_then_a_letter_says_so_and_a_second_tap_shows_it() -> None:
    made = await with_labels()
    refund = await asked(made)
    await made.show_refunds.take_back(ANN, refund.refund_id)
    await made.quiet()
    letters = news(made)
    await made.show_refunds.take_back(ANN, refund.refund_id)
    shown = page(made)

    assert letters == [("refund_cancelled", {})]
    assert isinstance(shown, rs.RefundDetails)
    assert shown.refund.state is RefundState.CANCELLED


async def test_given_a_letter_on_a_refund_when_it_comes_then_it_leads_to_the_refund() -> None:
    made = await with_labels()
    refund = await asked(made)
    await made.decide_refund.approve(refund.refund_id, actor="eve")
    await made.quiet()

    told = page(made)
    assert isinstance(told, sc.News)
    assert (told.refund_id, told.order and told.order.order_id) == (refund.refund_id, ORDER)


async def test_given_somebody_elses_label_or_refund_when_touched_then_it_is_not_found() -> None:
    made = await with_labels()
    refund = await asked(made)
    show = made.show_refunds

    for act in (show.about(BOB, ORDER), show.cancel(BOB, ORDER), show.details(BOB, refund.refund_id)):
        with pytest.raises(NotFound):
            await act
    for act in (show.take_back(BOB, refund.refund_id), show.details(ANN, RefundId("ref_nobody"))):
        with pytest.raises(NotFound):
            await act

    assert await made.refunds.get(refund.refund_id) == refund


async def test_given_an_own_order_when_looked_at_then_its_refund_is_there_as_well() -> None:
    made = await with_labels()
    refund = await asked(made)
    await made.show_orders.details(ANN, ORDER)
    shown = page(made)

    assert isinstance(shown, sc.OrderDetails)
    assert shown.refund == refund
    assert shown.judged is not None
    assert shown.judged.verdict is Verdict.ASKED
