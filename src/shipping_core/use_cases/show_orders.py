"""A customer's own orders: the list, one of them, and where its parcel is."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.order import Order
from shipping_core.errors import NotFound
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.request_refunds import RequestRefunds

PAGE = 5


@frozen
class ShowOrders:
    """Pages beside the order in progress, which they never touch."""

    orders: OrderRepository
    shipping: ShippingGateway
    notifier: Notifier
    facts: GatherFacts
    requests: RequestRefunds

    async def page(self, user_id: UserId, number: int = 0) -> None:
        """Tell one page of orders, newest first; `number` counts from 0."""
        found = await self.orders.of_user(user_id, limit=PAGE + 1, skip=max(0, number) * PAGE)
        await self._tell(user_id, sc.OrderList(tuple(found[:PAGE]), max(0, number), len(found) > PAGE))

    async def details(self, user_id: UserId, order_id: OrderId) -> None:
        """Tell one order.

        Raises:
            NotFound: no such order, or somebody else's; here as below.
        """
        order = await self._own(user_id, order_id)
        judged, refund = await self.requests.judged(order)
        shown = refund or await self.requests.paid(order)
        await self._tell(user_id, sc.OrderDetails(order, judged, shown))

    async def track(self, user_id: UserId, order_id: OrderId) -> None:
        """Tell where the parcel is.

        Raises:
            GatewayRefused, GatewayUnavailable: the carrier does not say.
        """
        order = await self._own(user_id, order_id)
        if order.label is None:
            raise NotFound("label", order_id)
        tracking = await self.shipping.track(order.label, order.mode)
        await self._tell(user_id, sc.TrackingPage(order, tracking))

    async def _own(self, user_id: UserId, order_id: OrderId) -> Order:
        order = await self.orders.get(order_id)
        if order.user_id != user_id:
            raise NotFound("order", order_id)
        return order

    async def _tell(self, user_id: UserId, screen: sc.Screen) -> None:
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen))
