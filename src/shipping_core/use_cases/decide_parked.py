"""What an operator may do with an order that nobody else can decide. Each act needs a reason."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.ids import OrderId
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.plain_text import written
from shipping_core.domain.shipment import Label
from shipping_core.errors import Conflict, GatewayRefused, NotFound
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import Prepared, Purchase, ShippingGateway
from shipping_core.use_cases.settle_order import SettleOrder


@frozen
class DecideParked:
    """Adopt the label, confirm that there is none, or void it and give the money back.

    Every act raises Conflict for an order that is not parked, or was decided by somebody else meanwhile,
    InvalidInput without a reason, and GatewayError when the carrier does not say.
    """

    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleOrder

    async def adopt(self, order_id: OrderId, label_id: str, *, actor: str, reason: str) -> Order:
        """The customer gets this label, which the carrier must confirm, and pays for it.

        Raises:
            NotFound: the carrier knows no live label of this id for the order.
        """
        order, reason = await self._parked(order_id), written("reason", reason)
        if order.voiding:
            raise Conflict("order", f"{order_id}: its labels are going back to the carrier")
        for label in await self._labels(order):
            if label.label_id == label_id and not label.voided:
                return await self.settle.purchased(order, label, actor=actor, reason=reason)
        raise NotFound("label", label_id)

    async def confirm_not_bought(self, order_id: OrderId, *, actor: str, reason: str) -> Order:
        """The money is free again; refused while the carrier shows a live label."""
        order, reason = await self._parked(order_id), written("reason", reason)
        if await self._live(order):
            raise Conflict("order", f"{order_id} has a live label: adopt or void it")
        return await self.settle.failed(order, "not_bought", actor=actor, reason=reason)

    async def void_and_release(self, order_id: OrderId, *, actor: str, reason: str) -> Order:
        """Every live label goes back to the carrier, and the money is free again.

        From the first request on nobody may adopt one. A carrier that did not answer is asked again.

        Raises:
            GatewayRefused: the carrier keeps one; nothing was released, and it may be adopted.
        """
        order, reason = await self._parked(order_id), written("reason", reason)
        live = await self._live(order)
        order = order.giving_back(self.settle.clock.now())
        await self.orders.save(order)
        for label in live:
            answer = await self.shipping.void(label, order.mode)
            if not answer.approved and label.label_id in {kept.label_id for kept in await self._live(order)}:
                await self.orders.save(order.giving_back(self.settle.clock.now(), begun=False))
                raise GatewayRefused("void", answer.message, code=answer.reason_code)
        return await self.settle.failed(order, "voided", actor=actor, reason=reason)

    async def _live(self, order: Order) -> list[Label]:
        return [label for label in await self._labels(order) if not label.voided]

    async def _parked(self, order_id: OrderId) -> Order:
        order = await self.orders.get(order_id)
        if order.state is not OrderState.PARKED:
            raise Conflict("order", f"{order_id} is {order.state.value}, not parked")
        return order

    async def _labels(self, order: Order) -> list[Label]:
        purchase = Purchase(order.reference, order.rate, order.shipment, order.mode)
        return list(await self.shipping.find(Prepared(purchase, order.carrier_order)))
