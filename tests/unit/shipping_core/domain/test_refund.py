"""A refund makes only the moves that are drawn, and a label may be asked back from one moment to another."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

from builders import NOW, a_label, an_order, minutes, usd
from shipping_core.domain.ids import RefundId
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import RefundRules, RefundWindow
from shipping_core.domain.refund import ENDS, MOVES, Refund, RefundState, Verdict, eligibility
from shipping_core.domain.shipment import Tracking
from shipping_core.errors import Conflict
from shipping_core.use_cases.request_refunds import labels_named, wish

S = RefundState
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
LATER = NOW + minutes(1)
RULES = RefundRules(windows={"": RefundWindow(28, "said"), "ups": RefundWindow(90, "said")})


def a_bought_order(**changes: Any) -> Order:
    """A label bought just now."""
    order = an_order(state=OrderState.PURCHASED, label=a_label(), charged=usd("7.42"))
    return evolve(order, **changes)


def a_refund(state: RefundState = S.REQUESTED) -> Refund:
    """All of $7.42, in this state."""
    return evolve(wish(a_bought_order(), RefundId("ref_1"), NOW, "customer"), state=state)


@pytest.mark.parametrize("to", S, ids=lambda s: s.value)
@pytest.mark.parametrize("state", S, ids=lambda s: s.value)
def test_given_any_state_when_a_move_is_tried_then_only_a_drawn_edge_is_taken(
    state: RefundState, to: RefundState
) -> None:
    refund = evolve(a_refund(state), decided_by="eve", decided_at=NOW)
    if (state, to) not in MOVES:
        with pytest.raises(Conflict) as told:
            refund.moved(to, LATER)
        assert told.value.key == f"ref_1 is {state.value} already by eve, since {NOW.isoformat()}"
        return
    moved = refund.moved(to, LATER)

    assert (moved.state, moved.version, moved.updated_at) == (to, 2, LATER)
    assert moved.ended_at == (LATER if to in ENDS else None)
    assert moved.live is bool(moved.unique) is (to not in ENDS)


def test_given_the_drawing_when_walked_then_every_state_is_reached_and_ends_lead_nowhere() -> None:
    assert {to for _, to in MOVES} == set(S) - {S.REQUESTED}
    assert not {state for state, _ in MOVES} & ENDS


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (dt.timedelta(), Verdict.FRESH),
        (5 * DAY - SECOND, Verdict.FRESH),
        (5 * DAY, Verdict.ELIGIBLE),
        (28 * DAY - SECOND, Verdict.ELIGIBLE),
        (28 * DAY, Verdict.TOO_LATE),
    ],
    ids=["new", "one-second-early", "just-then", "one-second-left", "over"],
)
def test_given_a_label_of_an_age_when_judged_then_both_borders_hold_to_the_second(
    age: dt.timedelta, verdict: Verdict
) -> None:
    judged = eligibility(a_bought_order(), RULES, NOW + age)

    assert (judged.verdict, judged.ok) == (verdict, verdict is Verdict.ELIGIBLE)
    assert (judged.since, judged.until) == (NOW + 5 * DAY, NOW + 28 * DAY)
    assert judged.refusal().verdict == verdict.value


def test_given_a_carrier_with_a_window_of_its_own_when_judged_then_that_one_counts() -> None:
    order = a_bought_order()
    ups = evolve(order, rate=evolve(order.rate, carrier_code="ups"))

    assert eligibility(ups, RULES, NOW + 89 * DAY).ok


@pytest.mark.parametrize(
    ("changes", "asked", "verdict"),
    [
        ({"state": OrderState.VOIDED}, False, Verdict.VOIDED),
        ({"state": OrderState.FAILED, "label": None}, False, Verdict.NO_LABEL),
        ({"state": OrderState.PARKED}, False, Verdict.NO_LABEL),
        ({"refunded": usd("7.42")}, False, Verdict.REFUNDED),
        ({"refunded": usd("7.41")}, False, Verdict.ELIGIBLE),
        ({}, True, Verdict.ASKED),
    ],
    ids=["voided", "not-bought", "parked", "given-back", "a-cent-left", "asked"],
)
def test_given_an_order_that_is_not_as_usual_when_judged_then_it_is_told_why(
    changes: dict[str, Any], asked: bool, verdict: Verdict
) -> None:
    assert eligibility(a_bought_order(**changes), RULES, NOW + 6 * DAY, asked=asked).verdict is verdict


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ord_1", ("ord_1",)),
        (" ZZ1,ZZ2;ZZ3\nZZ4\r\n\tZZ5 ", ("ZZ1", "ZZ2", "ZZ3", "ZZ4", "ZZ5")),
        ("ZZ1, zz1, Zz1, ord_1, ORD_1", ("ZZ1", "ord_1")),
        (", ;\n", ()),
        ("x" * 5000, ("x" * 64,)),
    ],
    ids=["one", "every-border", "twice", "none", "endless"],
)
def test_given_a_text_when_read_then_each_label_is_named_once(text: str, words: tuple[str, ...]) -> None:
    assert labels_named(text) == words


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("unknown", False),
        ("label_created", False),
        ("accepted", True),
        ("in_transit", True),
        ("delivered", True),
        ("exception", True),
    ],
)
def test_given_a_status_when_asked_then_it_says_whether_the_carrier_has_seen_the_parcel(
    status: str, seen: bool
) -> None:
    assert Tracking(status, "").scanned is seen
