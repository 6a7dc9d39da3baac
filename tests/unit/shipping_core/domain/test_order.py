"""An order makes only the moves that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from attrs import evolve

from builders import NOW, a_label, a_rate, an_order, minutes, usd
from shipping_core.domain.order import MOVES, Order, OrderState
from shipping_core.domain.shipment import Size, Weight
from shipping_core.errors import Conflict

LATER = NOW + minutes(1)
ACTS: dict[OrderState, Callable[[Order], Order]] = {
    OrderState.PURCHASING: lambda order: order.claimed(LATER, carrier_order="shipment-1"),
    OrderState.PURCHASED: lambda order: order.purchased(a_label(), LATER),
    OrderState.FAILED: lambda order: order.failed("no", LATER),
    OrderState.EXPIRED: lambda order: order.expired(LATER),
    OrderState.UNKNOWN: lambda order: order.unknown("no answer", LATER),
    OrderState.PARKED: lambda order: order.parked("doubt", LATER),
    OrderState.VOID_REQUESTED: lambda order: order.void_requested(LATER),
    OrderState.VOIDED: lambda order: evolve(order, charged=usd("7.42")).voided(usd("7.42"), LATER),
}


@pytest.mark.parametrize("to", ACTS, ids=lambda s: s.value)
@pytest.mark.parametrize("state", OrderState, ids=lambda s: s.value)
def test_given_any_state_when_a_move_is_tried_then_only_a_drawn_edge_is_taken(
    state: OrderState, to: OrderState
) -> None:
    order = an_order(state=state)
    if (state, to) not in MOVES:
        with pytest.raises(Conflict):
            ACTS[to](order)
        return
    moved = ACTS[to](order)

    assert (moved.state, moved.version, moved.updated_at) == (to, order.version + 1, LATER)


@pytest.mark.parametrize(
    "end", [OrderState.FAILED, OrderState.EXPIRED, OrderState.VOIDED], ids=lambda s: s.value
)
def test_given_an_end_when_looking_onward_then_there_is_no_edge(end: OrderState) -> None:
    assert not [edge for edge in MOVES if edge[0] is end]


def test_given_every_state_when_walking_from_a_new_order_then_it_can_be_reached() -> None:
    reached = {OrderState.RESERVED}
    while more := {to for source, to in MOVES if source in reached} - reached:
        reached |= more

    assert reached == set(OrderState)


def test_given_a_look_up_when_counted_then_only_number_version_and_time_change() -> None:
    order = an_order()

    assert order.looked_up(LATER) == evolve(order, lookups=1, version=2, updated_at=LATER)


def test_given_a_carrier_far_cheaper_than_the_whole_price_when_bought_then_a_cent_is_still_charged() -> None:
    order = an_order(rate=a_rate("1.00", cost=usd("9.00")), price=usd("1.00"), state=OrderState.PURCHASING)

    assert order.purchased(a_label("0.01"), NOW).charged == usd("0.01")


@pytest.mark.parametrize("wrong", ["0", "-1", "NaN", "Infinity"])
def test_given_no_positive_number_when_a_weight_or_size_is_made_then_it_is_refused(wrong: str) -> None:
    one = Decimal(1)
    with pytest.raises(ValueError, match="positive"):
        Weight(Decimal(wrong), "oz")
    with pytest.raises(ValueError, match="positive"):
        Size(one, one, Decimal(wrong), "in")


@pytest.mark.parametrize(("ounces", "unit"), [("16", "oz"), ("453.59237", "g")])
def test_given_a_pound_when_weighed_in_either_unit_then_it_is_sixteen_ounces(ounces: str, unit: str) -> None:
    pound = Weight(Decimal(ounces), unit)

    assert pound.ounces == 16
    assert pound.grams == Decimal("453.59237")


def a_bought_order(state: OrderState = OrderState.PURCHASED) -> Order:
    """A label for $7.42."""
    return an_order(state=state, label=a_label(), charged=usd("7.42"))


def test_given_a_carrier_that_keeps_the_label_when_told_then_it_is_as_good_as_before() -> None:
    kept = a_bought_order().void_requested(LATER).void_refused(LATER)

    assert (kept.state, kept.version, kept.refundable) == (OrderState.PURCHASED, 3, usd("7.42"))


@pytest.mark.parametrize("amount", ["7.43", "0.00", "-0.01"])
def test_given_an_amount_that_was_not_paid_when_given_back_then_it_is_a_conflict(amount: str) -> None:
    for give in (
        a_bought_order(OrderState.VOID_REQUESTED).voided,
        a_bought_order().given_back,
    ):
        with pytest.raises(Conflict, match="left to give back"):
            give(usd(amount), LATER)


def test_given_parts_when_given_back_then_never_more_than_was_paid() -> None:
    once = a_bought_order().given_back(usd("4.00"), LATER)

    assert (once.refunded, once.refundable, once.state) == (
        usd("4.00"),
        usd("3.42"),
        OrderState.PURCHASED,
    )
    assert once.given_back(usd("3.42"), LATER).refundable == usd("0.00")
    with pytest.raises(Conflict):
        once.given_back(usd("3.43"), LATER)
