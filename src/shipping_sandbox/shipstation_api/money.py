"""Dollars as decimals, and as whole cents."""

from decimal import Decimal

CENT = Decimal("0.01")


def dollars(amount: Decimal) -> Decimal:
    """`amount` with exactly two decimals, half up."""
    return amount.quantize(CENT, rounding="ROUND_HALF_UP")


def minor(amount: Decimal) -> int:
    """`amount` in whole cents."""
    return int(dollars(amount) * 100)
