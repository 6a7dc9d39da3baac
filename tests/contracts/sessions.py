"""What every SessionRepository promises; a subclass provides `sessions`, empty."""

from __future__ import annotations

from asyncio import gather

import pytest
from attrs import evolve

from builders import ANN, BOB, NOW, a_choice, a_confirming, a_doubt, a_draft, a_rate, a_session, minutes, usd
from shipping_core.conversation import states as st
from shipping_core.conversation.session import SESSION_TTL, Session
from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.draft import Entry, Field, Side
from shipping_core.domain.ids import InvoiceId, OrderId, UserId
from shipping_core.errors import Conflict
from shipping_core.ports.sessions import SessionRepository

DOUBTED = a_choice(checks={Side.FROM: AddressCheck(Verdict.FAILED), Side.TO: a_doubt()})
STATES: tuple[st.State, ...] = (
    st.Idle(),
    st.Resuming({Field.TO_ZIP: Entry("90012", 0.5)}, guided=True),
    st.Composing((a_rate(),), 7),
    st.Guided(Field.TO_PHONE),
    st.FixingPart("parcel"),
    st.FixingField(Field.FROM_ZIP),
    st.Reviewing(),
    st.Pricing(3),
    st.Pricing(3, st.Wish("usps", "usps_ground_advantage", a_rate())),
    DOUBTED,
    a_confirming(),
    st.Buying(a_confirming(), a_draft(kept=frozenset(Side))),
    st.Bought(OrderId("ord_1")),
    st.Waiting(OrderId("ord_1")),
    st.ToppingUp(),
    st.Invoicing(InvoiceId("inv_1"), None, a_confirming()),
    st.Paying(InvoiceId("inv_1"), usd("4.18"), "https://pay.example.com/1", NOW, a_confirming()),
    st.Leaving(st.Confirming(DOUBTED, a_rate(delivery_days=None, delivery_date=None), OrderId("ord_1"))),
    st.Asking("refund", "ord_1", st.Pricing(3)),
    st.Answering("template_name", "tpl_1", "Mum's parcel", a_confirming()),
)
"""One example of every state, and of what is hard to keep in each."""


def of(state: st.State) -> str:
    """A test id."""
    return type(state).__name__


class SessionRepositoryContract:
    """One session per user, saved under its version."""

    async def test_given_a_stranger_when_loaded_then_there_is_nothing(
        self, sessions: SessionRepository
    ) -> None:
        assert await sessions.load(ANN) is None

    @pytest.mark.parametrize("state", STATES, ids=of)
    async def test_given_any_session_when_loaded_then_it_is_the_same_in_every_field(
        self, sessions: SessionRepository, state: st.State
    ) -> None:
        session = a_session(state, draft=a_draft(kept=frozenset({Side.TO})), language="ru", handled=(4, 5))
        await sessions.save(session)

        assert await sessions.load(ANN) == session

    async def test_given_the_next_version_when_saved_then_it_replaces_the_old(
        self, sessions: SessionRepository
    ) -> None:
        session = a_session()
        await sessions.save(session)
        later = session.after(st.Reviewing(), a_draft(), NOW + minutes(1), update_id=9)
        await sessions.save(later)

        assert await sessions.load(ANN) == later

    @pytest.mark.parametrize("version", [1, 3], ids=["the same", "one too far"])
    async def test_given_another_version_when_saved_then_it_is_a_conflict_and_nothing_changed(
        self, sessions: SessionRepository, version: int
    ) -> None:
        session = a_session()
        await sessions.save(session)
        with pytest.raises(Conflict):
            await sessions.save(evolve(session, version=version, language="ru"))

        assert await sessions.load(ANN) == session

    async def test_given_a_stranger_when_a_later_version_is_saved_then_it_is_a_conflict(
        self, sessions: SessionRepository
    ) -> None:
        with pytest.raises(Conflict):
            await sessions.save(a_session(version=2))

        assert await sessions.load(ANN) is None

    async def test_given_rivals_when_all_save_the_first_version_then_exactly_one_is_kept(
        self, sessions: SessionRepository
    ) -> None:
        rivals = [a_session(st.Guided(which)) for which in Field]
        got = await gather(*(sessions.save(r) for r in rivals), return_exceptions=True)

        assert [type(g) for g in got].count(Conflict) == len(rivals) - 1
        assert await sessions.load(ANN) == rivals[got.index(None)]

    async def test_given_two_users_when_both_save_then_each_has_an_own_session(
        self, sessions: SessionRepository
    ) -> None:
        await sessions.save(a_session(st.Reviewing()))
        await sessions.save(Session(BOB, NOW, version=1))
        loaded = await sessions.load(BOB)

        assert loaded == Session(BOB, NOW, version=1)

    async def test_given_a_session_as_old_as_its_time_when_loaded_then_draft_language_and_version_are_there(
        self, sessions: SessionRepository
    ) -> None:
        session = a_session(
            st.Reviewing(), draft=a_draft(), language="ru", version=1, last_updated=NOW - SESSION_TTL
        )
        await sessions.save(session)
        loaded = await sessions.load(ANN)

        assert loaded is not None
        assert loaded.awake(NOW) == evolve(session, state=st.Idle())

    async def test_given_sessions_that_wait_for_the_world_when_asked_for_then_the_oldest_comes_first(
        self, sessions: SessionRepository
    ) -> None:
        old, new = (
            a_session(state, user_id=UserId(f"user-{n}"), last_updated=NOW + minutes(n))
            for n, state in ((5, st.Pricing(3)), (6, st.Buying(a_confirming(), a_draft())))
        )
        others = [
            a_session(st.Reviewing(), last_updated=NOW),
            a_session(st.Pricing(1), user_id=BOB, last_updated=NOW + minutes(9)),
        ]
        for session in (new, *others, old):
            await sessions.save(session)

        assert list(await sessions.unanswered(NOW + minutes(9))) == [old, new]
        assert list(await sessions.unanswered(NOW + minutes(9), limit=1)) == [old]
        assert list(await sessions.unanswered(NOW + minutes(9), limit=0)) == []

    @pytest.mark.parametrize("state", STATES, ids=of)
    async def test_given_any_session_when_it_waits_for_the_world_then_and_only_then_it_is_asked_for(
        self, sessions: SessionRepository, state: st.State
    ) -> None:
        session = a_session(state)
        await sessions.save(session)

        assert list(await sessions.unanswered(NOW + minutes(1))) == ([session] if session.waits else [])
        assert list(await sessions.unanswered(NOW)) == []

    async def test_given_a_waiting_session_when_it_was_answered_then_it_is_not_asked_for_any_more(
        self, sessions: SessionRepository
    ) -> None:
        waiting = a_session(st.Pricing(3))
        await sessions.save(waiting)
        before = list(await sessions.unanswered(NOW + minutes(1)))
        await sessions.save(waiting.after(st.Reviewing(), a_draft(), NOW))

        assert before == [waiting]
        assert list(await sessions.unanswered(NOW + minutes(1))) == []

    async def test_given_a_session_born_late_when_its_first_version_is_saved_then_only_that_one_is_new(
        self, sessions: SessionRepository
    ) -> None:
        begun = Session.begin(ANN, NOW, "en")
        first = begun.after(st.Reviewing(), a_draft(), NOW)
        second = first.after(st.Idle(), a_draft(), NOW)
        with pytest.raises(Conflict):
            await sessions.save(second)
        await sessions.save(first)
        with pytest.raises(Conflict):
            await sessions.save(first)
        await sessions.save(second)

        assert await sessions.load(ANN) == second
