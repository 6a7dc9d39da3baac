"""Three servers whose leader is killed again and again: whatever was acknowledged stays, and stays once."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from attrs import define, evolve, field
from pymongo import AsyncMongoClient

from adapters.mongo.scope import Document
from adapters.mongo.store import Store, open_store
from builders import NOW, usd
from integration.mongo.servers import ReplicaSet, fault, replica_set
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Kind, account_sums
from shipping_core.domain.money import Money
from shipping_core.errors import StoreUnavailable

KILLS = int(os.environ.get("MONGO_KILLS", "3"))
TRANSFERS = int(os.environ.get("MONGO_TRANSFERS", "3000"))
LANES, USERS = 16, 40
UNSAFE_WRITES = 200

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """A set that elects a new leader within two seconds."""
    with replica_set(tmp_path_factory.mktemp("three"), members=3) as made:
        yield made


@define
class Load:
    """Money that comes in by many lanes; each key is tried until the store confirms it."""

    store: Store
    acknowledged: list[str] = field(factory=list)
    unanswered: int = 0
    stop: bool = False
    numbers: Iterator[int] = field(factory=itertools.count)

    async def lane(self) -> None:
        """One transfer after another."""
        while not self.stop:
            number = next(self.numbers)
            while not await self.credit(number):
                self.unanswered += 1

    async def credit(self, number: int) -> bool:
        """Whether the store confirmed it."""
        user, key = UserId(f"user-{number % USERS}"), f"topup:{number}"
        try:
            await self.store.balances.credit(
                user, Money(1 + number % 7), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
            )
        except StoreUnavailable:
            return False
        self.acknowledged.append(key)
        return True

    async def until(self, count: int) -> None:
        """Wait until so many were confirmed."""
        async with asyncio.timeout(120):
            while len(self.acknowledged) < count:  # noqa: ASYNC110 - many lanes count together
                await asyncio.sleep(0.02)


async def kill_the_leader(three: ReplicaSet) -> None:
    """As a power cut would; it comes back when somebody else leads, and follows."""
    leader = await asyncio.to_thread(three.leader)
    await asyncio.to_thread(leader.kill)
    await asyncio.sleep(1.0)
    leader.launch()
    await asyncio.to_thread(leader.await_answer)
    await asyncio.to_thread(three.await_health)


async def test_given_a_leader_killed_thrice_under_load_then_nothing_acknowledged_is_lost_or_doubled(
    three: ReplicaSet, record_property: Callable[[str, object], None]
) -> None:
    async with open_store(three.url, "failover") as store:
        load = Load(store)
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(load.lane())
            for number in range(KILLS):
                await load.until((number + 1) * TRANSFERS // (KILLS + 1))
                await kill_the_leader(three)
            await load.until(TRANSFERS)
            load.stop = True

        journal = await store.balances.journal()
        kept = Counter(t.key for t in journal)
        sums = account_sums(journal)
        lost = [key for key in load.acknowledged if kept[key] != 1]
        record_property("figure", ("failover: leaders killed", KILLS))
        record_property("figure", ("failover: transfers acknowledged", len(load.acknowledged)))
        record_property("figure", ("failover: lost or doubled", len(lost)))

        assert len(load.acknowledged) >= TRANSFERS
        assert lost == []
        assert kept.total() == len(set(load.acknowledged))
        assert sum(sums.values()) == 0
        for number in range(USERS):
            user = UserId(f"user-{number}")
            balance = await store.balances.balance(user, Mode.TEST)
            assert balance.available.minor == sums[Mode.TEST, book.available(user)]


async def test_given_followers_that_lag_when_the_leader_is_killed_then_one_confirmation_was_not_enough(
    three: ReplicaSet, record_property: Callable[[str, object], None]
) -> None:
    """The control: what the leader alone confirmed is lost; the store confirms no such thing."""
    leader = await asyncio.to_thread(three.leader)
    followers = [server for server in three.servers if server is not leader]
    hasty_url = f"{three.url}&retryWrites=true"
    async with open_store(three.url, "control") as store:
        await store.balances.credit(
            UserId("ann"), usd("1.00"), key="topup:before", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
        )
        unsafe: AsyncMongoClient[Document] = AsyncMongoClient(hasty_url, w=1)
        lag = [fault(server, "stopReplProducer") for server in followers]
        for switch in lag:
            await asyncio.to_thread(switch.__enter__)
        try:
            hasty = Store(evolve(store.scope, timeout_s=2.5))
            acknowledged = []
            for number in range(UNSAFE_WRITES):
                await unsafe["control"]["unsafe"].insert_one({"_id": number})
                acknowledged.append(number)
            with pytest.raises(StoreUnavailable):
                await hasty.balances.credit(
                    UserId("ann"), usd("5.00"), key="topup:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
                )
            await asyncio.to_thread(leader.kill)
        finally:
            for switch in lag:
                await asyncio.to_thread(switch.__exit__, None, None, None)
        await asyncio.sleep(1.0)
        leader.launch()
        await asyncio.to_thread(leader.await_answer)
        await asyncio.to_thread(three.await_health)
        left = {found["_id"] async for found in unsafe["control"]["unsafe"].find()}
        await unsafe.close()
        lost = [number for number in acknowledged if number not in left]
        record_property("figure", ("failover: lost by w:1, the control", len(lost)))
        again = await store.balances.credit(
            UserId("ann"), usd("5.00"), key="topup:1", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
        )

        assert lost
        assert again.available == usd("6.00")
        assert len(await store.balances.journal()) == 2
