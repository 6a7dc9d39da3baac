"""Bring refunds to their end: the carrier takes the label back, then the customer has the money.

The carrier is asked outside of any transaction: what is about to be asked is stored before, what it answered
after. What stays unanswered is looked up before it is asked again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.order import Order
from shipping_core.domain.refund import DOUBT_LASTS, Refund, RefundState
from shipping_core.domain.shipment import Label
from shipping_core.errors import (
    OURS_TO_MEND,
    Conflict,
    GatewayError,
    GatewayRefused,
    OperatorNeeded,
    StoreUnavailable,
    TransactionConflict,
)
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.shipping import Prepared, Purchase, ShippingGateway, VoidAnswer
from shipping_core.use_cases.settle_refund import SettleRefund

S = RefundState
LOOK_AFTER = dt.timedelta(seconds=60)
LONGEST_PAUSE = dt.timedelta(minutes=15)
A_ROUND = 500


@frozen
class DriveRefunds:
    """Drives refunds from approved to their end, or until an operator has to decide. Any number may run."""

    refunds: Shelf[Refund]
    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleRefund
    notifier: Notifier

    async def __call__(self) -> Sequence[Refund]:
        """Every refund that was moved on in this round, as it stands now."""
        now = self.settle.clock.now()
        states = (S.APPROVED, S.VOIDING, S.VOID_UNKNOWN, S.VOID_OK)
        waiting = await self.refunds.find({"state": states}, limit=A_ROUND)
        due = [refund for refund in waiting if now - refund.updated_at >= _pause(refund)]
        driven = await asyncio.gather(*(self._guarded(refund) for refund in due))
        return [after for before, after in zip(due, driven, strict=True) if after is not before]

    async def on(self, refund: Refund) -> Refund:
        """This refund, as far as it goes now. Where somebody else has it, as they left it.

        Where nobody has, and it does not go on all the same, operators hear of it.
        """
        try:
            match refund.state:
                case S.APPROVED:
                    refund = await self._ask(await self.settle.voiding(refund))
                case S.VOIDING:
                    refund = await self._look_up(await self._unknown(refund, "the void was interrupted"))
                case S.VOID_UNKNOWN:
                    refund = await self._look_up(refund)
            if refund.state is S.VOID_OK:
                refund = await self.settle.credited(refund)
        except Conflict as exc:
            stored = await self.refunds.get(refund.refund_id)
            if stored == refund and not isinstance(exc, TransactionConflict):
                await self.notifier.alarm(OperatorNeeded(f"{refund.standing}, and stays so: {exc}"))
            return stored
        return refund

    async def once_more(self, refund: Refund, *, actor: str, reason: str) -> Refund:
        """Ask a carrier that keeps the label once more.

        Raises:
            Conflict: it is not that the carrier keeps it; the text says where it stands.
        """
        if refund.state is not S.VOID_REFUSED:
            raise Conflict("refund", refund.standing)
        asked = await self._ask(await self.settle.voiding(refund, actor=actor, reason=reason))
        return await self.on(asked) if asked.state is S.VOID_OK else asked

    async def _guarded(self, refund: Refund) -> Refund:
        try:
            return await self.on(refund)
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - one bad refund must not keep the others waiting
            await self.notifier.alarm(exc)
            return refund

    async def _ask(self, refund: Refund) -> Refund:
        order = await self.orders.get(refund.order_id)
        try:
            answer = await self.shipping.void(_label(order), order.mode)
        except GatewayRefused as exc:
            if exc.code in OURS_TO_MEND:
                await self.notifier.alarm(exc)
                return await self._unknown(refund, exc.reason)
            answer = VoidAnswer(approved=False, message=exc.reason, reason_code=exc.code)
        except GatewayError as exc:
            return await self._unknown(refund, exc.reason)
        return await self._answered(refund, order, answer)

    async def _answered(self, refund: Refund, order: Order, answer: VoidAnswer) -> Refund:
        """A no counts only where a look-up does not show the label voided all the same."""
        try:
            voided = answer.approved or await shown_void(self.shipping, order)
        except GatewayError as exc:
            return await self._unknown(refund, exc.reason)
        if voided:
            return await self._gone(refund, answer)
        kept = await self.settle.refused(refund, answer.message, answer.reason_code)
        await self.notifier.alarm(
            OperatorNeeded(f"{refund.refund_id} waits: the carrier keeps the label of {refund.order_id}")
        )
        return kept

    async def _look_up(self, refund: Refund) -> Refund:
        order = await self.orders.get(refund.order_id)
        try:
            voided = await shown_void(self.shipping, order)
        except GatewayError:
            voided = None
        if voided is None:
            looked = refund.looked_up(self.settle.clock.now())
            await self.refunds.save(looked)
            return await self._told_late(looked)
        if voided:
            return await self._gone(refund, VoidAnswer(approved=True))
        asked = refund.void_asked(self.settle.clock.now())
        return await self._ask(await self.settle.saved(refund, asked))

    async def _gone(self, refund: Refund, answer: VoidAnswer) -> Refund:
        gone = refund.moved(
            S.VOID_OK, self.settle.clock.now(), void_answer=answer.message, void_code=answer.reason_code
        )
        return await self.settle.saved(refund, gone)

    async def _unknown(self, refund: Refund, why: str) -> Refund:
        unknown = refund.moved(S.VOID_UNKNOWN, self.settle.clock.now())
        return await self._told_late(await self.settle.saved(refund, unknown, reason=why))

    async def _told_late(self, refund: Refund) -> Refund:
        since = refund.asked_at or refund.created_at
        if refund.updated_at - since >= DOUBT_LASTS:
            await self.notifier.alarm(
                OperatorNeeded(f"{refund.refund_id}: for an hour the carrier has not told whether it is void")
            )
        return refund


async def shown_void(shipping: ShippingGateway, order: Order) -> bool | None:
    """Whether the carrier shows an order's label as voided; None where it does not show it at all.

    Raises:
        GatewayError: the carrier does not say.
    """
    label = _label(order)
    purchase = Purchase(order.reference, order.rate, order.shipment, order.mode)
    shown = await shipping.find(Prepared(purchase, order.carrier_order))
    return next((s.voided for s in shown if s.label_id == label.label_id), None)


def _label(order: Order) -> Label:
    if order.label is None:
        raise OperatorNeeded(f"{order.order_id} has no label to give back")
    return order.label


def _pause(refund: Refund) -> dt.timedelta:
    """Longer with every question that was not answered."""
    if refund.state in {S.APPROVED, S.VOID_OK}:
        return LOOK_AFTER
    doublings = min(max(0, refund.attempts - 1) + refund.lookups, 4)
    return min(LOOK_AFTER * (1 << doublings), LONGEST_PAUSE)
