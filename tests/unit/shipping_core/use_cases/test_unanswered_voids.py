"""A carrier that never tells whether a label is void: an operator decides, and the label is watched."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from a_shop import Shop
from builders import ANN, minutes, usd
from labels_back import DAY, asked, kept_by_the_carrier, money, moved, news, of, story, with_labels
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Kind, account_sums
from shipping_core.domain.order import OrderState
from shipping_core.domain.policy import SecondPerson
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import Conflict, GatewayUnavailable, OutcomeUnknown

S = RefundState
ORDER = OrderId("ord_1")
LEFT, BACK = usd("10.58"), usd("20.00")
HOUR = minutes(60)


async def unanswered(*, gone: bool = False, after: dt.timedelta = HOUR, **decisions: Any) -> Shop:
    """Ann's refund was approved so long ago, and the carrier has not told; `gone` says what it did."""
    made = await with_labels(**decisions)
    refund = await asked(made)
    error = OutcomeUnknown("void", "read timeout")
    if gone:
        made.shipping.lost_voids = [error]
    else:
        made.shipping.errors["void"] = [error]
    made.shipping.errors["find"] = [GatewayUnavailable("find")] * 100
    refund = await made.decide_refund.approve(refund.refund_id, actor="eve")
    assert refund.state is S.VOID_UNKNOWN
    made.clock.advance(after)
    await made.drive_refunds()
    made.notifier.alarms.clear()
    return made


async def the_refund(made: Shop) -> Refund:
    """Ann's first."""
    (*_, first) = sorted(await made.refunds.find({"user_id": ANN}), key=lambda r: r.created_at, reverse=True)
    return first


async def rejected(made: Shop) -> Refund:
    """No."""
    refund = await the_refund(made)
    return await made.decide_refund.reject(refund.refund_id, actor="kim", reason="used")


async def overridden(made: Shop) -> Refund:
    """Yes, at our loss."""
    refund = await the_refund(made)
    await made.decide_refund.override(refund.refund_id, actor="kim", reason="kind")
    return await of(made, refund.refund_id)


async def watched(made: Shop, after: dt.timedelta = HOUR) -> list[RefundState]:
    """One look, so much later; the carrier tells again."""
    made.clock.advance(after)
    made.shipping.errors["find"] = []
    return [refund.state for refund in await made.watch_refunds()]


async def sums(made: Shop, account: str) -> int:
    """What an account of ours has."""
    return account_sums(await made.balances.journal()).get((Mode.TEST, account), 0)


@pytest.mark.parametrize("decide", [rejected, overridden], ids=["reject", "override"])
async def test_given_an_hour_that_is_not_over_when_decided_then_the_carrier_may_still_tell(
    decide: Callable[[Shop], Awaitable[Refund]],
) -> None:
    made = await unanswered(after=HOUR - minutes(1))
    with pytest.raises(Conflict, match="has an hour to tell"):
        await decide(made)

    assert (await the_refund(made)).state is S.VOID_UNKNOWN


async def test_given_an_hour_without_an_answer_when_rejected_then_the_label_counts_as_good_again() -> None:
    made = await unanswered()
    refund = await rejected(made)
    await made.quiet()

    assert (refund.state, refund.watched) == (S.REJECTED, True)
    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASED
    assert await money(made) == LEFT
    assert news(made)[-1] == ("refund_rejected", {"reason": "used"})
    assert (await story(made, f"order:{ORDER}"))[-1] == ("kim", "purchased")


async def test_given_an_hour_without_an_answer_when_overridden_then_the_money_is_back_at_our_loss() -> None:
    made = await unanswered()
    refund = await overridden(made)
    await made.quiet()
    order = await made.orders.get(ORDER)

    assert (refund.state, refund.at_loss, refund.watched) == (S.PROCESSED, True, True)
    assert (order.state, order.refunded) == (OrderState.PURCHASED, usd("9.42"))
    assert (await money(made), await sums(made, book.LOSS)) == (BACK, -942)
    assert news(made)[-1] == ("refund_processed", {"amount": "9.42 USD"})


async def test_given_a_set_amount_when_overridden_unanswered_then_a_second_person_consents_first() -> None:
    made = await unanswered(second_person=SecondPerson(override_above=usd("1.00")))
    refund = await overridden(made)
    (waits,) = await made.consent.approvals.find({})
    assert refund.state is S.VOID_UNKNOWN
    await made.consent.grant(waits.approval_id, actor="pat", reason="agreed")

    assert (await the_refund(made)).state is S.PROCESSED
    assert await money(made) == BACK


