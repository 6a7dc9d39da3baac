"""An operator takes an alert on: from then on it is theirs, until it comes up again."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.alert import Alert
from shipping_core.domain.audit import AuditRow
from shipping_core.errors import Conflict, StaleVersion
from shipping_core.ports.clock import Clock
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork


@frozen
class TakeOnAlert:
    """One alert has one operator, and no occurrence is taken on unseen. It is audited."""

    alerts: Shelf[Alert]
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, alert_id: str, *, by: str, version: int | None = None) -> Alert:
        """The alert, taken on; whoever has it already gets it as it is.

        Raises:
            NotFound: there is none.
            StaleVersion: it came up again since `version`, or was taken on.
            Conflict: a colleague has it, or it came up at this very moment.
        """
        alert = await self.alerts.get(alert_id)
        if alert.seen_by == by:
            return alert
        if alert.seen_by:
            raise Conflict("alert", f"{alert_id} was taken on by {alert.seen_by}")
        if version not in {None, alert.version}:
            raise StaleVersion("alert", f"{alert_id} came up again: read version {alert.version} of it")
        taken = alert.taken_on(by, self.clock.now())
        subject = f"alert:{alert_id}"
        row = AuditRow(
            f"{subject}:{taken.version}",
            subject,
            "taken_on",
            taken.updated_at,
            before="open",
            after="taken_on",
            actor=by,
        )

        async def body(tx: Transaction) -> None:
            await tx.shelf(Alert).save(taken)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        return taken
