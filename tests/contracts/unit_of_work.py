"""What every UnitOfWork promises.

A subclass provides `unit_of_work`, and `ledger` and `orders`, which look at the same store from outside.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from builders import ANN, NOW, a_label, an_invoice, an_order, minutes, usd
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink
from shipping_core.domain.ledger import Balance, Kind
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, InsufficientFunds, NotFound
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork


class OnPurpose(Exception):
    """A body's own error."""


async def credited(ledger: BalanceLedger, amount: str, key: str = "topup:1") -> Balance:
    """Ann's money comes in."""
    return await ledger.credit(ANN, usd(amount), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)


def reserving(order: Order) -> Callable[[Transaction], Awaitable[None]]:
    """Keep the order and hold its price."""

    async def body(tx: Transaction) -> None:
        await tx.orders.add(order)
        await tx.balances.hold(
            order.user_id, order.price, key=order.hold_key, mode=order.mode, order_id=order.order_id, at=NOW
        )

    return body


class UnitOfWorkContract:
    """All of a body, or nothing."""

    async def test_given_several_acts_when_the_body_ends_then_all_are_seen_and_its_answer_comes_back(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger, orders: OrderRepository
    ) -> None:
        await credited(ledger, "10.00")
        order = an_order()

        async def body(tx: Transaction) -> str:
            await reserving(order)(tx)
            return "done"

        assert await unit_of_work.run(body) == "done"
        assert await orders.get(order.order_id) == order
        assert (await ledger.balance(ANN, Mode.TEST)).held == order.price

    async def test_given_a_body_that_raises_when_run_then_its_error_comes_out_and_nothing_is_left(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger, orders: OrderRepository
    ) -> None:
        await credited(ledger, "10.00")
        order = an_order()

        async def body(tx: Transaction) -> None:
            await reserving(order)(tx)
            raise OnPurpose

        with pytest.raises(OnPurpose):
            await unit_of_work.run(body)
        with pytest.raises(NotFound):
            await orders.get(order.order_id)

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("10.00"))
        assert len(await ledger.journal()) == 1
        assert list(await orders.of_user(ANN)) == []

    @pytest.mark.parametrize("fails", [False, True], ids=["commits", "raises"])
    async def test_given_a_body_that_acts_on_everything_when_it_ends_then_all_of_it_counts_or_nothing(
        self, unit_of_work: UnitOfWork, fails: bool
    ) -> None:
        link = PayLink("7001", "inv_u1", "https://pay.example/7001", NOW + minutes(60))
        invoice = an_invoice("inv_u1", links=(link,), reviews={"7001": "late"})
        row = AuditRow("invoice:inv_u1:1", "invoice:inv_u1", "opened", NOW)

        async def body(tx: Transaction) -> None:
            await tx.invoices.add(invoice)
            await tx.outbox.put(Letter("inv_u1:1:credited", ANN, Word.CREDITED, NOW))
            await tx.audit.put(row)
            await credited(tx.balances, "10.00")
            if fails:
                raise OnPurpose

        async def look(tx: Transaction) -> tuple[object, ...]:
            return (
                await tx.invoices.by_track_id("7001", invoice.mode),
                list(await tx.invoices.in_review()),
                await tx.outbox.waiting(),
                list(await tx.audit.of("invoice:inv_u1")),
                await tx.balances.balance(ANN, Mode.TEST),
            )

        with pytest.raises(OnPurpose) if fails else contextlib.nullcontext():
            await unit_of_work.run(body)
        seen = await unit_of_work.run(look)

        all_of_it = (invoice, [invoice], 1, [row], Balance(usd("10.00")))
        assert seen == ((None, [], 0, [], Balance()) if fails else all_of_it)

    @pytest.mark.parametrize("fails", [False, True], ids=["commits", "raises"])
    async def test_given_a_body_that_changes_a_customer_when_it_ends_then_that_counts_with_the_rest_or_not(
        self, unit_of_work: UnitOfWork, fails: bool
    ) -> None:
        ann = User(ANN, NOW)
        blocked = ann.changed(blocked=True, blocked_why="fraud")

        async def body(tx: Transaction) -> None:
            await tx.users.save(blocked)
            assert await tx.users.get(ANN) == blocked
            if fails:
                raise OnPurpose

        await unit_of_work.run(lambda tx: tx.users.add(ann))
        with pytest.raises(OnPurpose) if fails else contextlib.nullcontext():
            await unit_of_work.run(body)

        assert await unit_of_work.run(lambda tx: tx.users.get(ANN)) == (ann if fails else blocked)

    async def test_given_an_aborted_body_when_its_id_reference_and_key_are_used_again_then_they_are_free(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger, orders: OrderRepository
    ) -> None:
        order = an_order()
        with pytest.raises(InsufficientFunds):
            await unit_of_work.run(reserving(order))
        await credited(ledger, "10.00")
        await unit_of_work.run(reserving(order))

        assert await orders.get(order.order_id) == order
        assert (await ledger.balance(ANN, Mode.TEST)).held == order.price

    async def test_given_a_body_when_it_looks_back_then_it_sees_its_own_acts(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger
    ) -> None:
        order = an_order()
        claimed = order.claimed(NOW, carrier_order="")

        async def body(tx: Transaction) -> tuple[Order, list[Order], list[Order], int]:
            await credited(tx.balances, "10.00")
            await reserving(order)(tx)
            await tx.orders.save(claimed)
            due = await tx.orders.in_states({OrderState.PURCHASING}, before=NOW + minutes(1))
            mine = await tx.orders.of_user(ANN)
            return (
                await tx.orders.get(order.order_id),
                list(due),
                list(mine),
                len(await tx.balances.journal()),
            )

        assert await unit_of_work.run(body) == (claimed, [claimed], [claimed], 2)

    async def test_given_a_kept_order_when_a_body_changes_it_then_its_lists_show_the_change(
        self, unit_of_work: UnitOfWork, orders: OrderRepository
    ) -> None:
        order = an_order()
        await orders.add(order)
        claimed = order.claimed(NOW, carrier_order="")

        async def body(tx: Transaction) -> tuple[list[Order], list[Order]]:
            await tx.orders.save(claimed)
            due = await tx.orders.in_states(set(OrderState), before=NOW + minutes(1))
            return list(due), list(await tx.orders.of_user(ANN))

        assert await unit_of_work.run(body) == ([claimed], [claimed])

    async def test_given_a_running_body_when_looked_at_from_outside_then_nothing_is_seen_yet(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger
    ) -> None:
        acted, go_on = asyncio.Event(), asyncio.Event()

        async def body(tx: Transaction) -> None:
            await credited(tx.balances, "10.00")
            acted.set()
            await go_on.wait()

        running = asyncio.create_task(unit_of_work.run(body))
        await acted.wait()
        during = await ledger.balance(ANN, Mode.TEST)
        go_on.set()
        await running

        assert during == Balance()
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("10.00"))

    async def test_given_a_cancelled_body_when_it_had_acted_then_nothing_is_left(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger
    ) -> None:
        acted = asyncio.Event()

        async def body(tx: Transaction) -> None:
            await credited(tx.balances, "10.00")
            acted.set()
            await asyncio.Event().wait()

        running = asyncio.create_task(unit_of_work.run(body))
        await acted.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        assert await ledger.balance(ANN, Mode.TEST) == Balance()
        assert list(await ledger.journal()) == []

    async def test_given_two_bodies_that_meet_when_one_loses_the_race_then_it_runs_again_and_both_count(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger
    ) -> None:
        runs: list[str] = []
        meeting = asyncio.Barrier(2)

        def crediting(key: str) -> Callable[[Transaction], Awaitable[None]]:
            async def body(tx: Transaction) -> None:
                await tx.balances.balance(ANN, Mode.TEST)
                runs.append(key)
                if runs.count(key) == 1:
                    await meeting.wait()
                await credited(tx.balances, "5.00", key)
                await asyncio.sleep(0)

            return body

        await asyncio.gather(*(unit_of_work.run(crediting(key)) for key in ("topup:1", "topup:2")))

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("10.00"))
        assert len(runs) >= 3

    async def test_given_money_for_one_when_six_reserve_at_once_then_one_order_and_one_hold_are_left(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger, orders: OrderRepository
    ) -> None:
        await credited(ledger, "7.42")
        rivals = [an_order() for _ in range(6)]
        got = await asyncio.gather(*(unit_of_work.run(reserving(o)) for o in rivals), return_exceptions=True)

        assert [type(g) for g in got].count(InsufficientFunds) == 5
        assert list(await orders.of_user(ANN)) == [rivals[got.index(None)]]
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("0"), usd("7.42"))

    async def test_given_one_order_when_one_worker_captures_and_one_releases_then_exactly_one_counts(
        self, unit_of_work: UnitOfWork, ledger: BalanceLedger, orders: OrderRepository
    ) -> None:
        await credited(ledger, "10.00")
        order = an_order()
        await unit_of_work.run(reserving(order))
        asked = order.claimed(NOW, carrier_order="")
        await orders.save(asked)
        done, failed = asked.purchased(a_label(), NOW), asked.failed("refused", NOW)

        async def record(tx: Transaction) -> None:
            await tx.orders.save(done)
            await asyncio.sleep(0)
            await tx.balances.capture(ANN, order.price, key="capture:1", hold_key=order.hold_key, at=NOW)

        async def free(tx: Transaction) -> None:
            await tx.orders.save(failed)
            await asyncio.sleep(0)
            await tx.balances.release(ANN, key="release:1", hold_key=order.hold_key, at=NOW)

        got = await asyncio.gather(unit_of_work.run(record), unit_of_work.run(free), return_exceptions=True)
        stored = await orders.get(order.order_id)

        assert [isinstance(g, Conflict) for g in got].count(True) == 1
        assert stored == (done if got[0] is None else failed)
        assert (await ledger.balance(ANN, Mode.TEST)).available == (
            usd("2.58") if got[0] is None else usd("10.00")
        )
