"""Every way Shipping Core says no.

ShippingError
|-- Rejected               our rule said no, and the user can mend it
|   |-- InsufficientFunds  the balance is short by `shortfall`
|   |-- InvalidAddress     a field of an address or parcel cannot be used
|   |-- QuoteExpired       prices are too old to be charged
|   |-- TooManyInvoices    pay or leave one of the open ones first
|   |-- InvalidAmount      not an amount that can be topped up
|   |-- SalesClosed        no new orders or top-ups for this customer now
|   |-- NotEligible        this label cannot be asked back now
|   |-- InvalidInput       a field that an operator or a customer gave cannot be used
|   |-- TooMany            no more of this kind may be kept
|   |-- TooFast            too often in too short a time: wait `retry_after_s`
|   |-- NoticeRefused      a payment notice that is not the gateway's, or says nothing
|   `-- UnexpectedEvent    the conversation is somewhere else
|-- NotFound               no such thing, or not yours
|-- Conflict               somebody was first: read again
|   |-- StaleVersion       the caller named a version that is not the stored one
|   |-- BeingAnswered      the same request is being answered now: ask again in a moment
|   `-- TransactionConflict  two transactions met; the whole body may run again
|-- OperatorNeeded         only one of us can decide this; told to the operators, never to a customer
|-- StoreUnavailable       our own store does not answer: nothing may be told, read again by key
`-- GatewayError           a partner's answer, or its absence
    |-- GatewayRefused     a clear no: nothing was done
    |-- GatewayUnavailable surely not done: the same call may be repeated
    `-- OutcomeUnknown     sent and not answered: look it up, never repeat blindly

Leaves carry facts; every door has its own table from leaf to sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipping_core.domain.alert import AlertKind
    from shipping_core.domain.money import Money


class ShippingError(Exception):
    """The root of every error this library raises on purpose."""


class Rejected(ShippingError):
    """Our rule said no; the user can mend it."""


class InsufficientFunds(Rejected):
    """`available` is less than `needed`; nothing was held."""

    def __init__(self, needed: Money, available: Money) -> None:
        super().__init__(f"needed {needed}, available {available}")
        self.needed = needed
        self.available = available

    @property
    def shortfall(self) -> Money:
        """What is missing, always positive."""
        return self.needed - self.available


class InvalidAddress(Rejected):
    """`field` cannot be used; `reason` is a short machine word such as `missing` or `too_long`.

    `lacking` are all fields that are missing, where more than one may be.
    """

    def __init__(self, field: str, reason: str, lacking: Sequence[str] = ()) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.lacking = tuple(lacking) or (field,)


class QuoteExpired(Rejected):
    """The quote's time is over; ask for new prices."""


class TooManyInvoices(Rejected):
    """The user has `open_invoices` unpaid top-ups, as many as are allowed."""

    def __init__(self, open_invoices: int) -> None:
        super().__init__(f"{open_invoices} invoices are open")
        self.open_invoices = open_invoices


class InvalidAmount(Rejected):
    """An amount outside `least` to `most`, or none at all."""

    def __init__(self, least: Money, most: Money) -> None:
        super().__init__(f"between {least} and {most}")
        self.least = least
        self.most = most


class SalesClosed(Rejected):
    """`reason` is blocked, maintenance or limit; `facts` say more: why, a message by language, a number."""

    def __init__(self, reason: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = dict(facts or {})


class NotEligible(Rejected):
    """`verdict` is why, as in `domain.refund`, or `in_use`; `since` and `until` are when it may be."""

    def __init__(
        self, order_id: str, verdict: str, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> None:
        super().__init__(f"{order_id}: {verdict}")
        self.order_id = order_id
        self.verdict = verdict
        self.since = since
        self.until = until


class InvalidInput(Rejected):
    """`field` cannot be used; `reason` is a sentence of ours that says how to mend it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class TooMany(Rejected):
    """`most` of this kind are kept already."""

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"{most} of {kind}")
        self.kind = kind
        self.most = most


class TooFast(Rejected):
    """Too often; the next try is judged after `retry_after_s`."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class NoticeRefused(Rejected):
    """A payment notice that moves nothing; `reason` is signature, size or shape."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnexpectedEvent(Rejected):
    """The conversation has no rule for this event in its present state."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"{event} in {state}")
        self.state = state
        self.event = event


class NotFound(ShippingError):
    """No such thing, or it belongs to somebody else."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key}")
        self.kind = kind
        self.key = key


class Conflict(ShippingError):
    """Somebody was first: the stored thing is not what the caller believed."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key}")
        self.kind = kind
        self.key = key


class StaleVersion(Conflict):
    """The caller named a version of it that is not the stored one; nothing was changed."""


class BeingAnswered(Conflict):
    """The same request came before and has no answer yet; nothing was done for this one."""


class TransactionConflict(Conflict):
    """Two transactions touched one thing; the losing body may run again."""


class OperatorNeeded(ShippingError):
    """Something only an operator can decide. The text is ours: ids and words, nobody's data.

    `kind` and `subject` are those of the alert it becomes; usually an error, and the text.
    """

    def __init__(self, text: str, kind: AlertKind | None = None, subject: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.subject = subject or text


class StoreUnavailable(ShippingError):
    """The store did not answer in time; whether the last act was kept is not known. Read it by its key."""


class GatewayError(ShippingError):
    """A partner's answer, or its absence. `operation` names our call, never a URL or a secret."""

    def __init__(
        self, operation: str, reason: str = "", *, code: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{operation}: {reason}" if reason else operation)
        self.operation = operation
        self.reason = reason
        self.code = code
        self.retry_after_s = retry_after_s


OURS_TO_MEND = frozenset({"unauthorized", "no_credentials", "insufficient_funds"})
"""Refusals that no customer can do anything about: our key, or our account at the carrier."""


class GatewayRefused(GatewayError):
    """A clear no; nothing was done. `code` is the partner's own word, `reason` its text."""


class GatewayUnavailable(GatewayError):
    """Surely not done: the same call may be repeated, after `retry_after_s` where given."""


class OutcomeUnknown(GatewayError):
    """Sent, but no usable answer: it may have happened. Never repeat; look it up."""
