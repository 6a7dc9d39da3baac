"""What every Segments promises; a subclass provides `store`, empty."""

from __future__ import annotations

import random
from abc import abstractmethod
from typing import Protocol

import pytest
from attrs import evolve

from builders import NOW, minutes, usd
from contracts.lists import Kept
from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.user import User
from shipping_core.ports.segments import Segments

DAY = minutes(24 * 60)


class Crowd(Kept, Protocol):
    """A store with segments."""

    @property
    @abstractmethod
    def segments(self) -> Segments:
        """Its segments."""


async def in_it(store: Crowd, segment: Segment, mode: Mode = Mode.TEST) -> list[str]:
    """Everybody in it, page by page; counted the same."""
    ids: list[str] = []
    while some := await store.segments.some(segment, mode, NOW, after=ids[-1] if ids else "", limit=2):
        ids += [user.user_id for user in some]
    assert await store.segments.count(segment, mode, NOW) == len(ids)
    return ids


async def pay(store: Crowd, user_id: str, amount: str = "5.00", mode: Mode = Mode.TEST) -> None:
    """Their money comes in."""
    key = f"topup:{mode.value}:{user_id}"
    await store.balances.credit(UserId(user_id), usd(amount), key=key, mode=mode, kind=Kind.TOPUP, at=NOW)


class SegmentsContract:
    """Who a broadcast is for."""

    async def test_given_nobody_when_read_then_nobody_is_in_it(self, store: Crowd) -> None:
        for segment in (Segment(), Segment(with_balance=True)):
            assert await in_it(store, segment) == []

    @pytest.mark.parametrize(
        ("segment", "found"),
        [
            (Segment(), ["ann", "bob", "cid", "dan", "eve", "Ёж"]),
            (Segment(language="ru"), ["bob", "dan", "Ёж"]),
            (Segment(active_days=1), ["ann", "bob"]),
            (Segment(active_days=2), ["ann", "bob", "cid"]),
            (Segment(with_balance=True), ["bob", "cid"]),
            (Segment(with_balance=True, language="ru"), ["bob"]),
            (Segment(with_balance=True, active_days=1, language="ru"), ["bob"]),
            (Segment(with_balance=True, active_days=1, language="en"), []),
        ],
        ids=str,
    )
    async def test_given_customers_when_a_segment_is_read_then_all_its_conditions_hold_in_the_order_of_ids(
        self, store: Crowd, segment: Segment, found: list[str]
    ) -> None:
        people = [
            User(UserId("ann"), NOW, "en", seen_at=NOW - DAY),
            User(UserId("bob"), NOW, "ru", seen_at=NOW),
            User(UserId("cid"), NOW, "en", seen_at=NOW - DAY - minutes(1)),
            User(UserId("dan"), NOW, "ru"),
            User(UserId("eve"), NOW, "en", seen_at=NOW - 3 * DAY),
            User(UserId("Ёж"), NOW, "ru"),
            User(UserId("blocked"), NOW, "ru", seen_at=NOW, blocked=True),
            User(UserId("gone"), NOW, "ru", seen_at=NOW, erased_at=NOW),
        ]
        for user in reversed(people):
            await store.users.add(user)
        for name in ("bob", "cid", "dan", "blocked", "gone", "stranger"):
            await pay(store, name)
        await pay(store, "ann", mode=Mode.PRODUCTION)
        await store.balances.hold(
            UserId("dan"), usd("5.00"), key="hold:1", mode=Mode.TEST, order_id=OrderId("ord_1"), at=NOW
        )

        assert await in_it(store, segment) == found

    async def test_given_money_in_one_mode_when_the_other_is_asked_for_then_it_does_not_count(
        self, store: Crowd
    ) -> None:
        await store.users.add(User(UserId("ann"), NOW))
        await pay(store, "ann", mode=Mode.PRODUCTION)

        assert await in_it(store, Segment(with_balance=True), Mode.PRODUCTION) == ["ann"]
        assert await in_it(store, Segment(with_balance=True), Mode.TEST) == []

    async def test_given_a_crowd_when_read_in_parts_then_everybody_comes_once_as_they_are(
        self, store: Crowd
    ) -> None:
        chance = random.Random(7)
        people = [
            User(UserId(f"{chance.randrange(10**6)}"), NOW, blocked=chance.random() < 0.3) for _ in range(60)
        ]
        people = list({user.user_id: user for user in people}.values())
        for user in people:
            await store.users.add(user)
            await pay(store, user.user_id)
        expected = sorted(user.user_id for user in people if not user.blocked)

        assert await in_it(store, Segment()) == await in_it(store, Segment(with_balance=True)) == expected
        assert len(await store.segments.some(Segment(), Mode.TEST, NOW, limit=1000)) == len(expected)
        assert await store.segments.some(Segment(), Mode.TEST, NOW, limit=0) == []

    async def test_given_a_segment_when_somebody_is_blocked_then_they_are_not_in_it_any_more(
        self, store: Crowd
    ) -> None:
        ann = User(UserId("ann"), NOW)
        await store.users.add(ann)
        (kept,) = await store.segments.some(Segment(), Mode.TEST, NOW)
        await store.users.save(evolve(ann, version=2, blocked=True))

        assert kept == ann
        assert await in_it(store, Segment()) == []
