"""Hand a bought label over, again and again."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation.screens import LabelCaption
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.order import Order
from shipping_core.errors import NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.use_cases.gather_facts import GatherFacts


@frozen
class SendLabel:
    """Sends the PDF of one's own order; it costs nothing and changes nothing."""

    orders: OrderRepository
    documents: LabelDocuments
    shipping: ShippingGateway
    notifier: Notifier
    facts: GatherFacts
    clock: Clock

    async def __call__(self, user_id: UserId, order_id: OrderId) -> Order:
        """The order whose label was sent.

        Raises:
            NotFound: no such order, somebody else's, or one whose label is none, or void, or about to be.
            GatewayRefused: code `no_document` when the carrier gives the file only once and it was lost.
            GatewayUnavailable: the carrier does not answer.
        """
        order = await self.orders.get(order_id)
        if order.user_id != user_id or not order.label_good:
            raise NotFound("label", order_id)
        document = await self.document(order)
        await self.notifier.send_label(
            user_id, order, document, await self.facts(user_id, LabelCaption(order))
        )
        return order

    async def document(self, order: Order) -> bytes:
        """The label's file: ours, or the carrier's, which is kept from then on.

        Raises:
            NotFound: the order has no label, or the people named on it are forgotten: the carrier still has
                them, and nobody would forget them again.
            GatewayError: as above.
        """
        if order.label is None or order.addresses_gone:
            raise NotFound("label", order.order_id)
        document = await self.documents.get(order.order_id)
        if document is None:
            document = await self.shipping.document(order.label, order.mode)
            await self.documents.put(order.order_id, document, self.clock.now())
        return document
