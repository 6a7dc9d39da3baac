"""What operators decide about refunds, and what the customer may still take back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from a_shop import Shop
from builders import ANN, BOB, usd
from carriers import ScriptedShipping
from labels_back import asked, kept_by_the_carrier, money, moved, news, of, story, with_labels
from shipping_core.domain import ledger as book
from shipping_core.domain.access import ApprovalState
from shipping_core.domain.ids import Mode, OrderId, RefundId
from shipping_core.domain.ledger import Kind, account_sums
from shipping_core.domain.order import OrderState
from shipping_core.domain.policy import SecondPerson
from shipping_core.domain.refund import RefundState
from shipping_core.errors import Conflict, InvalidInput, NotFound

S = RefundState
ORDER = OrderId("ord_1")
LEFT = usd("10.58")
"""Of $20.00, with a label for $9.42."""
Act = Callable[[Shop, RefundId, str], Awaitable[object]]


async def approves(made: Shop, refund_id: RefundId, actor: str) -> object:
    """Yes."""
    return await made.decide_refund.approve(refund_id, actor=actor)


async def rejects(made: Shop, refund_id: RefundId, actor: str) -> object:
    """No."""
    return await made.decide_refund.reject(refund_id, actor=actor, reason="used")


async def overrides(made: Shop, refund_id: RefundId, actor: str) -> object:
    """Yes, whatever the carrier says."""
    return await made.decide_refund.override(refund_id, actor=actor, reason="good customer")


async def retries(made: Shop, refund_id: RefundId, actor: str) -> object:
    """Ask the carrier once more."""
    return await made.decide_refund.retry(refund_id, actor=actor)


async def test_given_a_wish_when_approved_then_the_label_is_void_and_the_price_is_back_once() -> None:
    made = await with_labels()
    refund = await asked(made)
    done = await made.decide_refund.approve(refund.refund_id, actor="eve", note="Sorry for that.")
    await made.quiet()
    order = await made.orders.get(ORDER)

    assert (done.state, done.decided_by, done.note) == (S.PROCESSED, "eve", "Sorry for that.")
    assert done.decided_at == done.ended_at == made.clock.now()
    assert (order.state, order.refunded, made.shipping.live_labels) == (OrderState.VOIDED, usd("9.42"), [])
    assert await money(made) == usd("20.00")
    assert news(made) == [
        ("refund_approved", {"note": "Sorry for that."}),
        ("refund_processed", {"amount": "9.42 USD", "note": "Sorry for that."}),
    ]
    assert await story(made, f"refund:{refund.refund_id}") == [
        ("customer", "requested"),
        ("eve", "approved"),
        ("system", "voiding"),
        ("system", "void_ok"),
        ("system", "processed"),
    ]
    assert (await story(made, f"order:{ORDER}"))[-2:] == [("system", "void_requested"), ("system", "voided")]


@pytest.mark.parametrize("actual", ["7.42", "8.00", "7.00"], ids=["as-quoted", "dearer", "cheaper"])
async def test_given_a_label_of_any_cost_when_it_goes_back_then_nothing_is_owed_to_the_carrier_for_it(
    actual: str,
) -> None:
    made = await with_labels(shipping=ScriptedShipping(actual_cost=usd(actual)))
    refund = await asked(made)
    await approves(made, refund.refund_id, "eve")
    sums = account_sums(await made.balances.journal())

    for account in (book.CARRIER_PAYABLE, book.CARRIER_COST, book.CARRIER_VARIANCE):
        assert sums.get((Mode.TEST, account), 0) == 0
    assert sum(t.amount.minor for t in await moved(made, Kind.CARRIER_CREDIT)) == usd(actual).minor
    assert sums[Mode.TEST, book.LABEL_REVENUE] == -sums[Mode.TEST, book.REFUNDS_GIVEN]


async def test_given_less_than_the_price_when_approved_then_it_needs_a_reason_and_the_label_is_void() -> None:
    made = await with_labels()
    refund = await asked(made)
    with pytest.raises(InvalidInput, match="amount_reason"):
        await made.decide_refund.approve(refund.refund_id, actor="eve", amount=usd("5.00"))
    done = await made.decide_refund.approve(
        refund.refund_id, actor="eve", amount=usd("5.00"), amount_reason="half used"
    )

    assert (done.state, done.amount, done.amount_reason) == (S.PROCESSED, usd("5.00"), "half used")
    assert await money(made) == LEFT + usd("5.00")
    assert (await made.orders.get(ORDER)).refunded == usd("5.00")


@pytest.mark.parametrize("amount", ["9.43", "0.00", "-1.00", "1000000.00"])
async def test_given_an_amount_that_was_not_paid_when_approved_then_it_is_refused(amount: str) -> None:
    made = await with_labels()
    refund = await asked(made)
    with pytest.raises(InvalidInput, match="amount"):
        await made.decide_refund.approve(
            refund.refund_id, actor="eve", amount=usd(amount), amount_reason="typed"
        )

    assert await of(made, refund.refund_id) == refund
    assert await money(made) == LEFT


async def test_given_a_wish_when_rejected_then_the_customer_hears_why_and_keeps_the_label() -> None:
    made = await with_labels()
    refund = await asked(made)
    done = await made.decide_refund.reject(refund.refund_id, actor="eve", reason=" It was used. ")
    await made.quiet()

    assert (done.state, done.decided_why) == (S.REJECTED, "It was used.")
    assert news(made) == [("refund_rejected", {"reason": "It was used."})]
    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASED
    assert made.shipping.voids_asked == 0


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501], ids=["none", "blank", "endless"])
@pytest.mark.parametrize("act", ["reject", "override"])
async def test_given_no_reason_or_an_endless_one_when_decided_then_it_is_refused(
    act: str, reason: str
) -> None:
    made, refund = await kept_by_the_carrier()
    with pytest.raises(InvalidInput, match="reason"):
        await getattr(made.decide_refund, act)(refund.refund_id, actor="eve", reason=reason)

    assert await of(made, refund.refund_id) == refund


async def test_given_a_wish_when_its_customer_takes_it_back_then_it_is_cancelled_and_said() -> None:
    made = await with_labels()
    refund = await asked(made)
    done = await made.decide_refund.cancel(ANN, refund.refund_id)
    await made.quiet()

    assert (done.state, done.decided_by) == (S.CANCELLED, "customer")
    assert news(made) == [("refund_cancelled", {})]


async def test_given_somebody_elses_wish_when_taken_back_then_it_is_not_found() -> None:
    made = await with_labels()
    refund = await asked(made)
    with pytest.raises(NotFound):
        await made.decide_refund.cancel(BOB, refund.refund_id)

    assert await of(made, refund.refund_id) == refund


async def test_given_a_decided_refund_when_decided_otherwise_then_it_says_by_whom_and_since_when() -> None:
    made = await with_labels()
    refund = await asked(made)
    await rejects(made, refund.refund_id, "eve")
    said = f"{refund.refund_id} is rejected already by eve, since {made.clock.now().isoformat()}"

    for act in (approves, rejects, overrides, retries):
        with pytest.raises(Conflict) as told:
            await act(made, refund.refund_id, "kim")
        assert told.value.key == said
    with pytest.raises(Conflict) as told:
        await made.decide_refund.cancel(ANN, refund.refund_id)
    assert told.value.key == said


@pytest.mark.parametrize("second", [approves, rejects], ids=["both-approve", "one-rejects"])
async def test_given_two_operators_at_once_when_both_decide_then_the_first_counts_and_the_other_hears_of_it(
    second: Act,
) -> None:
    made = await with_labels()
    refund = await asked(made)
    answers = await asyncio.gather(
        approves(made, refund.refund_id, "eve"),
        second(made, refund.refund_id, "kim"),
        return_exceptions=True,
    )
    (lost,) = [a for a in answers if isinstance(a, Conflict)]
    winner = (await of(made, refund.refund_id)).decided_by

    assert f"already by {winner}, since" in lost.key
    assert len(await moved(made, Kind.REFUND, Kind.REFUND_AT_LOSS)) <= 1


async def test_given_an_older_version_when_decided_then_it_is_a_conflict_that_says_what_it_is_now() -> None:
    made = await with_labels()
    refund = await asked(made)
    await made.decide_refund.note(refund.refund_id, "We look into it.", actor="kim", version=1)
    with pytest.raises(Conflict, match=r"is requested, since \S+: read version 2"):
        await made.decide_refund.approve(refund.refund_id, actor="eve", version=1)

    assert (await made.decide_refund.approve(refund.refund_id, actor="eve", version=2)).state is S.PROCESSED


async def test_given_a_note_when_written_then_the_customer_sees_it_and_it_may_be_taken_back() -> None:
    made = await with_labels()
    refund = await asked(made)
    noted = await made.decide_refund.note(refund.refund_id, " We look into it. ", actor="kim")
    again = await made.decide_refund.note(refund.refund_id, "", actor="kim")
    await made.quiet()

    assert (noted.note, noted.state, again.note) == ("We look into it.", S.REQUESTED, "")
    assert news(made) == [("refund_noted", {"note": "We look into it."})]
    assert (await story(made, f"refund:{refund.refund_id}"))[1:] == [("kim", "noted"), ("kim", "noted")]


async def test_given_a_note_at_the_same_time_when_approved_then_both_are_kept() -> None:
    made = await with_labels()
    refund = await asked(made)
    await asyncio.gather(
        made.decide_refund.note(refund.refund_id, "Hello.", actor="kim"),
        approves(made, refund.refund_id, "eve"),
    )
    done = await of(made, refund.refund_id)

    assert (done.state, done.note) == (S.PROCESSED, "Hello.")


@pytest.mark.parametrize("act", [approves, rejects, overrides, retries], ids=lambda act: act.__name__)
async def test_given_no_such_refund_when_decided_then_it_is_not_found(act: Act) -> None:
    made = await with_labels()
    with pytest.raises(NotFound):
        await act(made, RefundId("ref_nobody"), "eve")


async def test_given_a_carrier_that_keeps_the_label_when_overridden_then_the_money_is_back_at_our_loss() -> (
    None
):
    made, refund = await kept_by_the_carrier()
    performed = await made.decide_refund.override(refund.refund_id, actor="kim", reason="good customer")
    await made.quiet()
    done, order = await of(made, refund.refund_id), await made.orders.get(ORDER)
    sums = account_sums(await made.balances.journal())

    assert performed.approval is None
    assert (done.state, done.at_loss, done.decided_by) == (S.PROCESSED, True, "kim")
    assert (order.state, order.refunded) == (OrderState.PURCHASED, usd("9.42"))
    assert (await money(made), sums[Mode.TEST, book.LOSS]) == (usd("20.00"), -942)
    assert await moved(made, Kind.CARRIER_CREDIT) == []
    assert news(made)[-1] == ("refund_processed", {"amount": "9.42 USD"})
    assert (await story(made, f"order:{ORDER}"))[-1] == ("kim", "given_back")
    with pytest.raises(Conflict, match="is processed already by kim"):
        await overrides(made, refund.refund_id, "eve")


async def test_given_a_wish_nobody_has_approved_when_overridden_then_it_is_a_conflict() -> None:
    made = await with_labels()
    refund = await asked(made)
    with pytest.raises(Conflict, match="is requested, since"):
        await overrides(made, refund.refund_id, "eve")


async def test_given_two_operators_at_once_when_both_override_then_it_is_credited_once() -> None:
    made, refund = await kept_by_the_carrier()
    answers = await asyncio.gather(
        overrides(made, refund.refund_id, "eve"),
        overrides(made, refund.refund_id, "kim"),
        return_exceptions=True,
    )

    assert [isinstance(a, Conflict) for a in answers].count(True) == 1
    assert len(await moved(made, Kind.REFUND_AT_LOSS)) == 1


async def test_given_a_set_amount_when_overridden_above_it_then_a_second_person_has_to_consent() -> None:
    made, refund = await kept_by_the_carrier(second_person=SecondPerson(override_above=usd("9.41")))
    performed = await made.decide_refund.override(refund.refund_id, actor="eve", reason="good customer")
    waits = performed.approval
    assert waits is not None
    with pytest.raises(Conflict, match="somebody else than eve"):
        await made.consent.grant(waits.approval_id, actor="eve", reason="me again")
    before = await money(made)
    await made.consent.grant(waits.approval_id, actor="kim", reason="agreed")
    done = await of(made, refund.refund_id)

    assert (before, await money(made)) == (LEFT, usd("20.00"))
    assert (done.state, done.decided_by) == (S.PROCESSED, "eve")
    assert (await made.consent.approvals.get(waits.approval_id)).state is ApprovalState.GRANTED
    with pytest.raises(Conflict):
        await made.consent.grant(waits.approval_id, actor="pat", reason="agreed")
    assert len(await moved(made, Kind.REFUND_AT_LOSS)) == 1


async def test_given_an_override_that_waits_when_the_refund_is_rejected_then_consent_comes_too_late() -> None:
    made, refund = await kept_by_the_carrier(second_person=SecondPerson(override_above=usd("1.00")))
    waits = (await made.decide_refund.override(refund.refund_id, actor="eve", reason="kind")).approval
    assert waits is not None
    await rejects(made, refund.refund_id, "pat")
    with pytest.raises(Conflict, match="is rejected already by pat"):
        await made.consent.grant(waits.approval_id, actor="kim", reason="agreed")

    assert (await made.consent.approvals.get(waits.approval_id)).state is ApprovalState.WAITING
    assert await money(made) == LEFT


async def test_given_an_operator_who_asked_in_a_customers_name_when_it_is_much_then_another_approves() -> (
    None
):
    made = await with_labels(second_person=SecondPerson(override_above=usd("1.00")))
    refund = await asked(made, by="eve")
    with pytest.raises(Conflict, match="somebody else than eve"):
        await approves(made, refund.refund_id, "eve")
    await approves(made, refund.refund_id, "kim")

    assert (await of(made, refund.refund_id)).state is S.PROCESSED


async def test_given_a_dear_label_when_whoever_asked_gives_back_less_then_another_approves_all_the_same() -> (
    None
):
    made = await with_labels(second_person=SecondPerson(override_above=usd("5.00")))
    refund = await asked(made, by="eve")
    with pytest.raises(Conflict, match="somebody else than eve"):
        await made.decide_refund.approve(
            refund.refund_id, actor="eve", amount=usd("5.00"), amount_reason="half used"
        )

    assert (await of(made, refund.refund_id)).state is S.REQUESTED


async def test_given_a_loss_in_two_parts_when_together_it_is_much_then_a_second_person_consents() -> None:
    made = await with_labels(second_person=SecondPerson(override_above=usd("5.00")))
    made.shipping.voids_approved = False
    first = await asked(made)
    await made.decide_refund.approve(
        first.refund_id, actor="eve", amount=usd("5.00"), amount_reason="half used"
    )
    alone = await made.decide_refund.override(first.refund_id, actor="eve", reason="kind")
    second = await asked(made)
    await approves(made, second.refund_id, "eve")
    waits = await made.decide_refund.override(second.refund_id, actor="eve", reason="kind again")

    assert (alone.approval, waits.approval is not None) == (None, True)
    assert (await of(made, second.refund_id)).state is S.VOID_REFUSED
    assert await money(made) == LEFT + usd("5.00")


async def test_given_many_when_decided_at_once_then_each_has_an_outcome_and_none_stops_the_others() -> None:
    made = await with_labels("ord_1", "ord_2", "ord_3")
    first, second, third = [await asked(made, f"ord_{n}") for n in (1, 2, 3)]
    await rejects(made, second.refund_id, "kim")
    ids = [first.refund_id, second.refund_id, RefundId("ref_nobody"), third.refund_id, first.refund_id]
    outcomes = await made.decide_refund.each(ids, lambda i: made.decide_refund.approve(i, actor="eve"))

    assert [(o.refund_id, o.result.state if o.result else type(o.error)) for o in outcomes] == [
        (first.refund_id, S.PROCESSED),
        (second.refund_id, Conflict),
        ("ref_nobody", NotFound),
        (third.refund_id, S.PROCESSED),
    ]
    assert await money(made) == usd("60.00") - usd("9.42")


@pytest.mark.parametrize("count", [0, 51])
async def test_given_none_or_too_many_when_decided_at_once_then_it_is_refused(count: int) -> None:
    made = await with_labels()
    ids = [RefundId(f"ref_{n}") for n in range(count)]
    with pytest.raises(InvalidInput, match="ids"):
        await made.decide_refund.each(ids, lambda i: made.decide_refund.approve(i, actor="eve"))


async def test_given_a_carrier_that_kept_the_label_when_asked_once_more_then_a_yes_brings_the_money() -> None:
    made, refund = await kept_by_the_carrier()
    still = await made.decide_refund.retry(refund.refund_id, actor="kim", reason="it says it may")
    made.shipping.voids_approved = True
    done = await made.decide_refund.retry(refund.refund_id, actor="kim")

    assert (still.state, still.attempts) == (S.VOID_REFUSED, 2)
    assert (done.state, done.attempts) == (S.PROCESSED, 3)
    assert await money(made) == usd("20.00")
    assert ("kim", "voiding") in await story(made, f"refund:{refund.refund_id}")
