"""A message that must reach a customer: written with the money it speaks of, sent until it arrived."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from attrs import field, frozen

from shipping_core.domain.ids import InvoiceId, OrderId, RefundId, UserId


class Word(enum.Enum):
    """What a letter says."""

    BOUGHT = "bought"
    """The label, with its file."""
    NOT_BOUGHT = "not_bought"
    PARKED = "parked"
    LINK_READY = "link_ready"
    """A payment link that came late."""
    CREDITED = "credited"
    INVOICE_EXPIRED = "invoice_expired"
    IN_REVIEW = "in_review"
    """A payment came otherwise than agreed; `facts["reason"]` says how."""
    REVIEW_CREDITED = "review_credited"
    REVIEW_CLOSED = "review_closed"
    REVERSED = "reversed"
    REFUND_REQUESTED = "refund_requested"
    REFUND_APPROVED = "refund_approved"
    REFUND_REJECTED = "refund_rejected"
    REFUND_CANCELLED = "refund_cancelled"
    REFUND_REFUSED = "refund_refused"
    """The carrier keeps the label; `facts["why"]` are its words."""
    REFUND_PROCESSED = "refund_processed"
    """The money is back; `facts["amount"]`, and `facts["note"]` where an operator wrote one."""
    REFUND_VOIDED = "refund_voided"
    """The money was back already, and now the label turned out void."""
    REFUND_NOTED = "refund_noted"
    REFUND_CLOSING = "refund_closing"
    """The last day to ask this label back comes near; `facts["until"]` is an ISO moment."""
    BALANCE_CHANGED = "balance_changed"
    """By hand; `facts["amount"]` is signed, `facts["reason"]` says why, and `facts["mode"]` in which mode."""
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@frozen
class Letter:
    """`letter_id` names the event (`ord_1:bought`), so that one event is one letter."""

    letter_id: str
    user_id: UserId
    word: Word
    created_at: dt.datetime
    order_id: OrderId | None = None
    invoice_id: InvoiceId | None = None
    refund_id: RefundId | None = None
    facts: Mapping[str, str] = field(factory=dict)


class Delivery(enum.Enum):
    """How an attempt to bring a message to somebody ended."""

    ARRIVED = "arrived"
    UNREACHABLE = "unreachable"
    """They blocked us, or are gone: it waits until they come back."""
    FAILED = "failed"
    """It may have arrived all the same; to be tried again."""
    NOT_SENT = "not_sent"
    """It surely has not left."""


class LetterState(enum.Enum):
    """Where a letter is. An `UNREACHABLE` one waits for the customer to come back."""

    WAITING = "waiting"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    DEAD = "dead"


TO_COME = (LetterState.WAITING, LetterState.UNREACHABLE)
"""Where a letter may still arrive."""


@frozen
class Posted(Letter):
    """A letter and what became of it so far, for the office."""

    state: LetterState = LetterState.WAITING
    tries: int = 0
    """How often somebody took it up to bring it."""
    due: dt.datetime | None = None
    """Not before then it is tried (again)."""
    reason: str = ""
    """Why it did not arrive the last time; ours, nobody's data."""
