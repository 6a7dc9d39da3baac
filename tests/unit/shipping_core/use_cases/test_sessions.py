"""Conversations that fade and are forgotten, and what is left of them."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as some

from a_shop import Shop, shop
from builders import (
    A_WHOLE_ORDER,
    ANN,
    NOW,
    a_choice,
    a_confirming,
    a_draft,
    a_session,
    minutes,
    usd,
)  # fmt: skip
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import EPOCH, SESSION_TTL, Session
from shipping_core.domain.draft import Draft
from shipping_core.domain.ids import InvoiceId, OrderId
from shipping_core.errors import TransactionConflict
from shipping_core.use_cases.converse import Input

PAYING = st.Paying(InvoiceId("inv_1"), usd("25.00"), "https://pay.example.com/1", NOW)
KEPT = [
    st.Resuming(), st.Composing(), st.Reviewing(), st.Pricing(1), a_choice(), a_confirming(),
    st.Buying(a_confirming(), a_draft()), st.Waiting(OrderId("ord_1")), st.ToppingUp(),
    st.Invoicing(InvoiceId("inv_1")), PAYING, st.Leaving(st.Composing()),
]  # fmt: skip


def forgets(made: Shop) -> None:
    """The store forgets a spent session after its time, as a real one does by itself."""
    kept = made.database._tables.get("sessions", {})
    for user, session in list(kept.items()):
        if session.spent and made.clock.now() - session.last_updated >= SESSION_TTL:
            del kept[user]


@pytest.mark.parametrize("state", [st.Idle(), st.Bought(OrderId("ord_1"))], ids=lambda s: type(s).__name__)
def test_given_a_session_without_a_draft_when_nothing_is_under_way_then_it_is_spent(state: st.State) -> None:
    assert a_session(state).spent
    assert not a_session(state, draft=a_draft()).spent


@pytest.mark.parametrize("state", KEPT, ids=lambda s: type(s).__name__)
def test_given_a_session_in_the_middle_of_something_when_looked_at_then_it_is_not_spent(
    state: st.State,
) -> None:
    assert not a_session(state).spent


@pytest.mark.parametrize("state", KEPT, ids=lambda s: type(s).__name__)
def test_given_a_session_when_looked_at_then_it_waits_for_the_world_or_for_the_customer(
    state: st.State,
) -> None:
    assert a_session(state).waits is isinstance(state, st.Pricing | st.Buying | st.Invoicing)


def test_given_a_stranger_when_begun_then_the_first_version_follows_the_second_of_birth() -> None:
    begun = Session.begin(ANN, NOW, "ru")
    first = begun.after(st.Idle(), Draft(), NOW)

    assert begun.born == int((NOW - EPOCH).total_seconds())
    assert (begun.first, first.first, first.after(st.Idle(), Draft(), NOW).first) == (False, True, False)
    assert (first.version, first.language) == (begun.born + 1, "ru")


PAUSES = some.lists(some.sampled_from((1.0, 1.4, 60.0, 3599.0, 3600.0, 90_000.0)), min_size=1, max_size=30)


@given(PAUSES)
def test_given_steps_not_faster_than_one_a_second_when_forgotten_in_between_then_no_version_comes_twice(
    pauses: list[float],
) -> None:
    asyncio.run(steps(pauses))


async def steps(pauses: list[float]) -> None:
    """Ann looks at the menu, again and again; the store forgets what it may."""
    made = shop()
    ann, seen = made.customer(), []
    for pause in pauses:
        await ann.does(ev.Started())
        seen.append(ann.card.facts.version)
        made.clock.advance(dt.timedelta(seconds=pause))
        forgets(made)

    assert seen == sorted(set(seen)), "a button of a forgotten card could fit a later one"


async def test_given_a_card_of_a_forgotten_session_when_its_button_is_tapped_then_it_is_stale() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    rate, version = ann.prices.rates[0], ann.card.facts.version
    await ann.taps(ev.CancelAsked())
    await ann.taps(ev.CancelConfirmed())
    made.clock.advance(SESSION_TTL)
    forgets(made)
    await ann.says(A_WHOLE_ORDER)
    await ann.taps(ev.RateChosen(rate.rate_id), version=version)

    assert (type(ann.screen), ann.note) == (sc.RateList, "stale")


async def test_given_a_chosen_language_when_the_session_was_forgotten_then_it_is_spoken_still() -> None:
    made = shop()
    ann = await made.customer().does(ev.LanguageChosen("ru"))
    made.clock.advance(SESSION_TTL)
    forgets(made)
    gone = await made.sessions.load(ANN)
    await made.converse.do(ANN, ev.Started(), Input(made.next_update(), language="en"))

    assert gone is None
    assert (ann.card.facts.language, (await ann.session()).language) == ("ru", "ru")


async def test_given_another_welcome_credit_when_an_old_customer_comes_back_then_nothing_is_given_again() -> (
    None
):
    made = shop(welcome_credit="25.00")
    ann = await made.customer().does(ev.Started())
    made.clock.advance(SESSION_TTL)
    forgets(made)
    policy = evolve(made.policy, welcome_credit=usd("50.00"))
    made.converse = evolve(made.converse, welcome=evolve(made.converse.welcome, policy=policy))
    await ann.does(ev.Started())

    assert isinstance(ann.screen, sc.Menu)
    assert (await ann.balance()).available == usd("25.00")


async def test_given_a_welcome_that_lost_its_race_when_met_again_then_it_is_given_after_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="25.00")

    async def lost(*_: object, **__: object) -> None:
        raise TransactionConflict("transaction", "lost")

    with monkeypatch.context() as race:
        race.setattr(type(made.balances), "credit", lost)
        with pytest.raises(TransactionConflict):
            await made.customer().does(ev.Started())
    ann = await made.customer().does(ev.Started())

    assert (await ann.balance()).available == usd("25.00")


async def test_given_a_session_that_is_not_spent_when_its_time_is_over_then_its_draft_is_offered() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    made.clock.advance(SESSION_TTL + minutes(1))
    forgets(made)
    await ann.does(ev.Started())

    assert ann.screen == sc.Menu(has_draft=True)
