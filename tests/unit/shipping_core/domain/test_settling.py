"""What the gateway's word about a payment means: every word, in every state, whatever differs."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from builders import NOW, a_link, an_invoice, minutes, usd
from shipping_core.domain.ids import InvoiceId, Mode
from shipping_core.domain.invoice import Invoice, InvoiceState, Payment, PaymentStatus
from shipping_core.domain.settling import NOTHING, Judgement, Verdict, judge
from shipping_core.errors import Conflict

P, S, V = PaymentStatus, InvoiceState, Verdict
TRACK, OTHER = "190000001", "190000002"
FULL, LESS, MORE = usd("25.00"), usd("24.99"), usd("30.00")
CREDIT = Judgement(V.CREDIT)
OPEN = (S.NEW, S.WAITING, S.PAYING, S.EXPIRED)


def review(reason: str) -> Judgement:
    """An operator has to look."""
    return Judgement(V.REVIEW, reason)


def an_invoice_in(state: InvoiceState, **changes: Any) -> Invoice:
    """Ann's invoice for $25.00; where it was credited, by this link."""
    done = state in {S.CREDITED, S.REVERSED}
    made = an_invoice(state=state, links=(a_link(TRACK),), credited_by=TRACK if done else "")
    return evolve(made, **changes)


def a_payment(status: PaymentStatus, **changes: Any) -> Payment:
    """As agreed in everything."""
    return evolve(Payment(TRACK, status, status.value, FULL, "inv_1", sandbox=True, received=FULL), **changes)


IN_EVERY_STATE: dict[PaymentStatus, dict[InvoiceState, Judgement]] = {
    P.NEW: {},
    P.WAITING: {},
    P.PAYING: dict.fromkeys((S.WAITING, S.EXPIRED), Judgement(V.PAYING)),
    P.PAID: dict.fromkeys(OPEN, CREDIT),
    P.MANUAL_ACCEPT: dict.fromkeys(OPEN, review("manual_accept")),
    P.UNDERPAID: dict.fromkeys(OPEN, review("underpaid")),
    P.EXPIRED: dict.fromkeys((S.NEW, S.WAITING, S.PAYING), Judgement(V.EXPIRE)),
    P.REFUNDING: {S.CREDITED: Judgement(V.REVERSE)},
    P.REFUNDED: {S.CREDITED: Judgement(V.REVERSE)},
    P.UNKNOWN: dict.fromkeys(S, review("unknown_status")),
}


@pytest.mark.parametrize("state", S, ids=lambda s: s.value)
@pytest.mark.parametrize("status", P, ids=lambda p: p.value)
def test_given_a_payment_as_agreed_when_judged_then_its_word_and_the_state_decide(
    status: PaymentStatus, state: InvoiceState
) -> None:
    assert judge(an_invoice_in(state), a_payment(status)) == IN_EVERY_STATE[status].get(state, NOTHING)


@pytest.mark.parametrize(
    ("changes", "judgement"),
    [
        ({"order_ref": "inv_2"}, review("foreign_reference")),
        ({"order_ref": "inv_1-2"}, review("foreign_reference")),
        ({"order_ref": ""}, review("foreign_reference")),
        ({"amount": LESS}, review("amount_mismatch")),
        ({"amount": MORE}, review("amount_mismatch")),
        ({"amount": None}, review("amount_mismatch")),
        ({"sandbox": False}, review("mode_mismatch")),
        ({"sandbox": None}, CREDIT),
        ({"received": None}, CREDIT),
        ({"received": LESS}, review("underpaid")),
        ({"received": usd("0")}, review("underpaid")),
        ({"received": MORE}, Judgement(V.CREDIT, surplus=usd("5.00"))),
    ],
    ids=str,
)
@pytest.mark.parametrize("state", OPEN, ids=lambda s: s.value)
def test_given_a_paid_link_when_one_thing_differs_then_that_decides(
    state: InvoiceState, changes: dict[str, Any], judgement: Judgement
) -> None:
    assert judge(an_invoice_in(state), a_payment(P.PAID, **changes)) == judgement


MONEY_WORDS = (P.PAID, P.MANUAL_ACCEPT, P.UNDERPAID, P.UNKNOWN, P.EXPIRED)


@pytest.mark.parametrize(("mode", "sandbox"), [(Mode.PRODUCTION, True), (Mode.TEST, False)], ids=str)
@pytest.mark.parametrize("status", MONEY_WORDS, ids=lambda p: p.value)
@pytest.mark.parametrize("received", [None, LESS, FULL, MORE], ids=str)
def test_given_money_of_the_other_mode_when_judged_then_that_comes_before_all_else(
    mode: Mode, sandbox: bool, status: PaymentStatus, received: object
) -> None:
    payment = a_payment(status, sandbox=sandbox, received=received, transactions=1, amount=LESS)

    assert judge(an_invoice_in(S.WAITING, mode=mode), payment) == review("mode_mismatch")


@pytest.mark.parametrize("sandbox", [False, None])
def test_given_production_when_the_payment_is_no_play_money_then_it_is_credited(sandbox: bool | None) -> None:
    payment = a_payment(P.PAID, sandbox=sandbox)

    assert judge(an_invoice_in(S.WAITING, mode=Mode.PRODUCTION), payment) == CREDIT


