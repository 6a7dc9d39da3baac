"""Give a fresh label back at once, without anybody's approval."""

from __future__ import annotations

from attrs import evolve, frozen

from shipping_core.domain.ids import OrderId, RefundId, UserId
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund, RefundState, Verdict, eligibility
from shipping_core.errors import Conflict, NotFound, TransactionConflict
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.request_refunds import CUSTOMER, RequestRefunds, wish, with_live
from shipping_core.use_cases.scans import scanned
from shipping_core.use_cases.settle_refund import refund_changed


@frozen
class CancelLabel:
    """Cancels a label that is younger than the least age of a refund, and that nobody has scanned."""

    requests: RequestRefunds
    shipping: ShippingGateway
    drive: DriveRefunds

    async def __call__(self, user_id: UserId, order_id: OrderId) -> Refund:
        """The refund, as far as it went; a second tap answers with the first one's.

        Raises:
            NotFound: no such order, or somebody else's.
            NotEligible: not fresh, in use, or a refund was asked for otherwise.
            GatewayError: the carrier does not say whether it has seen the parcel; nothing was changed.
        """
        order = await self.requests.orders.get(order_id)
        if order.user_id != user_id:
            raise NotFound("order", order_id)
        judged, live = await self.requests.judged(order)
        if live is not None and live.at_once:
            return live
        if judged.verdict is not Verdict.FRESH:
            raise judged.refusal()
        if await scanned(self.shipping, order):
            raise evolve(judged, verdict=Verdict.IN_USE).refusal()
        return await self.drive.on(await self._kept(order))

    async def _kept(self, order: Order) -> Refund:
        now, rules = self.requests.clock.now(), self.requests.policy.now.refunds
        refund_id = RefundId(self.requests.ids.new("ref"))

        async def body(tx: Transaction) -> Refund:
            fresh, asked = await with_live(tx, order.order_id)
            judged = eligibility(fresh, rules, now, asked=asked)
            if judged.verdict is not Verdict.FRESH:
                raise judged.refusal()
            refund = evolve(
                wish(fresh, refund_id, now, CUSTOMER),
                state=RefundState.APPROVED,
                at_once=True,
                decided_by=CUSTOMER,
                decided_at=now,
            )
            await tx.shelf(Refund).add(refund)
            await tx.audit.put(refund_changed(refund, None, actor=CUSTOMER))
            return refund

        try:
            return await self.requests.unit_of_work.run(body)
        except TransactionConflict:
            raise
        except Conflict:
            raise eligibility(order, rules, now, asked=True).refusal() from None
