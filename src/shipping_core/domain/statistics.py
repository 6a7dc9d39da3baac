"""What the office counts."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money


@frozen
class Span:
    """Days from `first` to `last`, both counted, as they are in a time zone (an IANA name)."""

    first: dt.date
    last: dt.date
    zone: str
    mode: Mode


@frozen
class Figures:
    """Counts and sums of a time. Orders count when they were begun, money when it moved.

    `revenue` is what customers were charged, `cost` what carriers took and did not give back; both without
    what was given back to customers, which is `refunded`.
    """

    orders: int = 0
    labels: int = 0
    failed: int = 0
    new_users: int = 0
    buyers: int = 0
    """Users who bought; counted once a day, and once in the whole span."""
    topups: int = 0
    topped_up: Money = field(factory=Money.zero)
    refunds: int = 0
    refunded: Money = field(factory=Money.zero)
    revenue: Money = field(factory=Money.zero)
    cost: Money = field(factory=Money.zero)
    losses: Money = field(factory=Money.zero)

    @property
    def margin(self) -> Money:
        """What is left."""
        return self.revenue - self.refunded - self.cost


@frozen
class OfService:
    """One carrier's service in a span."""

    carrier_code: str
    service_code: str
    labels: int
    revenue: Money
    cost: Money
    refunded: Money

    @property
    def margin(self) -> Money:
        """What is left."""
        return self.revenue - self.refunded - self.cost


@frozen
class Report:
    """A span as a whole, day by day (every day of it, empty ones too), and by service."""

    span: Span
    total: Figures
    days: tuple[tuple[dt.date, Figures], ...]
    services: tuple[OfService, ...]