async def test_given_a_worker_and_an_operator_at_once_when_both_go_on_then_one_of_them_counts() -> None:
    made = await unanswered(after=2 * HOUR)
    made.shipping.errors["find"] = []
    made.clock.advance(HOUR)
    await asyncio.gather(made.drive_refunds(), rejected(made), return_exceptions=True)
    refund = await the_refund(made)
    back = await moved(made, Kind.REFUND)

    assert (refund.state, len(back)) in {(S.PROCESSED, 1), (S.REJECTED, 0)}


async def test_given_money_given_at_a_loss_when_the_label_turns_out_void_then_the_carrier_owes_its_cost() -> (
    None
):
    made = await unanswered(gone=True)
    refund = await overridden(made)
    found = await watched(made)
    await made.quiet()

    assert found == [S.PROCESSED]
    assert (await made.orders.get(ORDER)).state is OrderState.VOIDED
    assert (await the_refund(made)).watched is False
    assert [t.amount for t in await moved(made, Kind.CARRIER_CREDIT)] == [usd("7.42")]
    assert (await money(made), await sums(made, book.CARRIER_PAYABLE)) == (BACK, 0)
    assert news(made)[-1] == ("refund_voided", {})
    assert (await story(made, f"refund:{refund.refund_id}"))[-1] == ("system", "found_void")
    assert [str(alarm) for alarm in made.notifier.alarms] == [
        f"{refund.refund_id} was processed unanswered, and ord_1 is void after all"
    ]
    assert await watched(made, DAY) == []


async def test_given_a_rejected_refund_when_the_label_turns_out_void_then_the_customer_has_the_money() -> (
    None
):
    made = await unanswered(gone=True)
    first = await rejected(made)
    found = await watched(made)
    made.shipping.voids_approved = False
    made.clock.advance(minutes(2))
    (second,) = await made.drive_refunds()
    await made.quiet()

    assert found == [S.REJECTED]
    assert (second.state, second.requested_by, second.decided_by) == (S.PROCESSED, "system", "system")
    assert (await made.orders.get(ORDER)).state is OrderState.VOIDED
    assert await money(made) == BACK
    assert [t.amount for t in await moved(made, Kind.CARRIER_CREDIT)] == [usd("7.42")]
    assert news(made)[-1] == ("refund_processed", {"amount": "9.42 USD"})
    assert (await of(made, first.refund_id)).watched is False
    assert len(made.notifier.alarms) == 1


async def test_given_a_label_that_stays_live_when_watched_then_hourly_for_a_day_and_daily_for_a_month() -> (
    None
):
    made = await unanswered()
    first = await rejected(made)
    made.shipping.errors["find"] = []
    looks: list[int] = []
    version = first.version
    for hour in range(1, 24 * 40):
        made.clock.advance(HOUR)
        await made.watch_refunds()
        now = await of(made, first.refund_id)
        if now.version > version:
            looks.append(hour)
            version = now.version

    assert looks[:23] == list(range(1, 24))
    assert looks[23:26] == [47, 71, 95]
    assert (looks[-1], now.watched) == (23 + 24 * 30, False)


async def test_given_another_wish_for_a_watched_label_when_looked_at_then_that_one_settles_it() -> None:
    made = await unanswered(gone=True)
    await rejected(made)
    second = await asked(made)
    early = await watched(made)
    await made.decide_refund.approve(second.refund_id, actor="eve")
    late = await watched(made)

    assert (early, late) == ([], [])
    assert (await the_refund(made)).watched is False
    assert len(await moved(made, Kind.CARRIER_CREDIT)) == len(await moved(made, Kind.REFUND)) == 1


async def test_given_a_carrier_that_does_not_tell_or_a_bug_when_watched_then_it_stays_due() -> None:
    made = await unanswered(gone=True)
    await overridden(made)
    made.clock.advance(HOUR)
    first = list(await made.watch_refunds())
    made.shipping.errors["find"] = [RuntimeError("a bug")]
    second = list(await made.watch_refunds())

    assert (first, second) == ([], [])
    assert [type(alarm) for alarm in made.notifier.alarms] == [RuntimeError]
    assert await watched(made, minutes(0)) == [S.PROCESSED]


async def test_given_a_no_of_long_ago_when_asked_once_more_then_the_hour_begins_anew() -> None:
    made, refund = await kept_by_the_carrier()
    made.clock.advance(2 * DAY)
    made.notifier.alarms.clear()
    made.shipping.errors["void"] = [OutcomeUnknown("void", "read timeout")]
    again = await made.decide_refund.retry(refund.refund_id, actor="eve")

    assert (again.state, again.asked_at, again.lookups) == (S.VOID_UNKNOWN, made.clock.now(), 0)
    assert made.notifier.alarms == []
    with pytest.raises(Conflict, match="has an hour to tell"):
        await rejected(made)
