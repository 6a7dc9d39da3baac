"""Two operators at once on a real server: one decides, and the customer is credited once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

import pytest

from adapters.memory.clock import MemoryClock
from adapters.memory.notifier import MemoryNotifier
from adapters.mongo.store import Store
from adapters.system.clock import RandomIds
from builders import NOW, a_label, an_order, usd
from carriers import ScriptedShipping
from labels_back import DAY
from shipping_core.domain.access import Approval
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import Mode, RefundId, UserId
from shipping_core.domain.ledger import Kind, Transfer, account_sums
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import Policy
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import Conflict
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.cancel_label import CancelLabel
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.request_refunds import RequestRefunds, wish, with_live
from shipping_core.use_cases.settle_refund import SettleRefund

ROUNDS = int(os.environ.get("MONGO_REFUND_ROUNDS", "200"))
PARTS = 2
AT_ONCE = 4
"""Rounds that run beside each other, each with a user of its own."""


class Office:
    """Refunds over a real store, and a carrier that takes every label back."""

    def __init__(self, store: Store, settle_with: type[SettleRefund] = SettleRefund) -> None:
        clock, ids, policy = MemoryClock(NOW), RandomIds(), Policy()
        self.store, self.shipping = store, ScriptedShipping()
        refunds = store.shelf(Refund)
        settle = settle_with(store.unit_of_work, clock)
        self.requests = RequestRefunds(
            store.users, store.orders, refunds, store.unit_of_work, policy, clock, ids
        )
        self.drive = DriveRefunds(refunds, store.orders, self.shipping, settle, MemoryNotifier())
        consent = Consent(store.shelf(Approval), store.unit_of_work, policy, clock, ids)
        self.decide = DecideRefund(refunds, self.drive, consent)
        self.cancel = CancelLabel(self.requests, self.shipping, self.drive)

    async def sold(self, number: int, *, days: int = 6) -> Order:
        """A label for $7.42, bought so many days ago by a user of its own."""
        label = a_label(label_id=f"label-{number}", tracking_number=f"ZZ{number}")
        at = NOW - days * DAY
        order = an_order(
            f"ord_{number}",
            user_id=UserId(f"user-{number}"),
            state=OrderState.PURCHASED,
            label=label,
            charged=usd("7.42"),
            created_at=at,
            updated_at=at,
        )
        self.shipping.labels[order.reference] = [label]
        await self.store.orders.add(order)
        return order

    async def asked(self, number: int) -> Refund:
        """The refund its customer has asked for."""
        order = await self.sold(number)
        (answer,) = await self.requests(order.user_id, f"zz{number}")
        assert answer.refund is not None
        return answer.refund

    async def credits(self) -> list[Transfer]:
        """Everything that was given back."""
        return [t for t in await self.store.balances.journal() if t.kind is Kind.REFUND]


async def in_lanes(numbers: Sequence[int], one_round: Callable[[int], object]) -> None:
    """Some rounds beside each other."""
    rounds = iter(numbers)

    async def lane() -> None:
        for number in rounds:
            await one_round(number)  # type: ignore[misc]

    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
async def test_given_two_admins_when_both_approve_at_once_then_one_decides_and_one_credit_comes_every_time(
    store: Store, part: int, record_property: Callable[[str, object], None]
) -> None:
    office, numbers = Office(store), range(part, ROUNDS, PARTS)

    async def one_round(number: int) -> None:
        refund = await office.asked(number)
        answers = await asyncio.gather(
            *(office.decide.approve(refund.refund_id, actor=who) for who in ("eve", "kim")),
            return_exceptions=True,
        )
        (lost,) = [a for a in answers if isinstance(a, BaseException)]
        done = await store.shelf(Refund).get(refund.refund_id)
        rows: Sequence[AuditRow] = await store.audit.of(f"refund:{refund.refund_id}")

        assert isinstance(lost, Conflict)
        assert f"already by {done.decided_by}, since {NOW.isoformat()}" in lost.key
        assert done.state is RefundState.PROCESSED
        assert [r.actor for r in rows if r.action == "approved"] == [done.decided_by]
        assert (await store.balances.balance(done.user_id, Mode.TEST)).available == usd("7.42")

    await in_lanes(numbers, one_round)

    record_property("figure", ("refunds: two approvals at once, one credit each", len(numbers)))
    assert len(await office.credits()) == len(numbers)
    assert sum(account_sums(await store.balances.journal()).values()) == 0
    assert office.shipping.voids_asked == len(numbers)


class Naive(SettleRefund):
    """Control: reads where a refund stands, and then pays, without a guard in the write."""

    async def credited(self, refund: Refund) -> Refund:
        async def body(tx: Transaction) -> None:
            await tx.balances.credit(
                refund.user_id,
                refund.amount,
                key=f"{refund.credit_key}:{RandomIds().new('try')}",
                mode=refund.mode,
                kind=Kind.REFUND,
                at=refund.updated_at,
                refund_id=refund.refund_id,
            )

        await self.unit_of_work.run(body)
        return await SettleRefund.credited(self, refund)


async def test_given_a_payment_without_a_guard_when_two_workers_meet_then_it_is_paid_twice(
    store: Store,
) -> None:
    """The control: what the test above counts would show a second credit."""
    office = Office(store, Naive)
    refund = await office.asked(1)
    settle = office.drive.settle
    yes = await settle.saved(refund, refund.decided(RefundState.APPROVED, "eve", "", NOW))
    asked = await settle.voiding(yes)
    gone = await settle.saved(asked, asked.moved(RefundState.VOID_OK, NOW))
    await asyncio.gather(*(office.drive.on(gone) for _ in range(2)))

    assert len(await office.credits()) > 1


async def test_given_many_workers_when_they_drive_one_refund_then_it_is_credited_once(store: Store) -> None:
    office = Office(store)
    refund = await office.asked(1)
    settle = office.drive.settle
    yes = await settle.saved(refund, refund.decided(RefundState.APPROVED, "eve", "", NOW))
    await asyncio.gather(*(office.drive.on(yes) for _ in range(10)))

    assert len(await office.credits()) == 1
    assert office.shipping.voids_asked == 1


async def test_given_many_taps_when_a_label_is_asked_back_or_cancelled_at_once_then_there_is_one_refund(
    store: Store,
) -> None:
    office = Office(store)
    old, fresh = await office.sold(1), await office.sold(2, days=0)
    asked = await asyncio.gather(*(office.requests(old.user_id, "ord_1") for _ in range(10)))
    cancelled = await asyncio.gather(
        *(office.cancel(fresh.user_id, fresh.order_id) for _ in range(10)), return_exceptions=True
    )

    assert sum(answer.refund is not None for (answer,) in asked) == 1
    assert {a.refund_id for a in cancelled if isinstance(a, Refund)}
    assert len(await store.shelf(Refund).find({}, limit=100)) == 2
    assert len(await office.credits()) == 1


async def test_given_a_wish_that_saw_no_other_when_one_comes_and_ends_meanwhile_then_it_is_judged_anew(
    store: Store,
) -> None:
    office = Office(store)
    order = await office.sold(1, days=0)
    runs = 0

    async def body(tx: Transaction) -> OrderState:
        nonlocal runs
        runs += 1
        fresh, asked = await with_live(tx, order.order_id)
        if runs == 1:
            await office.cancel(order.user_id, order.order_id)
        if fresh.state is OrderState.PURCHASED and not asked:
            await tx.shelf(Refund).add(wish(fresh, RefundId("ref_late"), NOW, "customer"))
        return fresh.state

    assert await store.unit_of_work.run(body) is OrderState.VOIDED
    assert runs == 2
    assert len(await store.shelf(Refund).find({}, limit=100)) == 1
