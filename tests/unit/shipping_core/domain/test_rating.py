"""Which offer stands out."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as some

from builders import a_rate, usd
from shipping_core.domain.ids import RateId
from shipping_core.domain.money import Money
from shipping_core.domain.rating import Tag, by_price, tags
from shipping_core.domain.shipment import Rate


def offer(name: str, price: str, days: int | None) -> Rate:
    """One offer."""
    return a_rate(price, rate_id=RateId(name), delivery_days=days)


OFFERS = some.lists(
    some.builds(
        lambda cents, days: a_rate(price=str(Money(cents).amount), delivery_days=days),
        some.integers(1, 5000),
        some.none() | some.integers(1, 9),
    ),
    max_size=6,
).map(lambda rates: [offer(f"r{n}", str(r.price.amount), r.delivery_days) for n, r in enumerate(rates)])


def test_given_a_slow_a_fair_and_a_fast_offer_when_compared_then_each_is_tagged() -> None:
    rates = [offer("slow", "7.42", 6), offer("fair", "8.00", 3), offer("fast", "30.00", 1)]

    assert tags(rates) == {"slow": Tag.CHEAPEST, "fair": Tag.BEST_VALUE, "fast": Tag.FASTEST}


def test_given_one_offer_when_compared_then_there_is_nothing_to_say() -> None:
    assert tags([offer("only", "7.42", 2)]) == {}


def test_given_offers_without_days_when_compared_then_none_is_called_the_fastest() -> None:
    assert Tag.FASTEST not in tags([offer("a", "7.42", None), offer("b", "8.00", None)]).values()


@given(OFFERS)
def test_given_any_offers_when_tagged_then_each_tag_stands_once_and_is_true(rates: list[Rate]) -> None:
    found = tags(rates)
    by_tag = {tag: next(r for r in rates if r.rate_id == rate_id) for rate_id, tag in found.items()}

    assert len(by_tag) == len(found)
    if Tag.CHEAPEST in by_tag:
        assert by_tag[Tag.CHEAPEST].price == min(r.price for r in rates)
    if Tag.FASTEST in by_tag:
        assert by_tag[Tag.FASTEST].delivery_days == min(
            r.delivery_days for r in rates if r.delivery_days is not None
        )


@given(OFFERS)
def test_given_any_offers_when_sorted_then_cheap_comes_first_and_none_is_lost(
    rates: list[Rate],
) -> None:
    ordered = by_price(rates)

    assert sorted(r.rate_id for r in ordered) == sorted(r.rate_id for r in rates)
    assert all(a.price <= b.price for a, b in itertools.pairwise(ordered))


def test_given_equal_prices_when_sorted_then_the_faster_comes_first() -> None:
    ordered = by_price([offer("slow", "7.42", None), offer("fast", "7.42", 2)])

    assert [r.rate_id for r in ordered] == ["fast", "slow"]
    assert ordered[0].price == usd("7.42")
