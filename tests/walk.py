"""A walk through the whole conversation: every kind of event, in every kind of place that can be reached.

Only `take` is called, so what the walk sees is what the table does; the drawing in `docs/` and the tests of
the table both look at it.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from builders import (
    NOW,
    WRITTEN,
    a_doubt,
    a_draft,
    a_quote,
    a_rate,
    an_entry,
    minutes,
)
from shipping_core.conversation import events as ev
from shipping_core.conversation import states as st
from shipping_core.conversation.machine import Here, Step, take
from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.draft import Draft, Field, Side
from shipping_core.domain.ids import InvoiceId, OrderId, RateId
from shipping_core.domain.money import Money
from shipping_core.errors import UnexpectedEvent

RATES = tuple(
    a_rate(price, rate_id=RateId(f"rate-{n}"), service_code=f"service-{n}", delivery_days=9 - 2 * n)
    for n, price in enumerate(("7.42", "9.80", "12.00", "31.00"))
)
DEARER = tuple(a_rate("8.00", rate_id=r.rate_id, service_code=r.service_code) for r in RATES)
ALL_WELL = {side: AddressCheck(Verdict.VERIFIED) for side in Side}
TEXTS = {
    "nothing": {},
    "a field": {Field.TO_NAME: "John Smith"},
    "a parcel": {f: v for f, v in WRITTEN.items() if f.part == "parcel"},
    "two zips and a weight": {f: WRITTEN[f] for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)},
    "a wrong state": {Field.TO_STATE: "NY"},
    "everything": WRITTEN,
}


@frozen
class Walked:
    """One step of the walk; `step` is None where the event has no place."""

    here: Here[st.State]
    event: ev.Event
    step: Step | None

    @property
    def pair(self) -> tuple[type, type]:
        """The two halves of a rule."""
        return type(self.here.state), type(self.event)


def walk() -> list[Walked]:
    """Every step from every kind of place that can be reached."""
    begin: tuple[st.State, Draft] = (st.Idle(), Draft())
    seen, queue, steps = {_kind(*begin)}, deque([begin]), list[Walked]()
    while queue:
        state, draft = queue.popleft()
        for now in (NOW, NOW + minutes(31)):
            here: Here[st.State] = Here(state, draft, 7, now, "ord_fresh")
            for event in events_for(state):
                walked = Walked(here, event, _step(here, event))
                steps.append(walked)
                if walked.step and (kind := _kind(walked.step.state, walked.step.draft)) not in seen:
                    seen.add(kind)
                    queue.append((walked.step.state, walked.step.draft))
    return steps


def _step(here: Here[st.State], event: ev.Event) -> Step | None:
    try:
        return take(here, event)
    except UnexpectedEvent:
        return None


def _kind(state: st.State, draft: Draft) -> tuple[Any, ...]:
    """What makes one place different from another for the walk."""
    blocked = any(p.blocking for p in draft.problems())
    return (_kind_of_state(state), draft.empty, bool(draft.missing), blocked, draft.kept)


def _kind_of_state(state: st.State) -> tuple[Any, ...]:
    details: tuple[Any, ...] = ()
    match state:
        case st.Leaving(back) | st.Asking(_, _, back) | st.Answering(_, _, _, back):
            details = _kind_of_state(back)
        case st.Guided(asking) | st.FixingField(asking):
            details = (asking,)
        case st.FixingPart(part):
            details = (part,)
        case st.Resuming(found, guided, instead):
            details = (bool(found), bool(Draft().filled(found).missing), guided, instead.empty)
        case st.Composing(estimate, ticket):
            details = (bool(estimate), bool(ticket))
        case st.Pricing(_, wish):
            details = (wish is not None, wish and wish.was is not None, wish and wish.paid_for)
        case st.ToppingUp(confirming) | st.Invoicing(_, _, confirming):
            details = (confirming is not None,)
        case st.Paying():
            details = (state.confirming is not None,)
        case st.ChoosingRate(_, checks, more):
            details = (more, any(check.needs_decision for check in checks.values()))
        case _:
            pass
    return (type(state).__name__, *details)


def events_for(state: st.State) -> Iterator[ev.Event]:
    """Every event, with what it may carry; tickets and ids that fit this state, and some that do not."""
    yield from _customer_events()
    yield from _taps(state)
    yield from _answers(state)


def _customer_events() -> Iterator[ev.Event]:
    yield from (ev.Started(), ev.NewOrder(), ev.NewOrder(guided=True))
    yield from (ev.DraftContinued(), ev.DraftDropped())
    for values in TEXTS.values():
        yield ev.TextRead({f: an_entry(f, v) for f, v in values.items()})
    for which in (Field.FROM_NAME, Field.TO_ZIP, Field.HEIGHT):
        yield ev.TextRead(answer=an_entry(which, WRITTEN[which]))
    yield from (ev.TextRead(reason="not_a_zip"), ev.NotText("sticker"))
    yield from (ev.FieldSkipped(), ev.SteppedBack(), ev.PricesAsked(), ev.MoreAsked())
    yield from (ev.PartEdited(part) for part in ("from", "to", "parcel"))
    yield from (ev.FieldEdited(f) for f in (Field.FROM_NAME, Field.TO_PHONE))
    yield from (ev.SuggestionUsed(side) for side in Side)
    yield from (ev.AddressKept(side) for side in Side)
    yield from (ev.CancelAsked(), ev.CancelConfirmed(), ev.CancelDenied(), ev.LanguageChosen("ru"))
    yield from (ev.OrderRepeated(a_draft(), "usps", "service-0"), ev.OrderRepeated(Draft(), "", ""))
    for part in ("from", "parcel"):
        yield ev.KeptUsed({f: an_entry(f, v) for f, v in WRITTEN.items() if f.part == part})
    yield from (ev.TopUpAsked(), ev.AmountChosen(2_500), ev.PaidSaid())
    yield from (ev.TextRead(text="$25"), ev.TextRead(text="a lot"))
    yield ev.AsideAsked("refund", "ord_1")


def _taps(state: st.State) -> Iterator[ev.Event]:
    yield from (ev.RateChosen(r.rate_id) for r in RATES[:2])
    yield ev.RateChosen(RateId("forged"))
    yield ev.PurchaseConfirmed(OrderId("ord_forged"))
    yield ev.TopUpAndBuy(OrderId("ord_forged"))
    if isinstance(state, st.Confirming):
        yield ev.PurchaseConfirmed(state.order_id)
        yield ev.TopUpAndBuy(state.order_id)


def _answers(state: st.State) -> Iterator[ev.Event]:
    for question in ("refund", "forged"):
        yield ev.AnswerTaken(question, "ord_1")
        yield ev.AnswerRefused(question, "ord_1", "nothing_found")
    if isinstance(state, st.Asking | st.Answering):
        state = state.back
    ticket = state.ticket if isinstance(state, st.Composing | st.Pricing) else 0
    quote = a_quote(*RATES, expires_at=NOW + dt.timedelta(minutes=30))
    doubts = {Side.FROM: AddressCheck(Verdict.FAILED), Side.TO: a_doubt()}
    for number in (ticket, -1):
        yield ev.QuoteArrived(number, quote, ALL_WELL)
        yield ev.QuoteArrived(number, quote, doubts)
        yield ev.QuoteArrived(number, a_quote(*DEARER), ALL_WELL)
        yield ev.QuoteArrived(number, a_quote(*RATES[2:]), ALL_WELL)
        yield ev.PricingFailed(number, "no_rates")
        yield ev.EstimateArrived(number, RATES)
    for order_id in (_order_of(state), OrderId("ord_forged")):
        yield ev.LabelBought(order_id)
        yield ev.OutcomePending(order_id)
        yield from (
            ev.PurchaseRefused(order_id, reason) for reason in ("funds", "expired", "refused", "unavailable")
        )

    for invoice_id in (_invoice_of(state), InvoiceId("inv_forged")):
        yield ev.InvoiceOpened(invoice_id, Money(418), "https://pay.example.com/1", NOW + minutes(60))
        yield from (ev.InvoiceRefused(invoice_id, reason) for reason in ("amount", "many", "unavailable"))
        yield ev.PaymentLanded(invoice_id)
        yield from (ev.PaymentAwaited(invoice_id), ev.PaymentAwaited(invoice_id, seen=True))
        yield ev.PaymentAwaited(invoice_id, away=True)


def _invoice_of(state: st.State) -> InvoiceId:
    return state.invoice_id if isinstance(state, st.Invoicing | st.Paying) else InvoiceId("inv_none")


def _order_of(state: st.State) -> OrderId:
    match state:
        case st.Buying(confirming, _):
            return confirming.order_id
        case st.Waiting(order_id):
            return order_id
        case _:
            return OrderId("ord_none")
