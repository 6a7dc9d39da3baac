"""Something the operators must know, told once however often it happens."""

from __future__ import annotations

import datetime as dt
import enum

from attrs import frozen


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
    """When it came up last."""
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
