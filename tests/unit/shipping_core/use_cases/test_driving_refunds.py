"""The carrier is asked to take a label back: yes, no, no answer, and everything in between."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from a_shop import Shop
from builders import BOB, minutes, usd
from labels_back import asked, money, moved, news, of, story, with_labels
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    OperatorNeeded,
    OutcomeUnknown,
    StoreUnavailable,
)

S = RefundState
ORDER = OrderId("ord_1")
LEFT, BACK = usd("10.58"), usd("20.00")


async def approved(made: Shop) -> Refund:
    """Ann's refund, approved by an operator, as far as it goes at once."""
    refund = await asked(made)
    return await made.decide_refund.approve(refund.refund_id, actor="eve")


async def later(made: Shop, after: float = 1.0) -> list[RefundState]:
    """One round of the background, so many minutes later: what was moved on."""
    made.clock.advance(minutes(after))
    return [refund.state for refund in await made.drive_refunds()]


def told(made: Shop) -> list[str]:
    """What operators were told."""
    return [str(alarm) for alarm in made.notifier.alarms]


async def test_given_a_carrier_that_says_no_when_approved_then_the_label_is_good_and_its_words_are_told() -> (
    None
):
    made = await with_labels()
    made.shipping.voids_approved = False
    refund = await approved(made)
    await made.quiet()

    assert (refund.state, refund.void_answer, refund.void_code) == (
        S.VOID_REFUSED,
        "This label was used.",
        "used",
    )
    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASED
    assert news(made)[-1] == ("refund_refused", {"why": "This label was used."})
    assert told(made) == [f"{refund.refund_id} waits: the carrier keeps the label of ord_1"]
    assert await money(made) == LEFT
    assert await later(made, 600) == []


async def test_given_a_clear_no_by_error_when_approved_then_it_is_the_carriers_answer() -> None:
    made = await with_labels()
    made.shipping.errors["void"] = [GatewayRefused("void", "unknown label", code="not_found")]
    refund = await approved(made)

    assert (refund.state, refund.void_answer, refund.void_code) == (
        S.VOID_REFUSED,
        "unknown label",
        "not_found",
    )


async def test_given_a_label_that_was_voided_before_when_the_carrier_says_no_then_a_look_up_counts() -> None:
    made = await with_labels()
    (label,) = made.shipping.live_labels
    await made.shipping.void(label, Mode.TEST)
    refund = await approved(made)

    assert (refund.state, await money(made)) == (S.PROCESSED, BACK)


async def test_given_a_no_that_cannot_be_looked_up_when_approved_then_it_is_not_believed_yet() -> None:
    made = await with_labels()
    made.shipping.voids_approved = False
    made.shipping.errors["find"] = [GatewayUnavailable("find")]
    refund = await approved(made)
    assert refund.state is S.VOID_UNKNOWN

    assert await later(made) == [S.VOID_REFUSED]


@pytest.mark.parametrize(
    ("error", "voids"),
    [
        (OutcomeUnknown("void", "read timeout"), 2),
        (GatewayUnavailable("void"), 2),
        (GatewayRefused("void", "who are you?", code="unauthorized"), 2),
    ],
    ids=["not-answered", "not-reached", "our-key"],
)
async def test_given_no_usable_answer_when_the_label_is_live_then_it_is_looked_up_and_asked_once_more(
    error: Exception, voids: int
) -> None:
    made = await with_labels()
    made.shipping.errors["void"] = [error]
    refund = await approved(made)

    assert (refund.state, await money(made)) == (S.VOID_UNKNOWN, LEFT)
    assert (await made.orders.get(ORDER)).state is OrderState.VOID_REQUESTED
    assert await later(made, 0.5) == []
    assert await later(made, 0.5) == [S.PROCESSED]
    assert (made.shipping.voids_asked, await money(made)) == (voids, BACK)
    assert (error in made.notifier.alarms) is isinstance(error, GatewayRefused)


async def test_given_a_void_whose_answer_was_lost_when_looked_up_then_it_is_not_asked_again() -> None:
    made = await with_labels()
    made.shipping.lost_voids = [OutcomeUnknown("void", "read timeout")]
    await approved(made)

    assert await later(made) == [S.PROCESSED]
    assert (made.shipping.voids_asked, await money(made)) == (1, BACK)


async def test_given_a_worker_that_died_while_asking_when_another_finds_it_then_it_looks_first() -> None:
    made = await with_labels()
    refund = await asked(made)
    yes = refund.decided(S.APPROVED, "eve", "", made.clock.now())
    await made.drive_refunds.settle.saved(refund, yes)
    await made.drive_refunds.settle.voiding(yes)
    (label,) = made.shipping.live_labels
    await made.shipping.void(label, Mode.TEST)

    assert await later(made) == [S.PROCESSED]
    assert made.shipping.voids_asked == 1
    assert [action for _, action in await story(made, f"refund:{refund.refund_id}")] == [
        "requested", "approved", "voiding", "void_unknown", "void_ok", "processed",
    ]  # fmt: skip


