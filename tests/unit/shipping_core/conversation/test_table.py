"""The table of rules, walked."""

from __future__ import annotations

import functools
import json
from typing import get_args

import pytest
from attrs import evolve

from builders import NOW, a_confirming, a_draft, a_session
from shipping_core.conversation import codec
from shipping_core.conversation import events as ev
from shipping_core.conversation import machine as m
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.desk_screens import DeskScreen
from shipping_core.conversation.effects import (
    AskPayment,
    Effect,
    OpenInvoice,
    PurchaseLabel,
    TakeAnswer,
)
from shipping_core.conversation.refund_screens import RefundScreen
from shipping_core.conversation.screens import Note
from shipping_core.conversation.session import Session
from shipping_core.domain.draft import Draft
from shipping_core.domain.ids import OrderId
from walk import Walked, walk

CARD = (
    sc.Menu,
    sc.ResumeOrNew,
    sc.OrderCard,
    sc.AskField,
    sc.AskPart,
    sc.Review,
    sc.Working,
    sc.RateList,
    sc.ConfirmPurchase,
    sc.Purchased,
    sc.PurchasePending,
    sc.ConfirmCancel,
    sc.TopUpAmounts,
    sc.PaymentLink,
    sc.AskAside,
)
BESIDE = (
    sc.OrderList,
    sc.OrderDetails,
    sc.TrackingPage,
    sc.QuickQuote,
    sc.QuoteUsage,
    sc.Help,
    sc.Languages,
    sc.Remark,
    *get_args(RefundScreen),
    *get_args(DeskScreen),
    sc.LabelCaption,
    sc.PaymentQr,
    sc.News,
    sc.Announcement,
)


ASIDE = (st.Asking, st.Answering)


@functools.cache
def steps() -> tuple[Walked, ...]:
    """One walk for all tests of this file."""
    return tuple(walk())


def taken() -> list[tuple[Walked, m.Step]]:
    """The steps that had a place."""
    return [(w, w.step) for w in steps() if w.step is not None]


def name(kind: type) -> str:
    """A test id."""
    return kind.__name__


@pytest.mark.parametrize("state", m.STATES, ids=name)
def test_given_the_menu_when_walking_then_every_state_is_reached(state: type) -> None:
    assert any(type(step.state) is state for _, step in taken())


def test_given_every_rule_when_walking_then_each_is_taken_and_nothing_else_is() -> None:
    assert {walked.pair for walked, _ in taken()} == set(m.RULES)


def test_given_every_event_when_looking_at_the_table_then_some_rule_takes_it() -> None:
    assert {event for _, event in m.RULES} == set(m.EVENTS)


def test_given_a_pair_that_has_a_rule_when_a_second_is_registered_then_it_is_refused() -> None:
    before = dict(m.RULES)
    with pytest.raises(ValueError, match="two rules for Idle and Started"):
        m.on(st.Idle, ev.Started)(m.to_menu)

    assert before == m.RULES


@pytest.mark.parametrize("state", [s for s in m.STATES if s not in {st.Buying, *ASIDE}], ids=name)
def test_given_any_state_that_waits_for_the_customer_when_cancelled_twice_then_the_draft_is_gone(
    state: type,
) -> None:
    places = [w for w in steps() if w.pair == (state, ev.CancelAsked)]
    for place in places:
        assert place.step is not None
        if isinstance(place.step.state, st.Idle):
            assert place.step.note == sc.Note("nothing_to_cancel")
            continue
        leaving: m.Here[st.State] = m.Here(
            place.step.state, place.step.draft, 8, place.here.now, "ord_fresher"
        )
        gone = m.take(leaving, ev.CancelConfirmed())
        stayed = m.take(leaving, ev.CancelDenied())

        assert (gone.state, gone.draft) == (st.Idle(), Draft())
        assert stayed.draft == place.here.draft
    assert places


@pytest.mark.parametrize("way", [ev.CancelAsked, ev.SteppedBack, ev.AnswerTaken], ids=name)
def test_given_a_question_beside_the_order_when_it_ends_then_the_order_is_as_it_was(way: type) -> None:
    ended = [(w, step) for w, step in taken() if w.pair[0] in ASIDE and w.pair[1] is way]
    for walked, step in ended:
        state = walked.here.state
        assert isinstance(state, ASIDE)
        assert step.draft == walked.here.draft
        if isinstance(state.back, st.Pricing):  # its prices are asked for anew, under a ticket of their own
            assert step.state == st.Pricing(walked.here.version, state.back.wish)
        elif isinstance(state.back, st.Bought):  # a label is told of once
            assert step.state == st.Idle()
        else:
            assert step.state == state.back
        assert step.effects == m.unanswered(step.state, step.draft)
    assert len({type(s.state) for _, s in ended}) > 10


