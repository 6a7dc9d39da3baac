"""The transactions that an order's money goes through; each commits whole or not at all."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.domain.ledger import CARRIER_COST, CARRIER_PAYABLE, Kind, Transfer
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Label
from shipping_core.ports.clock import Clock
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork


@frozen
class SettleOrder:
    """Moves an order and its money together."""

    unit_of_work: UnitOfWork
    documents: LabelDocuments
    clock: Clock

    async def reserved(self, order: Order) -> None:
        """Keep a new order and hold its price.

        Raises:
            Conflict: the order's id or its quote's reference is taken.
            InsufficientFunds: nothing was held or kept.
        """

        async def body(tx: Transaction) -> None:
            await tx.orders.add(order)
            await tx.balances.hold(
                order.user_id,
                order.price,
                key=order.hold_key,
                mode=order.mode,
                order_id=order.order_id,
                at=order.created_at,
            )

        await self.unit_of_work.run(body)

    async def purchased(self, order: Order, label: Label) -> Order:
        """Record the label, charge for it, and book what the carrier asked.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        now = self.clock.now()
        done = order.purchased(label, now)
        charged = done.charged or done.price
        cost = _cost(done, label.cost, now) if label.cost.minor > 0 else None

        async def body(tx: Transaction) -> None:
            await tx.orders.save(done)
            await tx.balances.capture(
                done.user_id, charged, key=done.capture_key, hold_key=done.hold_key, at=now
            )
            if cost is not None:
                await tx.balances.post(cost)

        await self.unit_of_work.run(body)
        return done

    async def failed(self, order: Order, reason: str) -> Order:
        """Surely not bought: end the order and free the money.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        return await self._released(order.failed(reason, self.clock.now()))

    async def expired(self, order: Order) -> Order:
        """Never sent: end the order and free the money.

        Raises:
            Conflict: the order has moved on meanwhile.
        """
        return await self._released(order.expired(self.clock.now()))

    async def _released(self, ended: Order) -> Order:
        async def body(tx: Transaction) -> None:
            await tx.orders.save(ended)
            await tx.balances.release(
                ended.user_id, key=ended.release_key, hold_key=ended.hold_key, at=ended.updated_at
            )

        await self.unit_of_work.run(body)
        return ended


def _cost(order: Order, cost: Money, now: dt.datetime) -> Transfer:
    return Transfer(
        key=f"cost:{order.order_id}",
        kind=Kind.CARRIER_COST,
        source=CARRIER_PAYABLE,
        target=CARRIER_COST,
        amount=cost,
        mode=order.mode,
        created_at=now,
        order_id=order.order_id,
    )