async def test_given_a_worker_that_died_between_the_steps_when_another_comes_then_it_goes_on() -> None:
    made = await with_labels("ord_1", "ord_2")
    first, second = await asked(made, "ord_1"), await asked(made, "ord_2")
    settle, now = made.drive_refunds.settle, made.clock.now()
    await settle.saved(first, first.decided(S.APPROVED, "eve", "", now))
    yes = second.decided(S.APPROVED, "eve", "", now)
    await settle.saved(second, yes)
    gone = (await settle.voiding(yes)).moved(S.VOID_OK, now)
    await made.refunds.save(gone)

    assert await later(made) == [S.PROCESSED, S.PROCESSED]
    assert len(await moved(made, Kind.REFUND)) == 2


async def test_given_look_ups_that_do_not_tell_when_time_passes_then_pauses_grow_and_an_operator_hears() -> (
    None
):
    made = await with_labels()
    made.shipping.errors["void"] = [OutcomeUnknown("void")]
    made.shipping.errors["find"] = [GatewayUnavailable("find")] * 100
    refund = await approved(made)
    looked: list[int] = []
    for minute in range(90):
        await later(made)
        if (now := await of(made, refund.refund_id)).lookups > len(looked):
            looked.append(minute + 1)
            assert now.state is S.VOID_UNKNOWN

    assert looked == [1, 3, 7, 15, 30, 45, 60, 75, 90]
    assert set(told(made)) == {f"{refund.refund_id}: for an hour the carrier has not told whether it is void"}
    assert len(told(made)) == 3
    made.shipping.errors["find"] = []
    assert await later(made, 15) == [S.PROCESSED]


async def test_given_a_look_up_that_does_not_show_the_label_when_driven_then_it_is_no_evidence() -> None:
    made = await with_labels()
    made.shipping.errors["void"] = [OutcomeUnknown("void")]
    await approved(made)
    made.shipping.hidden_lookups = 1

    assert await later(made) == [S.VOID_UNKNOWN]
    assert await later(made, 2) == [S.PROCESSED]


async def test_given_many_workers_at_once_when_they_drive_then_it_is_credited_once() -> None:
    made = await with_labels()
    made.shipping.errors["void"] = [OutcomeUnknown("void")]
    refund = await approved(made)
    made.clock.advance(minutes(2))
    await asyncio.gather(*(made.drive_refunds() for _ in range(5)))

    assert (await of(made, refund.refund_id)).state is S.PROCESSED
    assert len(await moved(made, Kind.REFUND)) == 1
    assert await money(made) == BACK


async def test_given_one_bad_refund_when_driven_then_the_others_go_on_and_it_is_reported() -> None:
    made = await with_labels("ord_1", "ord_2")
    for number in (1, 2):
        refund = await asked(made, f"ord_{number}")
        yes = refund.decided(S.APPROVED, "eve", "", made.clock.now())
        await made.drive_refunds.settle.saved(refund, yes)
    made.shipping.errors["void"] = [RuntimeError("a bug")]

    assert sorted(state.value for state in await later(made)) == ["processed"]
    assert [type(alarm) for alarm in made.notifier.alarms] == [RuntimeError]


async def test_given_a_store_that_is_away_when_driven_then_the_round_says_so() -> None:
    made = await with_labels()
    made.shipping.errors["void"] = [OutcomeUnknown("void")]
    await approved(made)
    made.shipping.errors["find"] = [StoreUnavailable("away")]
    with pytest.raises(StoreUnavailable):
        await later(made)


async def test_given_an_order_that_lost_its_label_when_driven_then_an_operator_is_asked() -> None:
    made = await with_labels()
    refund = await asked(made)
    order = await made.orders.get(ORDER)
    await made.orders.save(evolve(order, label=None, version=order.version + 1))
    with pytest.raises(OperatorNeeded, match="has no label"):
        await made.decide_refund.approve(refund.refund_id, actor="eve")


async def test_given_a_credit_that_can_never_be_made_when_driven_then_an_operator_hears_of_it() -> None:
    made = await with_labels()
    refund = await asked(made)
    await made.balances.credit(
        BOB, usd("1.00"), key=refund.credit_key, mode=Mode.TEST, kind=Kind.REFUND, at=made.clock.now()
    )
    stuck = await made.decide_refund.approve(refund.refund_id, actor="eve")

    assert (stuck.state, len(told(made))) == (S.VOID_OK, 1)
    assert told(made)[0].startswith(f"{refund.refund_id} is void_ok already by eve")
    assert await later(made, 5) == []
    assert len(told(made)) == 2


async def test_given_a_refund_that_somebody_else_has_moved_when_driven_then_nobody_is_alarmed() -> None:
    made = await with_labels()
    refund = await asked(made)
    yes = refund.decided(S.APPROVED, "eve", "", made.clock.now())
    await made.drive_refunds.settle.saved(refund, yes)
    await made.drive_refunds()
    made.clock.advance(minutes(1))
    await made.drive_refunds()

    assert (await made.drive_refunds.on(yes)).state is S.PROCESSED
    assert told(made) == []
