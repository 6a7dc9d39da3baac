"""Customers who wait for an operator must not wait unseen."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.ports.clock import Clock
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.raise_alert import RaiseAlert

PATIENCE = dt.timedelta(days=1)
OURS_TO_DECIDE = (RefundState.REQUESTED, RefundState.VOID_REFUSED, RefundState.VOID_UNKNOWN)
MOST = 100


@frozen
class RemindOperators:
    """Tells once a day how many refunds have waited for longer than a day."""

    refunds: Shelf[Refund]
    alert: RaiseAlert
    clock: Clock

    async def __call__(self) -> None:
        """One look."""
        before = self.clock.now() - PATIENCE
        late = await self.refunds.find({"state": OURS_TO_DECIDE}, changed_before=before, limit=MOST)
        if late:
            many = f"{MOST} or more" if len(late) == MOST else str(len(late))
            text = f"Refunds that wait for an operator longer than a day: {many}, first {late[0].refund_id}"
            await self.alert(AlertKind.REFUND_WAITS, "refunds", text, quiet=PATIENCE)
