"""What the customer pays above a carrier's price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders import ANN, BOB, usd
from shipping_core.domain.markup import Markup, MarkupRule, MarkupRules
from shipping_core.domain.money import Money

CENTS = some.integers(0, 10**6).map(Money)
PERCENTS = some.decimals(0, 300, places=3)
RULES = some.builds(
    MarkupRule,
    percent=PERCENTS,
    fixed=CENTS,
    least=CENTS,
    cap=some.none() | CENTS,
    carrier_code=some.sampled_from(("", "usps", "ups")),
    service_code=some.sampled_from(("", "ground", "air")),
    user_id=some.sampled_from((None, ANN, BOB)),
)


@given(CENTS, RULES)
def test_given_any_rule_when_it_is_applied_then_the_fee_is_the_formulas(
    cost: Money, rule: MarkupRule
) -> None:
    exact = Decimal(cost.minor) * rule.percent / 100 + rule.fixed.minor
    wanted = max(Decimal(rule.least.minor), exact)
    wanted = min(wanted, Decimal(rule.cap.minor)) if rule.cap else wanted
    fee = rule.fee(cost).minor

    assert fee >= 0, "a price below cost"
    assert rule.cap is None or fee <= rule.cap.minor
    assert (rule.cap is not None and fee == rule.cap.minor) or fee >= rule.least.minor
    assert abs(fee - wanted) <= Decimal("0.5")


@pytest.mark.parametrize(("cost", "fee"), [("0.10", 1), ("0.09", 0), ("0.29", 1), ("0.30", 2)])
def test_given_half_a_cent_when_rounded_then_it_goes_up(cost: str, fee: int) -> None:
    assert MarkupRule(percent=Decimal(5)).fee(usd(cost)) == Money(fee)


@given(some.lists(RULES, max_size=8), CENTS)
def test_given_any_rules_when_one_is_chosen_then_it_fits_and_none_that_fits_is_more_particular(
    rules: list[MarkupRule], cost: Money
) -> None:
    made = MarkupRules("v7", tuple(rules)).markup(cost, "usps", "ground", ANN)
    fitting = [
        r
        for r in rules
        if r.carrier_code in {"", "usps"} and r.service_code in {"", "ground"} and r.user_id in {None, ANN}
    ]
    narrow = max(
        ((r.user_id is not None, r.service_code != "", r.carrier_code != "") for r in fitting), default=None
    )

    assert made.version == "v7"
    assert made.fee in [r.fee(cost) for r in fitting if r.rank == narrow] or (
        not fitting and made == Markup(Money(0), "all", "v7")
    )


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (MarkupRule(), "all"),
        (MarkupRule(carrier_code="usps"), "usps"),
        (MarkupRule(carrier_code="usps", service_code="ground"), "usps/ground"),
        (MarkupRule(user_id=ANN, service_code="ground"), "ground/user ann"),
    ],
)
def test_given_a_rule_when_named_then_it_says_what_it_is_for(rule: MarkupRule, name: str) -> None:
    assert rule.name == name


@pytest.mark.parametrize(
    "terms",
    [{"percent": Decimal("-0.1")}, {"fixed": Money(-1)}, {"least": Money(-1)}, {"cap": Money(-1)}],
    ids=str,
)
def test_given_terms_that_take_from_the_cost_when_made_then_they_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="never takes from the cost"):
        MarkupRule(**terms)
