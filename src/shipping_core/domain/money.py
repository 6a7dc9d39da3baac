"""Money in whole minor units with a currency; a float never touches it."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from attrs import field, frozen

EXPONENTS = {"USD": 2}
"""Decimal places of each currency we sell in (ISO 4217)."""

LIMIT_MINOR = 10**9
"""The largest single amount, in minor units: beyond it a number is a mistake, not a price."""


def _whole(_: object, _attribute: object, value: int) -> None:
    if type(value) is not int:
        raise TypeError(f"money is whole minor units, not {type(value).__name__}")


def _known(_: object, _attribute: object, value: str) -> None:
    if value not in EXPONENTS:
        raise ValueError(f"unknown currency {value!r}")


@frozen(order=False)
class Money:
    """An exact amount: `minor` whole cents (or the like) of `currency`.

    Raises:
        TypeError: `minor` is not an int, or another currency's amount is mixed in.
        ValueError: the currency is unknown.
    """

    minor: int = field(validator=_whole)
    currency: str = field(default="USD", validator=_known)

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str = "USD") -> Money:
        """The amount in major units, rounded half up to whole minor units.

        Raises:
            ValueError: not a finite number, larger than `LIMIT_MINOR`, or of an unknown currency.
        """
        unit = cls(1, currency).amount
        if not amount.is_finite():
            raise ValueError("not a finite amount")
        if abs(amount) > LIMIT_MINOR * unit:
            raise ValueError("amount out of bounds")
        whole = amount.scaleb(EXPONENTS[currency]).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return cls(int(whole), currency)

    @classmethod
    def parse(cls, text: str, currency: str = "USD") -> Money:
        """Read `12.50` exactly.

        Raises:
            ValueError: not a number, or finer than the currency's smallest unit.
        """
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValueError(f"not an amount: {text!r}") from None
        money = cls.from_decimal(amount, currency)
        if money.amount != amount:
            raise ValueError(f"{text!r} is finer than {currency} allows")
        return money

    @classmethod
    def zero(cls, currency: str = "USD") -> Money:
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The same in major units."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self!r} does not mix with {other!r}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:.{EXPONENTS[self.currency]}f} {self.currency}"


def read_money(text: str, currency: str = "USD") -> Money | None:
    """An amount as people write it (`25`, `$25.50`, `25,50 usd`), or None for anything else."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return Money.parse(found["amount"].replace(",", "."), currency)
    except ValueError:
        return None


_AMOUNT = re.compile(
    r"\$?\s*(?P<amount>[0-9]{1,7}([.,][0-9]{1,2})?)\s*(\$|usd|dollars?|долл\w*)?", re.IGNORECASE
)
