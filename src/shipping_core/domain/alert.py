"""Something the operators must know, told once however often it happens."""

from __future__ import annotations

import datetime as dt
import enum

from attrs import evolve, frozen


class AlertKind(enum.Enum):
    """What happened."""

    ERROR = "error"
    ORDER_PARKED = "order_parked"
    PAYMENT_IN_REVIEW = "payment_in_review"
    REFUND_WAITS = "refund_waits"
    LEDGER_MISMATCH = "ledger_mismatch"
    WALLET_LOW = "wallet_low"
    WEBHOOK_REFUSED = "webhook_refused"


@frozen
class Alert:
    """One subject of one kind, however often it came up."""

    kind: AlertKind
    subject: str
    """`order:ord_1`, `wallet:usps`, the place in the code: ours, nobody's data."""
    text: str
    created_at: dt.datetime
    updated_at: dt.datetime
    """When it came up, or was taken on, last."""
    version: int = 1
    count: int = 1
    told_at: dt.datetime | None = None
    seen_by: str = ""
    """The operator who took it on; a new occurrence opens it again."""

    @property
    def record_id(self) -> str:
        """One a kind and subject."""
        return f"{self.kind.value}:{self.subject}"

    @property
    def unique(self) -> tuple[str, ...]:
        """Nothing but its id."""
        return ()

    def due(self, at: dt.datetime, quiet: dt.timedelta) -> bool:
        """Whether its next occurrence is to be told: it was taken on, or was last told `quiet` ago."""
        return bool(self.seen_by) or self.told_at is None or at >= self.told_at + quiet

    def again(self, text: str, at: dt.datetime, *, quiet: dt.timedelta) -> Alert:
        """It came up once more, and is open again."""
        return evolve(
            self,
            text=text,
            count=self.count + 1,
            seen_by="",
            told_at=at if self.due(at, quiet) else self.told_at,
            updated_at=max(self.updated_at, at),
            version=self.version + 1,
        )

    def taken_on(self, by: str, at: dt.datetime) -> Alert:
        """An operator saw it."""
        updated_at = max(self.updated_at, at)
        return evolve(self, seen_by=by, updated_at=updated_at, version=self.version + 1)
