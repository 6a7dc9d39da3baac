"""What the customer pays above a carrier's price.

    price = cost + min(cap, max(least, cost x percent + fixed)), half up to cents, never below cost

The most particular rule that fits counts: a service before a carrier before everything, and one for a
user before one for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from attrs import field, frozen

from shipping_core.domain.ids import UserId
from shipping_core.domain.money import Money
from shipping_core.errors import InvalidInput


def _not_negative(_: object, _attribute: object, value: Any) -> None:
    if value is not None and (value.minor if isinstance(value, Money) else value) < 0:
        raise ValueError("a markup never takes from the cost")


@frozen
class MarkupRule:
    """One rule; empty strings fit everything. `percent` is of the carrier's cost."""

    percent: Decimal = field(default=Decimal(0), validator=_not_negative)
    fixed: Money = field(factory=Money.zero, validator=_not_negative)
    least: Money = field(factory=Money.zero, validator=_not_negative)
    cap: Money | None = field(default=None, validator=_not_negative)
    carrier_code: str = ""
    service_code: str = ""
    user_id: UserId | None = None

    @property
    def name(self) -> str:
        """What the rule is for, such as `usps/usps_ground_advantage`, or `all`."""
        parts = (self.carrier_code, self.service_code, f"user {self.user_id}" if self.user_id else "")
        return "/".join(p for p in parts if p) or "all"

    def fits(self, carrier_code: str, service_code: str, user_id: UserId) -> bool:
        """Whether it may be used for this offer to this user."""
        return (
            self.carrier_code in {"", carrier_code}
            and self.service_code in {"", service_code}
            and self.user_id in {None, user_id}
        )

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The more particular, the larger."""
        return (bool(self.user_id), bool(self.service_code), bool(self.carrier_code))

    def fee(self, cost: Money) -> Money:
        """What this rule adds to a cost."""
        share = (Decimal(cost.minor) * self.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        fee = max(self.least, Money(int(share), cost.currency) + self.fixed)
        return fee if self.cap is None else min(fee, self.cap)


@frozen
class Markup:
    """How a price came about: `fee` was added to the cost by `rule`, as it stood in `version`."""

    fee: Money
    rule: str
    version: str


@frozen
class MarkupRules:
    """All rules, under the version that is stored on what they priced."""

    version: str = "none"
    rules: tuple[MarkupRule, ...] = ()

    def markup(self, cost: Money, carrier_code: str, service_code: str, user_id: UserId) -> Markup:
        """What to add to this cost for this user."""
        fitting: Iterable[MarkupRule] = (r for r in self.rules if r.fits(carrier_code, service_code, user_id))
        rule = max(fitting, key=lambda r: r.rank, default=MarkupRule())
        return Markup(rule.fee(cost), rule.name, self.version)


MOST_PERCENT = 1000


def check_rules(markup: MarkupRules) -> None:
    """Whether these rules can be meant.

    Raises:
        InvalidInput: two are for the same, one asks for more than it may take, or for an absurd share.
    """
    scopes = [(rule.carrier_code, rule.service_code, rule.user_id) for rule in markup.rules]
    for rule, scope in zip(markup.rules, scopes, strict=True):
        if scopes.count(scope) > 1:
            raise InvalidInput("markup", f"{rule.name}: there are two rules for it")
        if rule.percent > MOST_PERCENT:
            raise InvalidInput("markup", f"{rule.name}: at most {MOST_PERCENT} percent")
        if rule.cap is not None and rule.least > rule.cap:
            raise InvalidInput("markup", f"{rule.name}: the least is more than the cap")
