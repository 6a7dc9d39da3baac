"""What every Books promises; a subclass provides `store`, empty, and falsifies a balance in it."""

from __future__ import annotations

from asyncio import create_task, sleep
from collections.abc import Awaitable, Callable

import pytest

from a_ledger import DAMAGES, BusyWorld, Found, Kept, funded
from builders import ANN, NOW, an_order, usd
from shipping_core.domain.books import Difference, Rule
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Kind


class BooksContract:
    """Clean where all is well; each damage is found and named."""

    async def falsify(self, store: Kept, user_id: UserId, mode: Mode, cents: int) -> None:
        """Put this on top of what a user may spend, with no transfer."""
        raise NotImplementedError

    async def test_given_nothing_when_checked_then_nothing_differs(self, store: Kept) -> None:
        assert await store.books.differences() == []

    @pytest.mark.parametrize("seed", range(3))
    async def test_given_a_busy_world_when_checked_then_nothing_differs(self, store: Kept, seed: int) -> None:
        await BusyWorld(store, seed).lives(60)
        kinds = {t.kind for t in await store.balances.journal()}

        assert await store.books.differences() == []
        assert len(kinds) >= 10, "the world was not busy: this test is blind"

    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
    async def test_given_damage_when_checked_then_just_that_is_found_and_named(
        self, store: Kept, damage: Callable[[Kept], Awaitable[Found]]
    ) -> None:
        await BusyWorld(store, 1).lives(12)
        planted = await damage(store)
        found = await store.books.differences()

        assert {(Rule(d.rule), d.subject, d.booked, d.stated) for d in found} == planted
        assert len(found) == len(planted)

    async def test_given_a_balance_that_no_transfer_explains_when_checked_then_it_is_found(
        self, store: Kept
    ) -> None:
        await funded(store)
        await self.falsify(store, ANN, Mode.TEST, 1)

        assert await store.books.differences() == [
            Difference("balance", "test", "user:ann:available", 4258, 4259)
        ]

    async def test_given_more_than_is_wanted_when_checked_then_the_first_in_order_are_told(
        self, store: Kept
    ) -> None:
        for number in range(9):
            await store.orders.add(an_order(f"ord_{number}"))
        found = await store.books.differences(limit=4)

        assert [d.subject for d in found] == [f"order:ord_{n}" for n in range(4)]

    async def test_given_money_in_motion_when_checked_meanwhile_then_no_half_act_is_seen(
        self, store: Kept
    ) -> None:
        await store.balances.credit(
            ANN, usd("900.00"), key="adjust:m", mode=Mode.TEST, kind=Kind.ADJUSTMENT, at=NOW
        )

        living = create_task(BusyWorld(store, 5).lives(80, at_once=4))
        seen: list[Difference] = []
        while not living.done():
            seen += await store.books.differences()
            await sleep(0)
        await living

        assert seen == []