def test_given_a_question_when_prices_fail_below_it_then_why_is_said_when_the_order_goes_on() -> None:
    asking: st.State = st.Asking("refund", "ord_1", st.Pricing(7))
    here = m.Here(asking, a_draft(), 8, NOW, "ord_fresh")
    failed = m.take(here, ev.PricingFailed(7, "maintenance"))
    again = m.take(evolve(here, state=failed.state), ev.TextRead({}, text="x"))
    assert isinstance(again.state, st.Answering)
    back = m.take(evolve(here, state=again.state), ev.AnswerTaken("refund", "ord_1"))

    assert failed.note is None
    assert (back.state, back.note) == (st.Reviewing(), Note("maintenance", {"detail": ""}))


def test_given_a_question_when_the_world_answers_the_order_then_the_order_goes_on_below_it() -> None:
    for walked, step in taken():
        if walked.pair[0] in ASIDE and walked.pair[1] in {
            ev.QuoteArrived,
            ev.PaymentLanded,
            ev.InvoiceOpened,
        }:
            back = walked.here.state.back  # type: ignore[union-attr]
            alone = m.take(evolve(walked.here, state=back), walked.event)
            below = step.state if isinstance(step.state, st.Buying) else step.state.back  # type: ignore[union-attr]

            assert (below, step.draft, step.effects) == (alone.state, alone.draft, alone.effects)


@pytest.mark.parametrize("state", m.OPEN, ids=name)
def test_given_an_open_state_when_cancelling_is_thought_better_of_then_it_is_there_again(state: type) -> None:
    backs = [
        step.state
        for walked, step in taken()
        if walked.pair == (st.Leaving, ev.CancelDenied)
        and isinstance(walked.here.state, st.Leaving)
        and type(walked.here.state.back) is state
    ]

    assert backs
    assert all(type(back) is state for back in backs)


def test_given_a_place_and_an_event_without_a_rule_when_taken_then_it_is_refused() -> None:
    refused = {w.pair for w in steps() if w.step is None}

    assert refused >= {(s, e) for s in m.STATES for e in m.EVENTS if (s, e) not in m.RULES}


def test_given_every_step_when_pictured_then_every_card_is_shown_and_no_other_screen() -> None:
    shown = {type(m.picture(step.state, step.draft)) for _, step in taken()}

    assert shown == set(CARD)
    assert {*CARD, *BESIDE} == set(get_args(sc.Screen))


def test_given_every_step_when_it_remarks_something_then_the_word_is_listed() -> None:
    words = {step.note.word for _, step in taken() if step.note}

    assert {w for w in words if not w.startswith("reason:")} <= sc.NOTES


def test_given_every_step_when_its_session_is_saved_as_json_and_loaded_then_it_is_the_same() -> None:
    distinct = {repr((s.state, s.draft)): s for _, s in taken()}.values()
    for step in distinct:
        session = a_session(step.state, draft=step.draft, handled=(1, 2))

        assert codec.load(json.loads(json.dumps(codec.dump(session))), Session) == session
    assert len(distinct) > 100


def test_given_every_step_when_it_asks_for_something_then_the_ticket_is_its_own() -> None:
    for _, step in taken():
        for effect in step.effects:
            about = step.state
            if isinstance(about, ASIDE) and not isinstance(effect, TakeAnswer):
                about = about.back
            assert _asked(effect) == _ticket(about)


def _asked(effect: Effect) -> object:
    match effect:
        case PurchaseLabel():
            return effect.order_id
        case OpenInvoice() | AskPayment():
            return effect.invoice_id
        case TakeAnswer():
            return effect.text
        case _:
            return effect.ticket


def _ticket(state: st.State) -> object:
    if isinstance(state, st.Answering):
        return state.text
    if isinstance(state, st.Buying):
        return state.confirming.order_id
    if isinstance(state, st.Invoicing | st.Paying):
        return state.invoice_id
    assert isinstance(state, st.Pricing | st.Composing)
    return state.ticket


def test_given_a_state_that_waits_for_an_answer_when_asked_then_it_names_the_question() -> None:
    waiting = {type(s) for s in (w.here.state for w in steps()) if m.unanswered(s, a_draft())}

    assert waiting == {st.Pricing, st.Buying, st.Invoicing, st.Answering}
    assert all(
        a_session(s).waits is bool(m.unanswered(s, a_draft())) for s in (w.here.state for w in steps())
    )


def test_given_a_purchase_when_its_question_is_repeated_then_it_is_the_same_to_the_letter() -> None:
    here: m.Here[st.State] = m.Here(a_confirming("ord_1"), a_draft(), 7, NOW, "ord_fresh")
    step = m.take(here, ev.PurchaseConfirmed(OrderId("ord_1")))

    assert m.unanswered(step.state, step.draft) == step.effects
