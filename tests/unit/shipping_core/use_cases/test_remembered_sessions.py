"""A session that was just saved is not read again; what a rival did meanwhile is seen all the same."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from a_shop import Shop, shop
from builders import ANN
from shipping_core.conversation import events as ev
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import UserId
from shipping_core.ports.sessions import SessionRepository
from shipping_core.use_cases import converse as conversing
from shipping_core.use_cases.converse import Converse, Input


def beside(made: Shop) -> Converse:
    """The same shop's conversations in another process: one store, but a memory of its own."""
    return evolve(made.converse)


class Counting:
    """A store of sessions that knows how often one was asked for."""

    def __init__(self, inner: SessionRepository) -> None:
        self.inner = inner
        self.loads: list[UserId] = []

    async def load(self, user_id: UserId) -> Session | None:
        self.loads.append(user_id)
        return await self.inner.load(user_id)

    async def save(self, session: Session) -> None:
        await self.inner.save(session)


def counted(made: Shop) -> tuple[Converse, list[UserId]]:
    """The shop's conversations, and every load of a session."""
    sessions: Any = Counting(made.sessions)
    return evolve(made.converse, sessions=sessions), sessions.loads


async def test_given_one_process_when_a_customer_answers_then_the_session_is_loaded_once() -> None:
    converse, loads = counted(shop())
    await converse.do(ANN, ev.NewOrder(guided=True), Input(1))
    for number, answer in enumerate(("Jane Doe", "215 Clayton St", "Apt 3", "San Francisco")):
        await converse.say(ANN, answer, Input(2 + number))

    assert loads == [ANN]


async def test_given_a_rival_that_went_on_when_its_button_is_tapped_here_then_it_is_not_stale() -> None:
    made = shop()
    other = beside(made)
    await made.converse.do(ANN, ev.NewOrder(guided=True), Input(1))
    await other.say(ANN, "Jane Doe", Input(2))
    await made.customer().taps(ev.SteppedBack(), update_id=3)
    session = await made.customer().session()

    assert session.state == st.Guided(Field.FROM_NAME)
    assert session.draft.get(Field.FROM_NAME) == "Jane Doe"
    assert [shown.note for shown in made.notifier.shown] == [None, None, None]


async def test_given_a_rival_that_went_on_when_a_text_comes_here_then_it_answers_the_later_question() -> None:
    made = shop()
    other = beside(made)
    await made.converse.do(ANN, ev.NewOrder(guided=True), Input(1))
    await other.say(ANN, "Jane Doe", Input(2))
    await made.converse.say(ANN, "215 Clayton St", Input(3))
    draft = (await made.customer().session()).draft

    assert (draft.get(Field.FROM_NAME), draft.get(Field.FROM_STREET1)) == ("Jane Doe", "215 Clayton St")


async def test_given_an_input_that_a_rival_handled_when_it_comes_here_then_nothing_changes() -> None:
    made = shop()
    other = beside(made)
    await made.converse.do(ANN, ev.NewOrder(guided=True), Input(1))
    await other.say(ANN, "Jane Doe", Input(2))
    before = await made.customer().session()
    await made.converse.say(ANN, "Jane Doe", Input(2))

    assert await made.customer().session() == before


async def test_given_a_purchase_begun_by_a_rival_when_its_end_is_told_here_then_it_finds_its_place() -> None:
    made = shop()
    other = beside(made)
    ann = await made.customer().orders()
    order_id = ann.confirmation.order_id
    await other.tap(ANN, ev.PurchaseConfirmed(order_id), None, Input(77))
    assert await other.drain(5) == 0
    await made.quiet()

    assert (await ann.session()).state == st.Bought(order_id)


async def test_given_a_session_that_the_store_forgot_when_going_on_then_it_begins_anew() -> None:
    made = shop()
    ann = await made.customer().does(ev.NewOrder(guided=True))
    made.database._tables["sessions"].clear()
    await ann.does(ev.NewOrder())

    assert (await ann.session()).first


async def test_given_many_customers_when_all_have_talked_then_only_the_latest_are_kept_at_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversing, "REMEMBERED", 3)
    converse, loads = counted(shop())
    users = [UserId(f"user-{number}") for number in range(5)]
    for number, user in enumerate(users):
        await converse.do(user, ev.NewOrder(), Input(number))
    loads.clear()
    for number, user in enumerate(reversed(users)):
        await converse.do(user, ev.Started(), Input(100 + number))

    assert loads == [users[1], users[0]]
