"""Keep looking at labels of which somebody decided before the carrier told whether they are void."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from shipping_core.domain.ids import RefundId
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState, live_word
from shipping_core.errors import Conflict, GatewayError, OperatorNeeded, StoreUnavailable
from shipping_core.ports.clock import IdSource
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.use_cases.drive_refunds import A_ROUND, shown_void
from shipping_core.use_cases.request_refunds import wish
from shipping_core.use_cases.settle_refund import SettleRefund

SYSTEM = "system"


@frozen
class WatchRefunds:
    """Hourly for a day, then daily for a month.

    A label that turns out void is owed to us by the carrier. Where its refund was rejected, a new one is made
    and approved, so that the customer has the money; operators hear of both.
    """

    refunds: Shelf[Refund]
    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleRefund
    notifier: Notifier
    ids: IdSource

    async def __call__(self) -> Sequence[Refund]:
        """The refunds whose label turned out void in this round."""
        now = self.settle.clock.now()
        watched = await self.refunds.find({"watched": True}, limit=A_ROUND)
        found = [await self._guarded(refund) for refund in watched if refund.watch_due(now)]
        return [refund for refund in found if refund is not None]

    async def _guarded(self, refund: Refund) -> Refund | None:
        try:
            return await self._look(refund)
        except (Conflict, GatewayError):
            return None  # another worker was first, or there is no evidence: it stays due
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - one bad refund must not keep the others waiting
            await self.notifier.alarm(exc)
            return None

    async def _look(self, refund: Refund) -> Refund | None:
        now, order = self.settle.clock.now(), await self.orders.get(refund.order_id)
        if order.state is OrderState.VOIDED:  # another refund of it has settled everything
            await self.refunds.save(refund.watch_over(now))
            return None
        if await self.refunds.by_unique(live_word(order.order_id)):
            return None  # the carrier is asked, or will be, for another refund of it
        if not await shown_void(self.shipping, order):
            await self.refunds.save(refund.looked_after(now))
            return None
        await self._settled(refund, order)
        was = f"{refund.refund_id} was {refund.state.value} unanswered"
        await self.notifier.alarm(OperatorNeeded(f"{was}, and {order.order_id} is void after all"))
        return refund

    async def _settled(self, refund: Refund, order: Order) -> None:
        if refund.state is RefundState.PROCESSED or order.addresses_gone or order.refundable.minor <= 0:
            await self.settle.found_void(refund)
            return
        now = self.settle.clock.now()
        again = wish(order, RefundId(self.ids.new("ref")), now, SYSTEM)
        yes = evolve(again, state=RefundState.APPROVED, decided_by=SYSTEM, decided_at=now)
        await self.settle.asked_again(refund, yes)
