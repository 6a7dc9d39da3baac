"""What to show about refunds, as facts; pages beside the order, which they never touch."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.order import Order
from shipping_core.domain.refund import Asked, Eligibility, Refund


@frozen
class RefundDesk:
    """Labels that may be asked back or cancelled, the nearest last day first; how many refunds there were."""

    offered: tuple[Eligibility, ...]
    page: int
    has_more: bool
    any_before: bool


@frozen
class RefundOffer:
    """One label, and what can be done about it now; the refund of it that is under way."""

    judged: Eligibility
    refund: Refund | None = None


@frozen
class RefundsAsked:
    """What came of a wish, label by label."""

    results: tuple[Asked, ...]


@frozen
class RefundList:
    """A customer's refunds, newest first, each with its order."""

    refunds: tuple[Refund, ...]
    orders: tuple[Order, ...]
    page: int
    has_more: bool


@frozen
class RefundDetails:
    """One refund and its label."""

    refund: Refund
    order: Order


RefundScreen = RefundDesk | RefundOffer | RefundsAsked | RefundList | RefundDetails
