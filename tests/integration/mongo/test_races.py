"""Many at once on a real server: the guard stands in the write, and a guard that does not is seen to fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from adapters.mongo.balances import balance_id
from adapters.mongo.documents import BalanceDocument
from adapters.mongo.store import Store
from builders import NOW, an_order, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance, Kind, account_sums
from shipping_core.domain.order import Order
from shipping_core.errors import InsufficientFunds
from shipping_core.ports.unit_of_work import Transaction

RIVALS = 50
ROUNDS = int(os.environ.get("MONGO_RACE_ROUNDS", "200"))
PARTS = 2
"""The rounds are told off in parts, so that two workers share them."""
AT_ONCE = 2
"""Rounds that run beside each other, each with a user of its own."""


async def funded(store: Store, user: UserId, amount: str = "7.42") -> None:
    """This user has money for one order."""
    await store.balances.credit(
        user, usd(amount), key=f"topup:{user}", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
    )


async def reserve(store: Store, order: Order) -> None:
    """Keep the order and hold its price, both or neither."""

    async def body(tx: Transaction) -> None:
        await tx.orders.add(order)
        await tx.balances.hold(
            order.user_id, order.price, key=order.hold_key, mode=order.mode, order_id=order.order_id, at=NOW
        )

    await store.unit_of_work.run(body)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
async def test_given_money_for_one_when_fifty_orders_come_at_once_then_exactly_one_is_held_every_time(
    store: Store, part: int, record_property: Callable[[str, object], None]
) -> None:
    numbers = range(part, ROUNDS, PARTS)
    rounds = iter(numbers)

    async def one_round(number: int) -> None:
        user = UserId(f"user-{number}")
        await funded(store, user)
        rivals = [an_order(user_id=user) for _ in range(RIVALS)]
        got = await asyncio.gather(*(reserve(store, order) for order in rivals), return_exceptions=True)

        assert [type(g) for g in got].count(InsufficientFunds) == RIVALS - 1
        winner = rivals[got.index(None)]
        assert list(await store.orders.of_user(user)) == [winner]
        assert await store.balances.balance(user, Mode.TEST) == Balance(usd("0"), winner.price)

    async def lane() -> None:
        for number in rounds:
            await one_round(number)

    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))

    journal = await store.balances.journal()
    record_property("figure", ("races: rounds of fifty, one winner each", len(numbers)))
    assert len(journal) == 2 * len(numbers)
    assert sum(account_sums(journal).values()) == 0


async def test_given_a_check_before_the_write_when_fifty_come_at_once_then_money_is_spent_twice(
    store: Store,
) -> None:
    """The control: reading, comparing and writing back lets several through, every time."""
    user, needed = UserId("naive"), 742
    await funded(store, user)
    balances = store.scope.collection(BalanceDocument)
    who = {"_id": balance_id(user, Mode.TEST)}

    async def naive() -> bool:
        found = await balances.find_one(who)
        if found is None or found["available"] < needed:
            return False
        left = found["available"] - needed
        await balances.update_one(who, {"$set": {"available": left}, "$inc": {"held": needed}})
        return True

    through = (await asyncio.gather(*(naive() for _ in range(RIVALS)))).count(True)
    sums = account_sums(await store.balances.journal())
    kept = await store.balances.balance(user, Mode.TEST)

    assert through > 1
    assert kept.posted.minor != sums[Mode.TEST, book.available(user)]


async def test_given_a_balance_only_read_in_a_transaction_when_fifty_meet_then_snapshots_do_not_help(
    store: Store,
) -> None:
    """The second control: a snapshot that only reads what it decides by lets several through (write skew)."""
    user = UserId("skewed")
    await funded(store, user)
    started = asyncio.Barrier(RIVALS)

    async def skewed(order: Order) -> bool:
        runs = 0

        async def body(tx: Transaction) -> bool:
            nonlocal runs
            runs += 1
            enough = (await tx.balances.balance(user, Mode.TEST)).available >= order.price
            if runs == 1:
                await started.wait()
            if enough:
                await tx.orders.add(order)
            return enough

        return await store.unit_of_work.run(body)

    rivals = [an_order(user_id=user) for _ in range(RIVALS)]
    through = (await asyncio.gather(*(skewed(order) for order in rivals))).count(True)

    assert through > 1
