"""The owner's decisions that rules and use cases follow."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.markup import MarkupRules
from shipping_core.domain.money import Money


@frozen
class Policy:
    """What may be changed without changing code."""

    mode: Mode = Mode.TEST
    quote_lasts: dt.timedelta = dt.timedelta(minutes=30)
    twin_within: dt.timedelta = dt.timedelta(minutes=10)
    """The same parcel to the same address within this time is asked about before it is sold again."""
    welcome_credit: Money = field(factory=Money.zero)
    """Given once to a new customer, as an operator's adjustment; zero outside the sandbox."""
    markup: MarkupRules = field(factory=MarkupRules)
    topup_least: Money = field(factory=lambda: Money(100))
    topup_most: Money = field(factory=lambda: Money(100_000))
    topup_offers: tuple[Money, ...] = field(
        factory=lambda: (Money(1_000), Money(2_500), Money(5_000), Money(10_000))
    )
    """Amounts to choose from; any other between the limits can be written."""
    open_invoices: int = 3
    """Unpaid top-ups a user may have at once."""
    invoice_lasts: dt.timedelta = dt.timedelta(minutes=60)
    wallet_floor: Money = field(factory=Money.zero)
    """Sales pause while a carrier's wallet holds less; zero watches nothing."""


def to_top_up(price: Money, available: Money, policy: Policy) -> Money:
    """What is missing for a price, at least what can be topped up at all; zero when nothing is."""
    missing = price - available
    return max(missing, policy.topup_least) if missing.minor > 0 else Money.zero(price.currency)
