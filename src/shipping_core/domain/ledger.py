"""Double-entry book-keeping, as values.

Money moves only as an immutable `Transfer` from one account to another, so the sum over all
accounts is zero at all times. A user has two accounts, `available` and `held`:

    credit    gateway_clearing, adjustments, refunds_given, loss or suspense -> available
    debit     available -> adjustments        (by hand; never below zero)
    hold      available -> held               (promises it to one intention)
    capture   held -> label_revenue           (resolves the hold; the rest is released with it)
    release   held -> available               (resolves the hold)
    reversal  available -> gateway_clearing   (the one act that may leave a user below zero)

Everything else moves between accounts of our own: what carriers cost, what was lost, and money of
which nobody knows yet whose it is (`suspense`).

A hold is resolved once: capture and release exclude each other. A transfer's key names the
intention, is chosen before the first attempt and is the same on every try.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

from attrs import evolve, field, frozen

from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.money import LIMIT_MINOR, Money


class Kind(enum.Enum):
    """Why money moved."""

    TOPUP = "topup"
    ADJUSTMENT = "adjustment"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    """Captured money given back for a label that the carrier took back."""
    REFUND_AT_LOSS = "refund_at_loss"
    """The same without the carrier's consent: our loss."""
    CARRIER_CREDIT = "carrier_credit"
    """What a carrier owes us for a label it took back."""
    CARRIER_COST = "carrier_cost"
    CARRIER_VARIANCE = "carrier_variance"
    """What a carrier took beyond its offer; the customer pays the confirmed price all the same."""
    LOSS = "loss"
    """A label we paid for and nobody has."""
    LOSS_RECOVERED = "loss_recovered"
    SUSPENSE = "suspense"
    """A payment that came, but not as agreed; it waits for an operator."""
    SUSPENSE_RETURNED = "suspense_returned"
    REVIEWED = "reviewed"
    """What an operator gives a user out of suspense."""
    REVERSAL = "reversal"
    """A payment the gateway took back after it had been credited."""


WELCOME = "welcome credit"
"""The reason of the adjustment that greets a new customer."""
GATEWAY_CLEARING = "gateway_clearing"
ADJUSTMENTS = "adjustments"
LABEL_REVENUE = "label_revenue"
REFUNDS_GIVEN = "refunds_given"
CARRIER_COST = "carrier_cost"
CARRIER_PAYABLE = "carrier_payable"
CARRIER_VARIANCE = "carrier_variance"
LOSS = "loss"
SUSPENSE = "suspense"
SYSTEM_ACCOUNTS = frozenset(
    {
        GATEWAY_CLEARING, ADJUSTMENTS, LABEL_REVENUE, REFUNDS_GIVEN, CARRIER_COST, CARRIER_PAYABLE,
        CARRIER_VARIANCE, LOSS, SUSPENSE,
    }
)  # fmt: skip
CREDIT_SOURCES = {
    Kind.TOPUP: GATEWAY_CLEARING,
    Kind.ADJUSTMENT: ADJUSTMENTS,
    Kind.REFUND: REFUNDS_GIVEN,
    Kind.REFUND_AT_LOSS: LOSS,
    Kind.REVIEWED: SUSPENSE,
}
"""Where a credit of each kind comes from."""


def available(user_id: UserId) -> str:
    """The account of what a user may spend."""
    return f"user:{user_id}:available"


def held(user_id: UserId) -> str:
    """The account of what a user has promised to orders in progress."""
    return f"user:{user_id}:held"


def _movable(_: object, _attribute: object, value: Money) -> None:
    if not 0 < value.minor <= LIMIT_MINOR:
        raise ValueError("a transfer moves between 1 and 10^9 minor units")


@frozen
class Transfer:
    """One movement of money; written once, never changed."""

    key: str
    kind: Kind
    source: str
    target: str
    amount: Money = field(validator=_movable)
    mode: Mode
    created_at: dt.datetime
    resolves: str = ""
    """The key of the hold that this capture or release ends."""
    order_id: OrderId | None = None
    invoice_id: InvoiceId | None = None
    actor: str = "system"
    reason: str = ""
    refund_id: RefundId | None = None

    def same_intention(self, other: Transfer) -> bool:
        """Whether `other` is the same act tried again, whatever the clock said."""
        return evolve(other, created_at=self.created_at) == self


@frozen
class Balance:
    """A user's money in one mode."""

    available: Money = field(factory=Money.zero)
    held: Money = field(factory=Money.zero)

    @property
    def posted(self) -> Money:
        """Everything that is the user's, promised or not."""
        return self.available + self.held


def account_sums(transfers: Iterable[Transfer]) -> dict[tuple[Mode, str], int]:
    """Each account's balance in minor units, folded from the journal; they add up to zero."""
    sums: dict[tuple[Mode, str], int] = {}
    for t in transfers:
        for account, sign in ((t.source, -1), (t.target, 1)):
            key = (t.mode, account)
            sums[key] = sums.get(key, 0) + sign * t.amount.minor
    return sums


@frozen
class StatementLine:
    """One movement as its user sees it: `amount` is signed, `after` is what was theirs then."""

    transfer: Transfer
    amount: Money
    after: Money


def statement(transfers: Iterable[Transfer], user_id: UserId, mode: Mode) -> tuple[StatementLine, ...]:
    """A user's movements, oldest first, with the running balance; what is only held is still theirs."""
    own, after = {available(user_id), held(user_id)}, Money.zero()
    lines = []
    for t in transfers:
        change = (t.target in own) - (t.source in own)
        if t.mode is mode and change:
            amount = t.amount if change > 0 else -t.amount
            after += amount
            lines.append(StatementLine(t, amount, after))
    return tuple(lines)


def open_holds(transfers: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """The holds that nothing has resolved yet."""
    every = tuple(transfers)
    resolved = {t.resolves for t in every if t.resolves}
    return tuple(t for t in every if t.kind is Kind.HOLD and t.key not in resolved)
