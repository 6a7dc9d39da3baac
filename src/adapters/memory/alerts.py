"""What operators must know, in memory."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from adapters.memory.database import View
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.ports.alerts import Alerts


@frozen
class MemoryAlerts(Alerts):
    """One alert a kind and subject, on the shelf of alerts."""

    view: View

    async def note(
        self, kind: AlertKind, subject: str, text: str, at: dt.datetime, *, quiet: dt.timedelta
    ) -> Alert | None:
        new = Alert(kind, subject, text, at, at, told_at=at)
        before: Alert | None = self.view.get(Alert.__name__, new.record_id)
        after = new if before is None else before.again(text, at, quiet=quiet)
        self.view.put(Alert.__name__, new.record_id, after)
        return after if before is None or before.due(at, quiet) else None
