"""Find out what became of orders whose purchase was never answered."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.shipment import Label
from shipping_core.errors import OURS_TO_MEND, Conflict, GatewayError, GatewayRefused, OperatorNeeded
from shipping_core.ports.clock import Clock
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import Prepared, Purchase, ShippingGateway
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.settle_order import SettleOrder

LOOK_AFTER = dt.timedelta(seconds=60)
GIVE_UP_AFTER = dt.timedelta(minutes=15)
GIVE_UP_LOOKUPS = 3
PARK_AFTER = dt.timedelta(hours=1)
DRIVE_ON_AFTER = dt.timedelta(minutes=2)


@frozen
class ReconcileOrders:
    """Looks orders up at the carrier and settles them; any number of workers may run it.

    An order that was sent is never sent again. One that was reserved and never claimed is driven on,
    or given up when it is too old.
    """

    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleOrder
    buy: BuyLabel
    notifier: Notifier
    clock: Clock

    async def __call__(self) -> Sequence[Order]:
        """Every order that came to an end, or was parked, in this round."""
        now = self.clock.now()
        asked = await self.orders.in_states(
            {OrderState.PURCHASING, OrderState.UNKNOWN}, before=now - LOOK_AFTER
        )
        reserved = await self.orders.in_states({OrderState.RESERVED}, before=now - DRIVE_ON_AFTER)
        settled = await asyncio.gather(
            *(self._guarded(order) for order in asked), *(self._drive_on(order) for order in reserved)
        )
        return [order for order in settled if order is not None]

    async def _guarded(self, order: Order) -> Order | None:
        try:
            return await self._look_up(order)
        except Conflict:
            return None  # another worker, or the purchase itself, was first

    async def _drive_on(self, order: Order) -> Order | None:
        try:
            if order.stale(self.clock.now()):
                return await self.settle.expired(order)
            driven = await self.buy.drive_on(order)
        except (Conflict, GatewayError) as exc:
            if isinstance(exc, GatewayRefused) and exc.code in OURS_TO_MEND:
                await self.notifier.alarm(exc)
            return None  # somebody else has it, or the customer has been told by letter
        return None if driven.undecided else driven

    async def _look_up(self, order: Order) -> Order | None:
        order = await self._as_unknown(order)
        purchase = Purchase(order.reference, order.rate, order.shipment, order.mode)
        try:
            labels = await self.shipping.find(Prepared(purchase, order.carrier_order))
            live = [label for label in labels if not label.voided]
            for extra in live[1:]:
                await self._give_back(extra, order)
                await self.notifier.alarm(OperatorNeeded(f"{order.order_id} had one too many: voided"))
        except GatewayError as exc:
            return await self._in_doubt(order, exc)
        if not live:
            return await self._none_found(order)
        return await self.settle.purchased(order, live[0])

    async def _as_unknown(self, order: Order) -> Order:
        if order.state is OrderState.UNKNOWN:
            return order
        marked = order.unknown("the purchase was interrupted", self.clock.now())
        await self.orders.save(marked)
        return marked

    async def _give_back(self, extra: Label, order: Order) -> None:
        """The earliest label is the customer's; any further one goes back before that is settled."""
        answer = await self.shipping.void(extra, order.mode)
        if not answer.approved:
            raise GatewayRefused("void", answer.message, code=answer.reason_code)

    async def _none_found(self, order: Order) -> Order | None:
        looked = order.looked_up(self.clock.now())
        await self.orders.save(looked)
        long_enough = looked.updated_at - (looked.sent_at or looked.created_at) >= GIVE_UP_AFTER
        if looked.lookups >= GIVE_UP_LOOKUPS and long_enough:
            return await self.settle.failed(looked, "not_bought")
        return None

    async def _in_doubt(self, order: Order, error: GatewayError) -> Order | None:
        now = self.clock.now()
        if now - (order.sent_at or order.created_at) < PARK_AFTER:
            return None
        parked = await self.settle.parked(order, f"in doubt for an hour: {error.operation}")
        words = f"{order.order_id} is parked: {parked.failure}"
        await self.notifier.alarm(OperatorNeeded(words, AlertKind.ORDER_PARKED, f"order:{order.order_id}"))
        return parked
