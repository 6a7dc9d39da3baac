"""Somebody who only looks around is known all the same, in their own language."""

from __future__ import annotations

import pytest
from attrs import evolve

from a_shop import shop
from builders import ANN, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.use_cases.converse import Input


async def test_given_a_stranger_when_met_then_known_greeted_and_not_shown_anything() -> None:
    made = shop(welcome_credit="25.00")
    await made.converse.meet(ANN, Input(language="ru"))
    ann = made.customer()

    begun = Session.begin(ANN, made.clock.now(), "ru")

    assert await ann.session() == evolve(begun, version=begun.version + 1)
    assert (await made.users.get(ANN)).language == "ru"
    assert (await ann.balance()).available == usd("25.00")
    assert made.notifier.shown == []


async def test_given_somebody_known_when_met_again_then_nothing_changes() -> None:
    made = shop()
    ann = await made.customer().does(ev.NewOrder())
    before = await ann.session()
    await made.converse.meet(ANN, Input(language="ru"))

    assert await ann.session() == before
    assert len(await made.balances.journal()) == 1


async def test_given_a_stranger_who_speaks_meanwhile_when_met_then_what_was_said_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    load, said = made.sessions.load, [ev.NewOrder()]

    async def overtaken(_self: object, user_id: str) -> Session | None:
        found = await load(ANN)
        if said:
            await made.converse.do(ANN, said.pop())
        return found

    monkeypatch.setattr(type(made.sessions), "load", overtaken)
    await made.converse.meet(ANN, Input())
    stored = await load(ANN)

    assert stored is not None
    assert (type(stored.state), stored.first) == (st.Composing, True)
    assert len(await made.balances.journal()) == 1
