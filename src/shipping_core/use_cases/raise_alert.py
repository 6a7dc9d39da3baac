"""Tell the operators, once however often it happens; and never make whoever tells it fail."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import OrderedDict

from attrs import field, frozen

from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.ports.alerts import Alerts
from shipping_core.ports.clock import Clock
from shipping_core.ports.operators import Operators

QUIET = dt.timedelta(minutes=15)
"""The same subject is told at most once in this time, and then with how often it came up."""
NOTE_WITHIN_S = 2.0
"""How long the store is waited for."""
SUBJECT_LIMIT = 200
REMEMBERED = 500


@frozen
class RaiseAlert:
    """Deduplicates through the store, for all processes; while that is away, for this process alone.

    Subject and text are ours: ids, words and places in the code, never a person's data or a secret.
    """

    alerts: Alerts
    operators: Operators
    clock: Clock
    _told: OrderedDict[str, dt.datetime] = field(factory=OrderedDict, init=False)

    async def __call__(
        self, kind: AlertKind, subject: str, text: str, *, quiet: dt.timedelta = QUIET
    ) -> None:
        """It came up (again)."""
        now, subject = self.clock.now(), subject[:SUBJECT_LIMIT]
        try:
            async with asyncio.timeout(NOTE_WITHIN_S):
                alert = await self.alerts.note(kind, subject, text, now, quiet=quiet)
        except Exception:  # noqa: BLE001 - whatever keeps the store from answering, they must hear of it
            alert = self._alone(Alert(kind, subject, text, now, now), quiet)
        if alert is not None:
            with contextlib.suppress(Exception):
                await self.operators.tell(alert)

    def _alone(self, alert: Alert, quiet: dt.timedelta) -> Alert | None:
        told_at = self._told.get(alert.record_id)
        if told_at is not None and alert.created_at - told_at < quiet:
            return None
        self._told[alert.record_id] = alert.created_at
        self._told.move_to_end(alert.record_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return alert
