"""What every shelf promises of a broadcast's copies; a subclass provides `copies`, empty."""

from __future__ import annotations

from asyncio import gather

import pytest

from builders import NOW, minutes
from shipping_core.domain.broadcast import Copy, CopyState
from shipping_core.domain.ids import UserId
from shipping_core.errors import Conflict
from shipping_core.ports.shelves import Shelf


def a_copy(number: int, broadcast_id: str = "bro_1") -> Copy:
    """One of many."""
    at = NOW + minutes(number)
    return Copy(broadcast_id, UserId(f"u{number}"), at, at)


class CopiesContract:
    """A copy is claimed once, and counted by what became of it."""

    async def test_given_many_claims_of_one_copy_at_once_when_added_then_one_has_it(
        self, copies: Shelf[Copy]
    ) -> None:
        got = await gather(*(copies.add(a_copy(1)) for _ in range(8)), return_exceptions=True)

        assert [type(g) for g in got].count(Conflict) == 7
        assert await copies.get("bro_1:u1") == a_copy(1)

    async def test_given_copies_that_ended_otherwise_when_counted_then_each_is_counted_once(
        self, copies: Shelf[Copy]
    ) -> None:
        states = (CopyState.SENT, CopyState.SENT, CopyState.FAILED)
        for number, state in enumerate(states):
            await copies.add(a_copy(number))
            await copies.save(a_copy(number).ended(state, NOW))
        await copies.add(a_copy(3))
        await copies.add(a_copy(4, "bro_2"))
        counts = [await copies.count({"broadcast_id": "bro_1", "state": state}) for state in CopyState]

        assert dict(zip(CopyState, counts, strict=True)) == {
            CopyState.SENDING: 1, CopyState.SENT: 2, CopyState.UNREACHABLE: 0, CopyState.FAILED: 1,
        }  # fmt: skip
        assert await copies.count({"broadcast_id": "bro_1", "state": tuple(CopyState)}) == 4
        assert await copies.count({}) == 5

    async def test_given_copies_under_way_when_counted_before_a_moment_then_later_ones_are_left_out(
        self, copies: Shelf[Copy]
    ) -> None:
        for number in range(3):
            await copies.add(a_copy(number))
        sending = {"broadcast_id": "bro_1", "state": CopyState.SENDING}

        assert await copies.count(sending, changed_before=NOW + minutes(1)) == 1
        with pytest.raises(ValueError, match="not found by"):
            await copies.count({"user_id": "u1"})