@pytest.mark.parametrize(
    ("status", "changes", "judgement"),
    [
        (P.PAID, {}, review("second_payment")),
        (P.PAID, {"amount": LESS}, review("amount_mismatch")),
        (P.UNDERPAID, {"received": LESS}, review("underpaid")),
        (P.MANUAL_ACCEPT, {}, review("manual_accept")),
        (P.EXPIRED, {}, NOTHING),
        (P.EXPIRED, {"transactions": 1}, review("late")),
        (P.PAYING, {}, NOTHING),
        (P.REFUNDED, {}, NOTHING),
    ],
    ids=str,
)
@pytest.mark.parametrize("state", [S.CREDITED, S.REVERSED], ids=lambda s: s.value)
def test_given_another_link_was_credited_when_this_one_is_judged_then_it_is_judged_alone(
    state: InvoiceState, status: PaymentStatus, changes: dict[str, Any], judgement: Judgement
) -> None:
    invoice = an_invoice_in(state, credited_by=OTHER)

    assert judge(invoice, a_payment(status, **changes)) == judgement


@pytest.mark.parametrize("status", [P.REFUNDING, P.REFUNDED], ids=lambda p: p.value)
def test_given_a_payment_in_review_when_it_is_refunded_then_it_is_returned(status: PaymentStatus) -> None:
    invoice = an_invoice_in(S.EXPIRED, reviews={TRACK: "underpaid"})

    assert judge(invoice, a_payment(status)) == Judgement(V.RETURNED)


@pytest.mark.parametrize("known", ["reviews", "decided"])
def test_given_a_case_that_is_known_when_the_same_word_comes_again_then_nothing_changes(known: str) -> None:
    invoice = an_invoice_in(S.WAITING, **{known: {TRACK: "underpaid"}})

    assert judge(invoice, a_payment(P.UNDERPAID)) == NOTHING
    assert judge(invoice, a_payment(P.MANUAL_ACCEPT)) == review("manual_accept")


def test_given_a_decided_case_when_it_is_paid_in_full_after_all_then_an_operator_looks_again() -> None:
    invoice = an_invoice_in(S.WAITING, decided={TRACK: "underpaid"})

    assert judge(invoice, a_payment(P.PAID)) == review("paid_after_decision")
    assert judge(evolve(invoice, decided={OTHER: "underpaid"}), a_payment(P.PAID)) == CREDIT


@pytest.mark.parametrize("state", S, ids=lambda s: s.value)
@pytest.mark.parametrize("late", [False, True])
def test_given_an_invoice_in_any_state_when_a_link_turns_up_then_it_is_kept_and_nothing_moves_back(
    state: InvoiceState, late: bool
) -> None:
    invoice = an_invoice_in(state, attempts=2)
    found = a_link(OTHER, order_ref="inv_1-2")
    now = NOW + minutes(61 if late else 1)
    linked = invoice.linked(found, now)
    payable = state in {S.NEW, S.WAITING} or (state is S.EXPIRED and not late)

    assert linked.links == (*invoice.links, found)
    assert linked.state is (S.WAITING if payable else state)
    assert linked.linked(found, now).links == linked.links


def test_given_a_link_of_another_invoice_when_linked_then_it_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        an_invoice().linked(a_link(order_ref="inv_2"), NOW)


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (S.NEW, lambda i: i.credited(TRACK, NOW)),
        (S.NEW, lambda i: i.paying(NOW)),
        (S.WAITING, lambda i: i.reversed(NOW)),
        (S.CREDITED, lambda i: i.expired(NOW)),
        (S.CREDITED, lambda i: i.paying(NOW)),
        (S.REVERSED, lambda i: i.credited(TRACK, NOW)),
        (S.REVERSED, lambda i: i.expired(NOW)),
    ],
    ids=[
        "new-credited",
        "new-paying",
        "waiting-reversed",
        "credited-expired",
        "credited-paying",
        "reversed-credited",
        "reversed-expired",
    ],
)
def test_given_a_move_that_is_none_when_made_then_it_is_a_conflict(state: InvoiceState, act: Any) -> None:
    with pytest.raises(Conflict):
        act(an_invoice_in(state))


def test_given_nothing_to_decide_when_reviewed_then_it_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        an_invoice_in(S.WAITING).reviewed(TRACK, NOW)


@pytest.mark.parametrize(
    ("after", "pause"),
    [(0, 1), (59, 1), (60, 5), (60 + 1439, 5), (60 + 1440, 60), (60 + 10079, 60), (60 + 10080, None)],
    ids=str,
)
def test_given_an_invoice_when_asked_about_then_the_next_time_is_later_and_later_and_then_never(
    after: int, pause: int | None
) -> None:
    now = NOW + minutes(after)

    assert an_invoice().next_ask(now) == (now + minutes(pause) if pause else None)


def test_given_an_invoice_when_its_time_is_over_or_it_is_settled_then_it_is_not_open() -> None:
    invoice = an_invoice()

    assert invoice.link is None
    assert invoice.owns(InvoiceId("inv_1"))
    assert [invoice.open(NOW + minutes(after)) for after in (0, 59, 60)] == [True, True, False]
    assert [s for s in S if an_invoice_in(s).open(NOW)] == [S.NEW, S.WAITING, S.PAYING]
