"""Money is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders import usd
from shipping_core.domain.money import EXPONENTS, LIMIT_MINOR, Money, read_money

MINORS = some.integers(-LIMIT_MINOR, LIMIT_MINOR)


@given(MINORS)
def test_given_any_amount_when_written_and_read_then_it_is_the_same(minor: int) -> None:
    money = Money(minor)

    assert Money.parse(str(money.amount)) == Money.from_decimal(money.amount) == money
    assert str(money) == f"{money.amount:.2f} USD"


@given(MINORS, MINORS)
def test_given_two_amounts_when_calculated_and_compared_then_it_is_their_cents(a: int, b: int) -> None:
    one, other = Money(a), Money(b)

    assert (one + other).minor == a + b
    assert one - other == -(other - one) == Money(a - b)
    assert (one < other, one <= other, one > other, one >= other) == (a < b, a <= b, a > b, a >= b)


@pytest.mark.parametrize(
    ("written", "minor"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("7.425", 743), ("10000000", 10**9)]
)
def test_given_finer_than_a_cent_when_rounded_then_half_goes_up(written: str, minor: int) -> None:
    assert Money.from_decimal(Decimal(written)) == Money(minor)


@pytest.mark.parametrize(
    "written", ["NaN", "Infinity", "-Infinity", "10000000.01", "1e30", "1e99999", "-1e30"]
)
def test_given_no_usable_number_when_read_then_it_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.from_decimal(Decimal(written))
    with pytest.raises(ValueError, match="amount"):
        Money.parse(written)


@pytest.mark.parametrize(
    "text", ["", "seven", "7,42", "7.425"], ids=["nothing", "words", "comma", "too fine"]
)
def test_given_a_text_that_is_no_exact_amount_when_parsed_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|finer"):
        Money.parse(text)


def test_given_what_is_not_whole_cents_when_made_then_it_is_refused() -> None:
    for wrong in (1.0, "1", True, Decimal(1)):
        with pytest.raises(TypeError):
            Money(wrong)  # type: ignore[arg-type] # that is the point


def test_given_an_unknown_currency_when_made_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(1, "XXX")
    with pytest.raises(ValueError, match="currency"):
        Money.from_decimal(Decimal(1), "XXX")


def test_given_two_currencies_when_mixed_then_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXPONENTS, "JPY", 0)
    yen = Money.parse("5", "JPY")

    assert (yen.minor, str(yen)) == (5, "5 JPY")
    assert yen != usd("0.05")
    with pytest.raises(TypeError):
        _ = yen + usd("1.00")
    with pytest.raises(TypeError):
        _ = yen < usd("1.00")


@given(some.integers(0, LIMIT_MINOR - 1))
def test_given_any_amount_when_written_as_people_do_then_it_is_read_to_the_cent(minor: int) -> None:
    text = str(Money(minor).amount)
    ways = (text, f"${text}", f" {text} usd", text.replace(".", ","), f"{text}$", f"{text} доллара")

    assert {read_money(way) for way in ways} == {Money(minor)}


@given(some.text())
def test_given_any_text_when_read_as_money_then_it_is_an_amount_or_none(text: str) -> None:
    read = read_money(text)

    assert read is None or 0 <= read.minor <= LIMIT_MINOR


def test_given_a_currency_we_do_not_sell_in_when_read_then_there_is_no_amount() -> None:
    assert read_money("25", "XYZ") is None
