"""A customer's refunds: what may be asked back, asking, taking it back, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from shipping_core.conversation import refund_screens as rs
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import OrderId, RefundId, UserId
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund, Verdict
from shipping_core.errors import Conflict, InvalidInput, NotEligible, NotFound
from shipping_core.ports.notifier import Notifier
from shipping_core.use_cases.cancel_label import CancelLabel
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.request_refunds import MOST_AT_ONCE, RequestRefunds, labels_named

PAGE = 6
KEPT_IN_VIEW = 1000
"""Of a customer's refunds, in the list of them."""


@frozen
class ShowRefunds:
    """Pages beside the order in progress, which they never touch.

    Each raises NotFound for an order or refund that is not there, or somebody else's.
    """

    requests: RequestRefunds
    cancel_label: CancelLabel
    decide: DecideRefund
    notifier: Notifier
    facts: GatherFacts

    async def desk(self, user_id: UserId, page: int = 0) -> None:
        """Tell what may be asked back or cancelled."""
        offered = await self.requests.offered(user_id)
        shown = tuple(offered[page * PAGE : (page + 1) * PAGE])
        before = bool(await self.requests.refunds.find({"user_id": user_id}, limit=1))
        await self._tell(user_id, rs.RefundDesk(shown, page, len(offered) > (page + 1) * PAGE, before))

    async def about(self, user_id: UserId, order_id: OrderId) -> None:
        """Tell what can be done about one label now."""
        judged, live = await self.requests.judged(await self._own(user_id, order_id))
        await self._tell(user_id, rs.RefundOffer(judged, live))

    async def ask(self, user_id: UserId, labels: str) -> None:
        """Ask for these labels, and tell what came of each; or how to name them."""
        try:
            results = await self.requests(user_id, labels)
        except InvalidInput:
            await self._tell(user_id, sc.Remark(), unusable(labels))
        else:
            await self._tell(user_id, rs.RefundsAsked(tuple(results)))

    async def answered(self, user_id: UserId, _subject: str, text: str) -> sc.Note | None:
        """The answer to the question for labels, as `Asides` wants it."""
        if note := unusable(text):
            return note
        results = await self.requests(user_id, text)
        if all(result.order is None for result in results):
            return sc.Note("refund_unknown")  # so that the next try is not read as an order
        await self._tell(user_id, rs.RefundsAsked(tuple(results)))
        return None

    async def cancel(self, user_id: UserId, order_id: OrderId) -> None:
        """Cancel a fresh label, and tell how far that went.

        Raises:
            GatewayError: the carrier does not say whether it has seen the parcel; nothing was changed.
        """
        order = await self._own(user_id, order_id)
        try:
            refund = await self.cancel_label(user_id, order_id)
        except NotEligible as exc:
            judged, live = await self.requests.judged(order)
            await self._tell(user_id, rs.RefundOffer(evolve(judged, verdict=Verdict(exc.verdict)), live))
        else:
            await self.details(user_id, refund.refund_id)

    async def mine(self, user_id: UserId, page: int = 0) -> None:
        """Tell one page of refunds, newest first; `page` counts from 0."""
        found = await self.requests.refunds.find({"user_id": user_id}, limit=KEPT_IN_VIEW)
        newest: Sequence[Refund] = sorted(found, key=lambda r: (r.created_at, r.refund_id), reverse=True)
        shown = tuple(newest[page * PAGE : (page + 1) * PAGE])
        orders = tuple([await self.requests.orders.get(refund.order_id) for refund in shown])
        await self._tell(user_id, rs.RefundList(shown, orders, page, len(newest) > (page + 1) * PAGE))

    async def details(self, user_id: UserId, refund_id: RefundId) -> None:
        """Tell one refund."""
        refund = await self.requests.refunds.get(refund_id)
        if refund.user_id != user_id:
            raise NotFound("refund", refund_id)
        order = await self.requests.orders.get(refund.order_id)
        await self._tell(user_id, rs.RefundDetails(refund, order))

    async def take_back(self, user_id: UserId, refund_id: RefundId) -> None:
        """No longer wanted: a letter says so. Where it is decided already, tell what has become of it."""
        try:
            await self.decide.cancel(user_id, refund_id)
        except Conflict:
            await self.details(user_id, refund_id)

    async def _own(self, user_id: UserId, order_id: OrderId) -> Order:
        order = await self.requests.orders.get(order_id)
        if order.user_id != user_id:
            raise NotFound("order", order_id)
        return order

    async def _tell(self, user_id: UserId, screen: sc.Screen, note: sc.Note | None = None) -> None:
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen), note)


def unusable(text: str) -> sc.Note | None:
    """What to say of a text that names no labels, or too many."""
    count = len(labels_named(text))
    if count > MOST_AT_ONCE:
        return sc.Note("refund_many", {"most": str(MOST_AT_ONCE)})
    return None if count else sc.Note("refund_none")
