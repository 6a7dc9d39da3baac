"""What the gateway's word about a payment means for an invoice: the one place that decides.

Money moves only where everything fits: our reference, the amount, the currency, the mode. Whatever came
otherwise is for an operator; a word we do not know moves nothing.
"""

from __future__ import annotations

import enum

from attrs import frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import Invoice, InvoiceState, Payment, PaymentStatus
from shipping_core.domain.money import Money

S, P = InvoiceState, PaymentStatus


class Verdict(enum.Enum):
    """What to do about a payment."""

    NOTHING = "nothing"
    PAYING = "paying"
    EXPIRE = "expire"
    CREDIT = "credit"
    REVIEW = "review"
    REVERSE = "reverse"
    RETURNED = "returned"
    """Given back to the payer before it was credited."""


@frozen
class Judgement:
    """A verdict; of a review its `reason`; of either this or a credit, what came beyond the invoice."""

    verdict: Verdict
    reason: str = ""
    surplus: Money | None = None


NOTHING = Judgement(Verdict.NOTHING)


def judge(invoice: Invoice, payment: Payment) -> Judgement:
    """The judgement about one link's payment. The same word again changes nothing."""
    found = _judge(invoice, payment)
    track = payment.track_id
    seen = {invoice.reviews.get(track), invoice.decided.get(track)}
    return NOTHING if found.verdict is Verdict.REVIEW and found.reason in seen else found


def _judge(invoice: Invoice, payment: Payment) -> Judgement:
    if not invoice.owns(payment.order_ref):
        return _review("foreign_reference")
    found = _of_status(invoice, payment)
    matters = found.verdict in {Verdict.CREDIT, Verdict.REVIEW}
    return _review("mode_mismatch") if matters and not right_mode(invoice.mode, payment) else found


def _of_status(invoice: Invoice, payment: Payment) -> Judgement:
    match payment.status:
        case P.NEW | P.WAITING:
            return NOTHING
        case P.PAYING:
            payable = invoice.state in {S.WAITING, S.EXPIRED}
            return Judgement(Verdict.PAYING) if payable else NOTHING
        case P.PAID:
            return _paid(invoice, payment)
        case P.UNDERPAID:
            return NOTHING if _credited(invoice, payment) else _review("underpaid")
        case P.MANUAL_ACCEPT:
            return NOTHING if _credited(invoice, payment) else _review("manual_accept")
        case P.EXPIRED:
            return _expired(invoice, payment)
        case P.REFUNDING | P.REFUNDED:
            return _refunded(invoice, payment)
        case _:  # a word we do not know
            return _review("unknown_status")


def _paid(invoice: Invoice, payment: Payment) -> Judgement:
    if _credited(invoice, payment):
        return _once_more(invoice, payment)
    if payment.amount != invoice.amount:
        return _review("amount_mismatch")
    if invoice.credited_by:
        return _review("second_payment")
    if payment.track_id in invoice.decided:
        return _review("paid_after_decision")
    if payment.received is None or payment.received == invoice.amount:
        return Judgement(Verdict.CREDIT)
    if payment.received < invoice.amount:
        return _review("underpaid")
    return Judgement(Verdict.CREDIT, surplus=payment.received - invoice.amount)


def _once_more(invoice: Invoice, payment: Payment) -> Judgement:
    """What came by a link after it was credited is not the invoice's, and not nothing."""
    if payment.received is None or payment.received <= invoice.amount:
        return NOTHING
    return Judgement(Verdict.REVIEW, "overpaid", surplus=payment.received - invoice.amount)


def _expired(invoice: Invoice, payment: Payment) -> Judgement:
    if _credited(invoice, payment):
        return NOTHING
    if payment.transactions:
        return _review("late")
    return Judgement(Verdict.EXPIRE) if invoice.state in {S.WAITING, S.PAYING, S.NEW} else NOTHING


def _refunded(invoice: Invoice, payment: Payment) -> Judgement:
    if _credited(invoice, payment):
        return Judgement(Verdict.REVERSE) if invoice.state is S.CREDITED else NOTHING
    if payment.track_id in invoice.decided:
        return _review("refunded_after_decision")
    return Judgement(Verdict.RETURNED) if payment.track_id in invoice.reviews else NOTHING


def _credited(invoice: Invoice, payment: Payment) -> bool:
    return invoice.credited_by == payment.track_id


def right_mode(mode: Mode, payment: Payment) -> bool:
    """Production never takes a sandbox payment; test takes no real one."""
    return payment.sandbox is not True if mode is Mode.PRODUCTION else payment.sandbox is not False


def _review(reason: str) -> Judgement:
    return Judgement(Verdict.REVIEW, reason)
