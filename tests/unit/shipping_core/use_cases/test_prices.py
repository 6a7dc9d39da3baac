"""The owner's markup on carriers' prices, from the first estimate to what is charged in the end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from a_shop import Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB, usd
from money_in import available
from shipping_core.conversation import screens as sc
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import account_sums
from shipping_core.domain.markup import Markup, MarkupRule, MarkupRules

RULES = MarkupRules(
    "2031-04",
    (
        MarkupRule(percent=Decimal(10), fixed=usd("0.30"), least=usd("1.00"), cap=usd("2.00")),
        MarkupRule(carrier_code="ups", fixed=usd("0.50")),
        MarkupRule(user_id=BOB),
    ),
)


def marked_up() -> Shop:
    """A shop that lives on something."""
    return shop(welcome_credit="50.00", markup=RULES)


async def test_given_rules_when_prices_are_shown_then_each_is_its_cost_and_the_fee_of_its_rule() -> None:
    ann = await marked_up().customer().says(A_WHOLE_ORDER)
    by_carrier = {r.carrier_code: r for r in ann.prices.rates}

    assert {code: (r.cost, r.price) for code, r in by_carrier.items()} == {
        "usps": (usd("9.12"), usd("10.33")),
        "ups": (usd("11.50"), usd("12.00")),
        "fedex": (usd("24.85"), usd("26.85")),
    }
    assert by_carrier["usps"].markup == Markup(usd("1.21"), "all", "2031-04")


async def test_given_a_rule_for_one_user_when_prices_are_shown_then_only_that_one_has_them() -> None:
    bob = await marked_up().customer(BOB).says(A_WHOLE_ORDER)

    assert all(r.price == r.cost for r in bob.prices.rates)
    assert {r.markup.rule for r in bob.prices.rates if r.markup} == {"user bob"}


async def test_given_an_estimate_when_the_prices_come_then_they_are_the_same() -> None:
    made = marked_up()
    ann = await made.customer().says("from.zip: 94117\nto.zip: 90012\nparcel.weight: 35 oz")
    assert isinstance(ann.screen, sc.OrderCard)
    estimated = {(r.carrier_code, r.price, r.markup) for r in ann.screen.estimate}
    await made.quick_quote(ANN, "from.zip: 94117\nto.zip: 90012\nparcel.weight: 35 oz")
    quick = made.notifier.told[-1].screen
    assert isinstance(quick, sc.QuickQuote)
    await ann.says(A_WHOLE_ORDER)

    assert {(r.carrier_code, r.price, r.markup) for r in ann.prices.rates} == estimated
    assert {(r.carrier_code, r.price, r.markup) for r in quick.rates} == estimated


@pytest.mark.parametrize(
    ("cost", "charged", "variance"),
    [("9.12", "10.33", 0), ("8.12", "9.33", 0), ("11.12", "10.33", 200)],
    ids=["as offered", "cheaper is passed on", "dearer is ours"],
)
async def test_given_another_cost_when_bought_then_the_customer_never_pays_for_it_and_the_book_says_who_did(
    cost: str, charged: str, variance: int
) -> None:
    made = marked_up()
    ann = await made.customer().orders()
    made.shipping.actual_cost = usd(cost)
    await ann.buys()
    (order,) = ann.labels
    sums = account_sums(await made.balances.journal())

    assert (order.charged, order.price) == (usd(charged), usd("10.33"))
    assert order.rate.markup == Markup(usd("1.21"), "all", "2031-04")
    assert await available(made) == usd("50.00") - usd(charged)
    assert sums.get((Mode.TEST, book.CARRIER_VARIANCE), 0) == variance
    assert sums[Mode.TEST, book.CARRIER_PAYABLE] == -usd(cost).minor
    assert sum(sums.values()) == 0
