"""Alerts in memory."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, frozen

from adapters.memory.database import View
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.errors import NotFound
from shipping_core.ports.alerts import Alerts


@frozen
class MemoryAlerts(Alerts):
    """One alert a kind and subject, on the shelf of its kind."""

    view: View

    async def note(
        self, kind: AlertKind, subject: str, text: str, at: dt.datetime, *, quiet: dt.timedelta
    ) -> Alert | None:
        new = Alert(kind, subject, text, at, at, told_at=at)
        kept: Alert | None = self.view.get("Alert", new.record_id)
        if kept is None:
            self.view.put("Alert", new.record_id, new)
            return new
        due = bool(kept.seen_by) or kept.told_at is None or at - kept.told_at >= quiet
        again = evolve(
            kept,
            text=text,
            updated_at=at,
            version=kept.version + 1,
            count=kept.count + 1,
            told_at=at if due else kept.told_at,
            seen_by="",
        )
        self.view.put("Alert", new.record_id, again)
        return again if due else None

    async def take_on(self, alert_id: str, by: str, at: dt.datetime) -> Alert:
        kept: Alert | None = self.view.get("Alert", alert_id)
        if kept is None:
            raise NotFound("alert", alert_id)
        taken = evolve(kept, seen_by=by, updated_at=at, version=kept.version + 1)
        self.view.put("Alert", alert_id, taken)
        return taken
