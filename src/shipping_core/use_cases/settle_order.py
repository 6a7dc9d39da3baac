"""The transactions that an order's money goes through; each commits whole or not at all.

What the customer must hear is written with the money, and sent from there until it arrived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import field, frozen

from shipping_core.domain import ledger as book
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Label
from shipping_core.ports.clock import Clock
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.bell import Bell


@frozen
class SettleOrder:
    """Moves an order and its money together."""

    unit_of_work: UnitOfWork
    documents: LabelDocuments
    clock: Clock
    bell: Bell = field(factory=Bell)

    async def reserved(self, order: Order) -> None:
        """Keep a new order and hold its price.

        Raises:
            Conflict: the order's id or its quote's reference is taken.
            InsufficientFunds: nothing was held or kept.
        """
        row = order_changed(order, None)

        async def body(tx: Transaction) -> None:
            await tx.orders.add(order)
            await tx.audit.put(row)
            await tx.balances.hold(
                order.user_id,
                order.price,
                key=order.hold_key,
                mode=order.mode,
                order_id=order.order_id,
                at=order.created_at,
            )

        await self.unit_of_work.run(body)

    async def purchased(
        self, order: Order, label: Label, *, actor: str = "system", reason: str = ""
    ) -> Order:
        """Record the label, charge for it, book what the carrier asked, and write to the customer.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        now = self.clock.now()
        done = order.purchased(label, now)
        charged = done.charged or done.price
        costs = _costs(done, label, now)
        row, letter = order_changed(done, order, actor, reason), _letter(done, Word.BOUGHT)

        async def body(tx: Transaction) -> None:
            await tx.orders.save(done)
            for cost in costs:
                await tx.balances.post(cost)
            await tx.outbox.put(letter)
            await tx.audit.put(row)
            await tx.balances.capture(
                done.user_id, charged, key=done.capture_key, hold_key=done.hold_key, at=now
            )

        await self.unit_of_work.run(body)
        self.bell.ring()
        return done

    async def failed(
        self, order: Order, why: str, *, by_letter: bool = True, actor: str = "system", reason: str = ""
    ) -> Order:
        """Surely not bought: end the order and free the money.

        The customer is told by letter, unless somebody who still has their attention says so.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        ended = order.failed(why, self.clock.now())
        return await self._released(order, ended, by_letter=by_letter, actor=actor, reason=reason)

    async def expired(self, order: Order) -> Order:
        """Never sent: end the order and free the money.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        return await self._released(order, order.expired(self.clock.now()))

    async def parked(self, order: Order, why: str) -> Order:
        """Only an operator can tell: the money stays held, and the customer hears of it.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        parked = order.parked(why, self.clock.now())
        row, letter = order_changed(parked, order), _letter(parked, Word.PARKED)

        async def body(tx: Transaction) -> None:
            await tx.orders.save(parked)
            await tx.outbox.put(letter)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        self.bell.ring()
        return parked

    async def strayed(self, order: Order, labels: Sequence[Label], *, voided: bool) -> Order:
        """Labels appeared after the money was given back: our loss, until the carrier returns it.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        now = self.clock.now()
        marked = order.strayed(labels[0], now)
        row = order_changed(marked, order, reason="voided" if voided else "not voided")
        cost = sum((label.cost for label in labels), Money.zero(order.price.currency))
        moves = [(Kind.LOSS, book.CARRIER_PAYABLE, book.LOSS)]
        if voided:
            moves.append((Kind.LOSS_RECOVERED, book.LOSS, book.CARRIER_PAYABLE))
        lines = [_own_line(marked, *move, cost, now) for move in moves if cost.minor > 0]

        async def body(tx: Transaction) -> None:
            await tx.orders.save(marked)
            for line in lines:
                await tx.balances.post(line)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        return marked

    async def _released(
        self, order: Order, ended: Order, *, by_letter: bool = True, actor: str = "system", reason: str = ""
    ) -> Order:
        row, letter = order_changed(ended, order, actor, reason), _letter(ended, Word.NOT_BOUGHT)

        async def body(tx: Transaction) -> None:
            await tx.orders.save(ended)
            if by_letter:
                await tx.outbox.put(letter)
            await tx.audit.put(row)
            await tx.balances.release(
                ended.user_id, key=ended.release_key, hold_key=ended.hold_key, at=ended.updated_at
            )

        await self.unit_of_work.run(body)
        if by_letter:
            self.bell.ring()
        return ended


def _letter(order: Order, word: Word) -> Letter:
    letter_id = f"{order.order_id}:{word.value}"
    return Letter(letter_id, order.user_id, word, order.updated_at, order_id=order.order_id)


def order_changed(order: Order, before: Order | None, actor: str = "system", reason: str = "") -> AuditRow:
    """What happened to an order."""
    subject = f"order:{order.order_id}"
    return AuditRow(
        row_id=f"{subject}:{order.version}",
        subject=subject,
        action=order.state.value,
        at=order.updated_at,
        before=before.state.value if before else "",
        after=order.state.value,
        actor=actor,
        reason=reason or order.failure,
    )


def _costs(order: Order, label: Label, now: dt.datetime) -> list[Transfer]:
    """What the carrier took: as much as it had offered is our cost, the rest a variance."""
    beyond = order.variance
    usual = label.cost - beyond
    lines = [
        (Kind.CARRIER_COST, book.CARRIER_COST, usual),
        (Kind.CARRIER_VARIANCE, book.CARRIER_VARIANCE, beyond),
    ]
    return [
        _own_line(order, kind, book.CARRIER_PAYABLE, target, amount, now)
        for kind, target, amount in lines
        if amount.minor > 0
    ]


def _own_line(
    order: Order, kind: Kind, source: str, target: str, amount: Money, now: dt.datetime
) -> Transfer:
    key = f"{kind.value}:{order.order_id}"
    return Transfer(key, kind, source, target, amount, order.mode, now, order_id=order.order_id)
