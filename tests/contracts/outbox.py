"""What every Outbox promises; a subclass provides `outbox`, empty, and lets the store's time pass."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from builders import ANN, BOB, NOW, minutes
from shipping_core.domain.ids import InvoiceId, OrderId, UserId
from shipping_core.domain.letter import Letter, LetterState, Word
from shipping_core.ports.outbox import Outbox

SHORT_S, LONG_S = 0.15, 60.0
ENDS = [LetterState.SENT, LetterState.UNREACHABLE, LetterState.DEAD]


def a_letter(name: str = "ord_1:bought", **changes: Any) -> Letter:
    """Ann's label was bought."""
    return evolve(Letter(name, ANN, Word.BOUGHT, NOW, OrderId("ord_1")), **changes)


def letters(*names: str, **changes: Any) -> list[Letter]:
    """Ann's letters, written a minute apart."""
    return [a_letter(name, created_at=NOW + minutes(n), **changes) for n, name in enumerate(names)]


def of(state: LetterState) -> str:
    """A test id."""
    return state.value


class OutboxContract:
    """Letters in order, each claimed by one relay."""

    now: dt.datetime = NOW + minutes(60)

    async def pass_s(self, seconds: float) -> None:
        """The store's clock goes on by this much, or a little more; `now` with it."""
        raise NotImplementedError

    async def claim(
        self, outbox: Outbox, owner: str = "relay-1", *, lease_s: float = LONG_S, limit: int = 20
    ) -> list[Letter]:
        """What this relay gets now."""
        return list(await outbox.claim(owner, self.now, lease_s=lease_s, limit=limit))

    async def write(self, outbox: Outbox, written: Sequence[Letter]) -> None:
        """Put them, one after another."""
        for letter in written:
            await outbox.put(letter)

    async def test_given_a_letter_when_claimed_then_it_is_the_same_in_every_field(
        self, outbox: Outbox
    ) -> None:
        whole = a_letter(
            "inv_1:credited",
            user_id=BOB,
            word=Word.CREDITED,
            order_id=None,
            invoice_id=InvoiceId("inv_1"),
            facts={"reason": "late", "a.b": "$c"},
        )
        await self.write(outbox, [a_letter(), whole])

        assert await self.claim(outbox) == [a_letter(), whole]

    async def test_given_a_known_id_when_put_again_then_nothing_changes(self, outbox: Outbox) -> None:
        await outbox.put(a_letter())
        await outbox.put(a_letter(user_id=BOB, word=Word.PARKED))

        assert await outbox.waiting() == 1
        assert await self.claim(outbox) == [a_letter()]

    async def test_given_a_sent_letter_when_put_again_then_it_is_not_sent_again(self, outbox: Outbox) -> None:
        await outbox.put(a_letter())
        await self.claim(outbox)
        await outbox.mark("ord_1:bought", "relay-1", LetterState.SENT)
        await outbox.put(a_letter())

        assert await outbox.waiting() == 0
        assert await self.claim(outbox) == []

    async def test_given_many_letters_of_one_user_when_claimed_and_sent_then_they_leave_in_order_one_by_one(
        self, outbox: Outbox
    ) -> None:
        first, second, third = letters("z", "y", "x")
        await self.write(outbox, [second, third, first])
        left: list[Letter] = []
        for _ in range(3):
            (letter,) = await self.claim(outbox)
            assert await self.claim(outbox, "relay-2") == []
            assert await outbox.mark(letter.letter_id, "relay-1", LetterState.SENT)
            left.append(letter)

        assert left == [first, second, third]
        assert await self.claim(outbox) == []

    async def test_given_letters_of_one_moment_when_claimed_then_they_leave_as_they_were_put(
        self, outbox: Outbox
    ) -> None:
        written = [a_letter(name) for name in ("c", "a", "b")]
        await self.write(outbox, written)
        left = []
        for _ in written:
            left += await self.claim(outbox)
            await outbox.mark(left[-1].letter_id, "relay-1", LetterState.SENT)

        assert left == written

    async def test_given_many_users_when_claimed_then_each_ones_oldest_comes_up_to_the_limit(
        self, outbox: Outbox
    ) -> None:
        written = [
            a_letter(f"{user}:{n}", user_id=UserId(user), created_at=NOW + minutes(n))
            for n, user in enumerate(("bob", "ann", "cid", "ann", "bob"))
        ]
        await self.write(outbox, written)

        assert await self.claim(outbox, limit=0) == []
        assert await self.claim(outbox, limit=2) == written[:2]
        assert await self.claim(outbox, "relay-2") == [written[2]]
        assert await outbox.waiting() == 5

    async def test_given_a_letter_of_the_future_when_claimed_then_it_is_not_due(self, outbox: Outbox) -> None:
        await outbox.put(a_letter(created_at=self.now))
        await outbox.put(a_letter("later", user_id=BOB, created_at=self.now + minutes(0.01)))

        assert await self.claim(outbox) == [a_letter(created_at=self.now)]

    @pytest.mark.parametrize("state", ENDS, ids=of)
    async def test_given_an_ended_letter_when_listed_then_it_stands_there_and_the_next_may_leave(
        self, outbox: Outbox, state: LetterState
    ) -> None:
        first, second = letters("first", "second")
        await self.write(outbox, [first, second])
        await self.claim(outbox)
        marked = await outbox.mark("first", "relay-1", state, reason="because")

        assert marked
        assert list(await outbox.ended(state)) == [first]
        assert [list(await outbox.ended(other)) for other in ENDS if other is not state] == [[], []]
        assert await self.claim(outbox) == [second]
        assert await outbox.waiting() == 1

    async def test_given_ended_letters_when_listed_then_the_newest_comes_first(self, outbox: Outbox) -> None:
        written = [*letters("a", "b"), a_letter("c", created_at=NOW + minutes(1))]
        await self.write(outbox, written)
        for letter in written:
            await self.claim(outbox)
            await outbox.mark(letter.letter_id, "relay-1", LetterState.DEAD)

        assert list(await outbox.ended(LetterState.DEAD)) == written[::-1]
        assert list(await outbox.ended(LetterState.DEAD, limit=1)) == [written[2]]
        assert list(await outbox.ended(LetterState.DEAD, limit=0)) == []

    async def test_given_somebody_elses_claim_when_marked_or_postponed_then_nothing_happens(
        self, outbox: Outbox
    ) -> None:
        await outbox.put(a_letter())
        unclaimed = await outbox.mark("ord_1:bought", "relay-1", LetterState.SENT)
        await self.claim(outbox)

        assert not unclaimed
        assert not await outbox.mark("ord_1:bought", "relay-2", LetterState.SENT)
        assert not await outbox.postpone("ord_1:bought", "relay-2", NOW)
        assert not await outbox.mark("nobody's", "relay-1", LetterState.SENT)
        assert await outbox.mark("ord_1:bought", "relay-1", LetterState.SENT)
        assert not await outbox.mark("ord_1:bought", "relay-1", LetterState.DEAD)
        assert not await outbox.postpone("ord_1:bought", "relay-1", NOW)
        assert list(await outbox.ended(LetterState.SENT)) == [a_letter()]

    async def test_given_no_owner_when_marking_then_a_letter_nobody_claimed_stays(
        self, outbox: Outbox
    ) -> None:
        await outbox.put(a_letter())

        assert not await outbox.mark("ord_1:bought", "", LetterState.DEAD)
        assert await outbox.waiting() == 1

    async def test_given_a_postponed_letter_when_its_time_has_not_come_then_the_users_others_wait_behind_it(
        self, outbox: Outbox
    ) -> None:
        first, second = letters("first", "second")
        await self.write(outbox, [first, second, a_letter("bob's", user_id=BOB)])
        await self.claim(outbox)
        until = self.now + minutes(0.5)
        postponed = await outbox.postpone("first", "relay-1", until)
        before = await self.claim(outbox, "relay-2")
        self.now = until

        assert postponed
        assert before == []
        assert await self.claim(outbox, "relay-2") == [first]

    async def test_given_a_lapsed_claim_when_somebody_else_takes_it_then_the_first_may_not_mark_it(
        self, outbox: Outbox
    ) -> None:
        await self.write(outbox, letters("first", "second"))
        await self.claim(outbox, lease_s=SHORT_S)
        early = await self.claim(outbox, "relay-2")
        await self.pass_s(2 * SHORT_S)
        late = await self.claim(outbox, "relay-2")

        assert (early, [letter.letter_id for letter in late]) == ([], ["first"])
        assert not await outbox.mark("first", "relay-1", LetterState.SENT)
        assert not await outbox.postpone("first", "relay-1", NOW)
        assert await outbox.mark("first", "relay-2", LetterState.SENT)

    async def test_given_unreachable_letters_when_the_customer_is_back_then_they_wait_in_their_old_order(
        self, outbox: Outbox
    ) -> None:
        first, second, third = letters("first", "second", "third")
        bobs = a_letter("bob's", user_id=BOB)
        await self.write(outbox, [first, second, third, bobs])
        for _ in range(2):
            for letter in await self.claim(outbox):
                await outbox.mark(letter.letter_id, "relay-1", LetterState.UNREACHABLE)
        back = await outbox.revive(ANN)
        again = await outbox.revive(ANN)

        assert (back, again) == (2, 0)
        assert list(await outbox.ended(LetterState.UNREACHABLE)) == [bobs]
        assert await self.claim(outbox) == [first]

    async def test_given_a_letter_under_way_when_an_older_one_is_revived_then_it_waits_for_its_end(
        self, outbox: Outbox
    ) -> None:
        first, second, third = letters("first", "second", "third")
        await self.write(outbox, [first, second, third])
        await self.claim(outbox)
        await outbox.mark("first", "relay-1", LetterState.UNREACHABLE)
        under_way = await self.claim(outbox)
        await outbox.revive(ANN)
        beside = await self.claim(outbox, "relay-2")
        await outbox.mark("second", "relay-1", LetterState.SENT)

        assert (under_way, beside) == ([second], [])
        assert await self.claim(outbox, "relay-2") == [first]

    async def test_given_a_dead_relays_letter_when_an_older_one_is_revived_then_it_leaves_after_the_lease(
        self, outbox: Outbox
    ) -> None:
        first, second = letters("first", "second")
        await self.write(outbox, [first, second])
        await self.claim(outbox)
        await outbox.mark("first", "relay-1", LetterState.UNREACHABLE)
        await self.claim(outbox, lease_s=SHORT_S)
        await outbox.revive(ANN)
        await self.pass_s(2 * SHORT_S)

        assert await self.claim(outbox, "relay-2") == [first]
        assert not await outbox.mark("second", "relay-1", LetterState.SENT)

    async def test_given_many_relays_at_once_when_they_claim_then_no_letter_is_taken_twice_nor_overtaken(
        self, outbox: Outbox
    ) -> None:
        users = [UserId(f"user-{n}") for n in range(5)]
        written = [
            a_letter(f"{user}:{n}", user_id=user, created_at=NOW + minutes(n))
            for n in range(4)
            for user in users
        ]
        await self.write(outbox, written)
        left: list[Letter] = []

        async def relay(owner: str) -> None:
            while await outbox.waiting():
                for letter in await self.claim(outbox, owner, limit=3):
                    left.append(letter)
                    assert await outbox.mark(letter.letter_id, owner, LetterState.SENT)

        await gather(*(relay(f"relay-{n}") for n in range(4)))

        assert sorted(letter.letter_id for letter in left) == sorted(letter.letter_id for letter in written)
        for user in users:
            assert [x for x in left if x.user_id == user] == [x for x in written if x.user_id == user]
