"""The owner's decisions that rules and use cases follow."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from attrs import evolve, field, frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.markup import MarkupRules
from shipping_core.domain.money import Money
from shipping_core.domain.user import Limits


@frozen
class RefundWindow:
    """How long a carrier takes an unused label back, and who says so."""

    days: int
    source: str


@frozen
class RefundRules:
    """When a label may be asked back. Carriers that `windows` does not name have the window of `""`."""

    least_age: dt.timedelta = dt.timedelta(days=5)
    windows: Mapping[str, RefundWindow] = field(
        factory=lambda: {
            "": RefundWindow(28, "USPS by Stamps.com: quoted as about 28 days; other sources say 10 or 30")
        }
    )
    remind_before: dt.timedelta = dt.timedelta(days=3)
    """A customer who may ask a label back, and has not used it, is told so long before the last day."""

    def window(self, carrier_code: str) -> RefundWindow:
        """This carrier's window."""
        return self.windows.get(carrier_code) or self.windows.get("") or RefundWindow(28, "")

    @property
    def longest(self) -> dt.timedelta:
        """The longest window of any carrier."""
        return dt.timedelta(days=max(self.window(code).days for code in ("", *self.windows)))


@frozen
class Maintenance:
    """Whether new orders and top-ups stop, and what customers are told, by language."""

    on: bool = False
    message: Mapping[str, str] = field(factory=dict)


@frozen
class SecondPerson:
    """Above which amount an act needs somebody else's consent; None never."""

    credit_above: Money | None = field(factory=lambda: Money(10_000))
    """A balance changed by hand."""
    override_above: Money | None = field(factory=lambda: Money(5_000))
    """A refund without the carrier's consent, or of a label whose price is more than this."""
    production: bool = True
    """The switch to production."""


class Rules(Protocol):
    """The owner's decisions as they stand at this moment."""

    @property
    @abstractmethod
    def now(self) -> Policy:
        """What counts now; ask again for every step."""


@frozen
class Policy(Rules):
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
    refunds: RefundRules = field(factory=RefundRules)
    maintenance: Maintenance = field(factory=Maintenance)
    second_person: SecondPerson = field(factory=SecondPerson)
    orders_a_day: int | None = None
    """Labels a user may buy in 24 hours; None any number."""
    contact: str = ""
    """Where customers reach a person: a Telegram name or an e-mail address."""
    version: int = 0
    """Of the run-time settings that are in it; it is kept on every order's audit row."""

    @property
    def now(self) -> Policy:
        """Itself: what nobody changes at run time."""
        return self


@frozen
class Standing:
    """What operators decided at run time, kept in the store; None leaves it to the environment."""

    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    mode: Mode | None = None
    maintenance: Maintenance = field(factory=Maintenance)
    markup: MarkupRules | None = None
    refunds: RefundRules | None = None
    second_person: SecondPerson | None = None
    topup_least: Money | None = None
    topup_most: Money | None = None
    open_invoices: int | None = None
    orders_a_day: int | None = None
    contact: str | None = None

    @property
    def record_id(self) -> str:
        """There is one."""
        return STANDING

    @property
    def unique(self) -> tuple[str, ...]:
        """Nothing but its id."""
        return ()

    def over(self, policy: Policy) -> Policy:
        """The policy of the environment, with these decisions on it."""
        decided = {
            name: getattr(self, name)
            for name in (
                "mode", "markup", "refunds", "second_person", "topup_least", "topup_most",
                "open_invoices", "orders_a_day", "contact",
            )
            if getattr(self, name) is not None
        }  # fmt: skip
        return evolve(policy, maintenance=self.maintenance, version=self.version, **decided)


STANDING = "standing"
"""The id of the run-time settings."""


def topup_limits(policy: Policy, own: Limits) -> tuple[Money, Money]:
    """The least and the most that somebody with these limits may top up at once; none, where they cross."""
    return policy.topup_least, policy.topup_most if own.topup_most is None else own.topup_most


def to_top_up(price: Money, available: Money, policy: Policy) -> Money:
    """What is missing for a price, at least what can be topped up at all; zero when nothing is."""
    missing = price - available
    return max(missing, policy.topup_least) if missing.minor > 0 else Money.zero(price.currency)
