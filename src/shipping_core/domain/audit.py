"""Who changed what, and why; written in the transaction of the change itself."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar

from attrs import field, frozen

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; every row made meanwhile carries it."""


@frozen
class AuditRow:
    """One change of one thing. `row_id` is made of the thing and its new version: one row a change."""

    row_id: str
    subject: str
    """`order:ord_1`, `invoice:inv_7`."""
    action: str
    at: dt.datetime
    before: str = ""
    after: str = ""
    actor: str = "system"
    reason: str = ""
    request_id: str = field(factory=REQUEST_ID.get)
    """Of the request that asked for it, as in its answer and the log."""
