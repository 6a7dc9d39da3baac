"""Keep looking for labels that must not exist: of orders given up after a purchase nobody answered."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Label
from shipping_core.errors import Conflict, GatewayError, OperatorNeeded, StoreUnavailable
from shipping_core.ports.clock import Clock
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import Prepared, Purchase, ShippingGateway
from shipping_core.use_cases.settle_order import SettleOrder


@frozen
class WatchOrders:
    """Hourly for a day, then daily for a month. A label that appears is voided, booked, reported."""

    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleOrder
    notifier: Notifier
    clock: Clock

    async def __call__(self) -> Sequence[Order]:
        """The orders of which a label appeared in this round."""
        due = await self.orders.to_watch(self.clock.now())
        found = [await self._guarded(order) for order in due]
        return [order for order in found if order is not None]

    async def _guarded(self, order: Order) -> Order | None:
        try:
            return await self._look(order)
        except (Conflict, GatewayError):
            return None  # another worker was first, or there is no evidence: it stays due
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - one bad order must not keep the others waiting
            await self.notifier.alarm(exc)
            return None

    async def _look(self, order: Order) -> Order | None:
        purchase = Purchase(order.reference, order.rate, order.shipment, order.mode)
        labels = await self.shipping.find(Prepared(purchase, order.carrier_order))
        live = [label for label in labels if not label.voided]
        if not live:
            await self.orders.save(order.watched(self.clock.now()))
            return None
        voided = all([await self._voided(label, order) for label in live])
        marked = await self.settle.strayed(order, live, voided=voided)
        what = "voided" if voided else "NOT voided"
        await self.notifier.alarm(
            OperatorNeeded(f"{order.order_id} was given up, and its label appeared: {what}")
        )
        return marked

    async def _voided(self, label: Label, order: Order) -> bool:
        return (await self.shipping.void(label, order.mode)).approved
