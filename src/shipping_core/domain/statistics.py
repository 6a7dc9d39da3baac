"""What the office counts: the journal's movements and the users who came, each when it happened.

A movement is never changed, so the figures of a day that is over stay as they are: a label given back counts
on the day the money went back, not on the day it was sold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from operator import attrgetter
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.listing import YEARS
from shipping_core.domain.money import Money
from shipping_core.errors import InvalidInput

DAYS_AT_MOST = 3660
"""Ten years."""


@frozen
class Span:
    """Days from `first` to `last`, both counted, as they are in a time zone (an IANA name)."""

    first: dt.date
    last: dt.date
    zone: str
    mode: Mode

    def edges(self) -> tuple[dt.datetime, ...]:
        """When its days begin, in UTC, and when the last one ends. A day that a zone left out has no length.

        Raises:
            ValueError: no such zone, or the days are reversed, or more than `DAYS_AT_MOST`.
        """
        if not 0 <= (self.last - self.first).days < DAYS_AT_MOST:
            raise ValueError(f"a span has 1 to {DAYS_AT_MOST} days, the first one first")
        try:
            zone = ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no such time zone: {self.zone!r}") from None
        try:
            return tuple(
                dt.datetime.combine(self.first + dt.timedelta(days=n), dt.time(), zone).astimezone(dt.UTC)
                for n in range((self.last - self.first).days + 2)
            )
        except OverflowError:
            raise ValueError("a day beyond the calendar") from None


USUAL_SPAN = dt.timedelta(days=29)


def span_asked_for(
    first: dt.date | None, last: dt.date | None, zone: str, mode: Mode, *, now: dt.datetime, most_days: int
) -> Span:
    """The span that somebody at a door asks for: up to today, and thirty days, where they say nothing else.

    Raises:
        InvalidInput: a day, their number or the zone cannot be used.
    """
    try:
        today = now.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError):
        raise InvalidInput("zone", "It is no IANA time zone, such as America/New_York.") from None
    for which, day in (("first", first), ("last", last)):
        if day is not None and day.year not in YEARS:
            raise InvalidInput(which, f"Its year must be from {YEARS[0]} to {YEARS[-1]}.")
    last = last or today
    first = first or last - USUAL_SPAN
    if first > last:
        raise InvalidInput("last", "It must not be before `first`.")
    if (last - first).days >= most_days:
        raise InvalidInput("first", f"Ask for {most_days} days at most.")
    return Span(first, last, zone, mode)


@frozen
class Figures:
    """Counts and sums of a time; every one of them adds up, over days as over services.

    Someone who buys on two days would count in both, so buyers are counted once, when they buy their first
    label.
    """

    orders: int = 0
    """Begun."""
    labels: int = 0
    """Bought, of whatever day the order is."""
    failed: int = 0
    """Orders that ended without a label: not bought, or never sent in time."""
    new_users: int = 0
    """Of both modes: a user has none."""
    new_buyers: int = 0
    """Users who bought their first label in this mode."""
    topups: int = 0
    """Payments credited, as agreed or as an operator decided."""
    topped_up: Money = field(factory=Money.zero)
    """Less what the gateway took back meanwhile."""
    refunds: int = 0
    refunded: Money = field(factory=Money.zero)
    """Given back to customers for labels, at our loss or not."""
    revenue: Money = field(factory=Money.zero)
    """What customers were charged."""
    cost: Money = field(factory=Money.zero)
    """What carriers took for labels that customers have, less what they gave back meanwhile."""
    losses: Money = field(factory=Money.zero)
    """What carriers took for labels that nobody has, less what they gave back; not in `cost`."""

    @property
    def margin(self) -> Money:
        """What is left."""
        return self.revenue - self.refunded - self.cost

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in FIGURES))


FIGURES = tuple(a.name for a in attrs.fields(Figures))


@frozen
class Counted:
    """Where a movement counts: one more in `number`, its amount in `amount`."""

    number: str = ""
    amount: str = ""
    sign: int = 1


COUNTED: Mapping[Kind, Counted] = {
    Kind.HOLD: Counted("orders"),
    Kind.CAPTURE: Counted("labels", "revenue"),
    Kind.RELEASE: Counted("failed"),
    Kind.TOPUP: Counted("topups", "topped_up"),
    Kind.REVIEWED: Counted("topups", "topped_up"),
    Kind.REVERSAL: Counted("", "topped_up", -1),
    Kind.REFUND: Counted("refunds", "refunded"),
    Kind.REFUND_AT_LOSS: Counted("refunds", "refunded"),
    Kind.CARRIER_COST: Counted("", "cost"),
    Kind.CARRIER_VARIANCE: Counted("", "cost"),
    Kind.CARRIER_CREDIT: Counted("", "cost", -1),
    Kind.LOSS: Counted("", "losses"),
    Kind.LOSS_RECOVERED: Counted("", "losses", -1),
}
"""An order is its hold, and fails by the release that resolves it; the other kinds count nowhere."""


def figures_of(transfer: Transfer) -> Figures:
    """What one movement adds; whether a label is its buyer's first, it does not know."""
    counted = COUNTED.get(transfer.kind, Counted())
    if transfer.kind is Kind.RELEASE and not transfer.resolves:
        return Figures()
    found: dict[str, object] = {counted.number: 1} if counted.number else {}
    if counted.amount:
        found[counted.amount] = transfer.amount if counted.sign > 0 else -transfer.amount
    return Figures(**found)  # type: ignore[arg-type]


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


def of_services(sums: Mapping[tuple[str, str], Figures]) -> tuple[OfService, ...]:
    """The services whose money moved, by carrier and service code; the one that earned most comes first."""
    every = (OfService(*code, f.labels, f.revenue, f.cost, f.refunded) for code, f in sums.items())
    moved = [s for s in every if s.labels or any(m.minor for m in (s.revenue, s.cost, s.refunded))]
    moved.sort(key=attrgetter("carrier_code", "service_code"))
    return tuple(sorted(moved, key=attrgetter("revenue.minor"), reverse=True))


@frozen
class Report:
    """A span day by day (every day of it, empty ones too), and by service."""

    span: Span
    days: tuple[tuple[dt.date, Figures], ...]
    services: tuple[OfService, ...]

    @property
    def total(self) -> Figures:
        """The span as a whole."""
        return sum((figures for _, figures in self.days), Figures())
