"""MARKUP_RULES, as an owner writes it."""

from __future__ import annotations

from shipping_bot.markup import read_rules
from shipping_core.domain.ids import UserId
from shipping_core.domain.markup import Markup, MarkupRules
from shipping_core.domain.money import Money

RULES = """[
  {"percent": "10", "fixed": "0.25", "min": "1.00", "cap": "5.00"},
  {"carrier": "usps", "service": "usps_ground", "percent": "0", "fixed": "0.10"},
  {"user": "1001", "percent": "0"}
]"""


def test_given_rules_when_read_then_the_most_particular_one_prices() -> None:
    rules = read_rules(RULES)
    bob, ann = UserId("1002"), UserId("1001")

    def fee(dollars: str, carrier: str, service: str, user: UserId) -> Markup:
        return rules.markup(Money.parse(dollars), carrier, service, user)

    assert fee("7.42", "ups", "ups_ground", bob) == Markup(Money(100), "all", rules.version)
    assert fee("20.00", "ups", "ups_ground", bob).fee == Money(225)
    assert fee("900.00", "ups", "ups_ground", bob).fee == Money(500)
    assert fee("7.42", "usps", "usps_ground", bob) == Markup(Money(10), "usps/usps_ground", rules.version)
    assert fee("7.42", "usps", "usps_ground", ann) == Markup(Money(0), "user 1001", rules.version)


def test_given_other_rules_when_read_then_their_version_is_another() -> None:
    assert read_rules(RULES).version == read_rules(RULES.replace(" ", "")).version
    assert read_rules(RULES).version != read_rules(RULES.replace("5.00", "6.00")).version


def test_given_nothing_when_read_then_prices_are_the_carriers() -> None:
    assert read_rules("  ") == MarkupRules()
