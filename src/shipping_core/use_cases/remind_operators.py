"""Customers who wait for an operator must not wait unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.raise_alert import RaiseAlert

PATIENCE = dt.timedelta(days=1)
PATIENCE_WITH_MONEY = dt.timedelta(hours=1)
"""A parked order and a payment in review were told of when they became so, but that word may be lost."""
OURS_TO_DECIDE = (RefundState.REQUESTED, RefundState.VOID_REFUSED, RefundState.VOID_UNKNOWN)
MOST = 100
LOOKED_AT = 1000


@frozen
class RemindOperators:
    """Tells once a day how many refunds have waited for longer than a day, and how many orders and payments
    for longer than an hour.
    """

    refunds: Shelf[Refund]
    orders: OrderRepository
    invoices: InvoiceRepository
    alert: RaiseAlert
    clock: Clock

    async def __call__(self) -> None:
        """One look."""
        now = self.clock.now()
        before, soon = now - PATIENCE, now - PATIENCE_WITH_MONEY
        waiting = await self.refunds.find({"state": OURS_TO_DECIDE}, limit=LOOKED_AT)
        late = sorted((r for r in waiting if r.waits_since < before), key=lambda r: r.waits_since)
        await self._tell(AlertKind.REFUND_WAITS, "refunds", "Refunds", "a day", [r.refund_id for r in late])
        orders = await self.orders.in_states({OrderState.PARKED}, before=soon, limit=MOST)
        await self._tell(AlertKind.ORDER_PARKED, "orders", "Orders", "an hour", [o.order_id for o in orders])
        invoices = await self.invoices.in_review(limit=MOST)
        # Not by the last change: each question to the gateway is one.
        ids = [i.invoice_id for i in invoices if i.created_at < soon]
        await self._tell(AlertKind.PAYMENT_IN_REVIEW, "top-ups", "Top-ups", "an hour", ids)

    async def _tell(self, kind: AlertKind, subject: str, what: str, than: str, late: Sequence[str]) -> None:
        if late:
            many = f"{MOST} or more" if len(late) >= MOST else str(len(late))
            text = f"{what} that wait for an operator longer than {than}: {many}, first {late[0]}"
            await self.alert(kind, subject, text, quiet=PATIENCE)
