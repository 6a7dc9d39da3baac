"""The owner's decisions that rules and use cases follow."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from shipping_core.domain.ids import Mode
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
