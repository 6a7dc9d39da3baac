"""What must be true between the journal and everything else that is kept.

Transfers add up to zero by their nature. What can be wrong is that they say otherwise than the balances,
orders, invoices and refunds they belong to. Each rule compares two sums about one subject: what is
`booked` in the journal, and what is `stated` by the subject itself.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import frozen

from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.invoice import Invoice, InvoiceState
from shipping_core.domain.ledger import Balance, Kind, Transfer, available, held
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState


class Rule(enum.Enum):
    """What is compared."""

    BALANCE = "balance"
    """What is available or held is the fold of its transfers."""
    HOLD = "hold"
    """Just the price of an undecided order is held for it."""
    CAPTURE = "capture"
    """Just what an order was charged is captured."""
    CARRIER_COST = "carrier_cost"
    """Just what its label cost is booked."""
    CARRIER_CREDIT = "carrier_credit"
    """Just what its label cost is owed back, where the carrier took it back."""
    GIVEN_BACK = "given_back"
    """Just what an order says was given back of its price is given back."""
    TOPUP = "topup"
    """Just the amount of a credited invoice is credited."""
    REVERSAL = "reversal"
    SUSPENSE = "suspense"
    """Just what an invoice's reviews hold back is in suspense for it."""
    REFUND = "refund"
    """Just the amount of a processed refund is given back."""


@frozen(order=True)
class Difference:
    """One rule broken for one subject, in minor units."""

    rule: str
    mode: str
    subject: str
    """`order:ord_1`, `user:1001:held`; a transfer's key where it belongs to nothing."""
    booked: int
    stated: int

    def __str__(self) -> str:
        return f"{self.mode} {self.rule} of {self.subject}: {self.booked} booked, {self.stated} stated"


Key = tuple[Rule, Mode, str]
Line = tuple[Key, int]
BOOKED: dict[str, dict[Rule, dict[Kind, int]]] = {
    "order": {
        Rule.HOLD: {Kind.HOLD: 1, Kind.CAPTURE: -1, Kind.RELEASE: -1},
        Rule.CAPTURE: {Kind.CAPTURE: 1},
        Rule.CARRIER_COST: {Kind.CARRIER_COST: 1, Kind.CARRIER_VARIANCE: 1},
        Rule.CARRIER_CREDIT: {Kind.CARRIER_CREDIT: 1},
        Rule.GIVEN_BACK: {Kind.REFUND: 1, Kind.REFUND_AT_LOSS: 1},
    },
    "invoice": {
        Rule.TOPUP: {Kind.TOPUP: 1},
        Rule.REVERSAL: {Kind.REVERSAL: 1},
        Rule.SUSPENSE: {Kind.SUSPENSE: 1, Kind.SUSPENSE_RETURNED: -1, Kind.REVIEWED: -1},
    },
    "refund": {Rule.REFUND: {Kind.REFUND: 1, Kind.REFUND_AT_LOSS: 1}},
}
"""Which transfers count for which rule, and with which sign; by what they belong to.

Money in suspense that belongs to no invoice is nobody's yet, and counts for no rule.
"""


def booked(transfer: Transfer) -> Iterator[Line]:
    """What a transfer adds to each rule's sum."""
    minor, mode = transfer.amount.minor, transfer.mode
    for account, sign in ((transfer.source, -1), (transfer.target, 1)):
        if account.startswith("user:"):
            yield (Rule.BALANCE, mode, account), sign * minor
    owners = {"order": transfer.order_id, "invoice": transfer.invoice_id, "refund": transfer.refund_id}
    for owner, rules in BOOKED.items():
        for rule, kinds in rules.items():
            if transfer.kind in kinds and (owners[owner] or rule is not Rule.SUSPENSE):
                yield (rule, mode, f"{owner}:{owners[owner] or transfer.key}"), kinds[transfer.kind] * minor


def stated_by_balance(user_id: UserId, mode: Mode, balance: Balance) -> Iterator[Line]:
    """What a materialised balance says."""
    yield (Rule.BALANCE, mode, available(user_id)), balance.available.minor
    yield (Rule.BALANCE, mode, held(user_id)), balance.held.minor


def stated_by_order(order: Order) -> Iterator[Line]:
    """What an order says."""
    mode, subject = order.mode, f"order:{order.order_id}"
    yield (Rule.HOLD, mode, subject), order.price.minor if order.undecided else 0
    yield (Rule.CAPTURE, mode, subject), order.charged.minor if order.charged else 0
    cost = order.label.cost.minor if order.label else 0
    yield (Rule.CARRIER_COST, mode, subject), cost
    yield (Rule.CARRIER_CREDIT, mode, subject), cost if order.state is OrderState.VOIDED else 0
    yield (Rule.GIVEN_BACK, mode, subject), order.refunded.minor if order.refunded else 0


def stated_by_invoice(invoice: Invoice) -> Iterator[Line]:
    """What a top-up says."""
    mode, subject, minor = invoice.mode, f"invoice:{invoice.invoice_id}", invoice.amount.minor
    came = invoice.state in {InvoiceState.CREDITED, InvoiceState.REVERSED}
    yield (Rule.TOPUP, mode, subject), minor if came else 0
    yield (Rule.REVERSAL, mode, subject), minor * invoice.reversals
    yield (Rule.SUSPENSE, mode, subject), sum(amount.minor for amount in invoice.suspended.values())


def stated_by_refund(refund: Refund) -> Iterator[Line]:
    """What a refund says."""
    done = refund.state is RefundState.PROCESSED
    yield (Rule.REFUND, refund.mode, f"refund:{refund.refund_id}"), refund.amount.minor if done else 0


def compared(booked: Iterable[Line], stated: Iterable[Line]) -> list[Difference]:
    """Every difference between two sides, in order."""
    ours, theirs = Counter[Key](), Counter[Key]()
    for side, lines in ((ours, booked), (theirs, stated)):
        for key, minor in lines:
            side[key] += minor
    return sorted(
        Difference(rule.value, mode.value, subject, ours[key], theirs[key])
        for key in ours.keys() | theirs.keys()
        for rule, mode, subject in (key,)
        if ours[key] != theirs[key]
    )
