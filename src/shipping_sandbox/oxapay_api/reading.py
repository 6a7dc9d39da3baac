"""What a caller sent, field by field; a field that breaks a rule is named in the refusal."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shipping_sandbox.oxapay_api.coins import tidy, usd_of
from shipping_sandbox.oxapay_api.envelope import invalid
from shipping_sandbox.oxapay_api.invoice import Terms
from shipping_sandbox.oxapay_api.settings import Settings

T = TypeVar("T")
Reader = Callable[[Any], T]
_LONGEST_TEXT = 1000
_HIGHEST = Decimal("1E12")


class BadValue(Exception):
    """A value breaks a rule; the text goes on after the field's name."""


class Fields:
    """The fields of a JSON body or a query; values may be JSON numbers or texts, but never null."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def need(self, name: str, read: Reader[T]) -> T:
        """A field that must be there.

        Raises:
            Refusal: 400; it is missing, null or `read` does not take it.
        """
        if name not in self._values:
            raise invalid(name, f"{name} is required")
        value = self._values[name]
        if value is None:
            raise invalid(name, f"{name} must not be null")
        try:
            return read(value)
        except BadValue as wrong:
            raise invalid(name, f"{name} {wrong}") from None

    def get(self, name: str, read: Reader[T], default: T) -> T:
        """A field that may be missing.

        Raises:
            Refusal: 400; it is null or `read` does not take it.
        """
        return self.need(name, read) if name in self._values else default


def number(value: Any) -> Decimal:
    """A finite decimal, sent as a number or as a text.

    Raises:
        BadValue: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadValue("must be a number")
    try:
        read = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadValue("must be a number") from None
    if not read.is_finite() or abs(read) > _HIGHEST:
        raise BadValue("must be a number")
    return read


def between(least: int, most: int) -> Reader[int]:
    """A reader of whole numbers in a range."""

    def read(value: Any) -> int:
        found = number(value)
        if found != found.to_integral_value():
            raise BadValue("must be a whole number")
        if not least <= found <= most:
            raise BadValue(f"must be between {least} and {most}")
        return int(found)

    return read


def percent(value: Any) -> Decimal:
    """A shortfall Oxapay allows.

    Raises:
        BadValue: it is not between 0 and 60.
    """
    found = number(value)
    if not 0 <= found <= 60:
        raise BadValue("must be between 0 and 60")
    return found


def price(value: Any) -> Decimal:
    """An amount of money to ask for.

    Raises:
        BadValue: it is not above zero.
    """
    found = number(value)
    if found <= 0:
        raise BadValue("must be greater than 0")
    return found


def flag(value: Any) -> bool:
    """A switch: true, false, 0 or 1, also as text.

    Raises:
        BadValue: it is neither.
    """
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if found is None:
        raise BadValue("must be true or false")
    return found


def text(value: Any) -> str:
    """Words; a number counts as its digits.

    Raises:
        BadValue: it is a list or an object, or too long.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue("must be a string")
    if len(str(value)) > _LONGEST_TEXT:
        raise BadValue(f"must not be longer than {_LONGEST_TEXT} characters")
    return str(value)


def address(value: Any) -> str:
    """A URL of the web. The real service wants https that the world can reach; on one machine http will do.

    Raises:
        BadValue: it is none.
    """
    try:
        parts = urlsplit(text(value))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        good = False
    if not good or any(c.isspace() for c in str(value)):
        raise BadValue("must be a valid URL")
    return str(value)


def email(value: Any) -> str:
    """An e-mail address at the first glance, or nothing.

    Raises:
        BadValue: it is neither.
    """
    found = text(value)
    name, at, host = found.rpartition("@")
    if found and not (name and at and "." in host):
        raise BadValue("must be a valid email address")
    return found


def currency(value: Any) -> str:
    """The symbol of a currency the service knows.

    Raises:
        BadValue: it does not.
    """
    symbol = text(value).upper()
    if usd_of(symbol) is None:
        raise BadValue("is not a supported currency")
    return symbol


def only_usdt(value: Any) -> str:
    """What payments may be converted to.

    Raises:
        BadValue: something else.
    """
    if text(value).upper() != "USDT":
        raise BadValue("only supports USDT")
    return "USDT"


def terms(body: Any, defaults: Settings) -> Terms:
    """The order for an invoice. Fields nobody knows are passed over.

    Raises:
        Refusal: 400, naming the first field that is wrong.
    """
    if not isinstance(body, dict):
        raise invalid("body", "the body must be a JSON object")
    fields, usual_coverage = Fields(body), tidy(Decimal(str(defaults.under_paid_coverage)))
    return Terms(
        amount=fields.need("amount", price),
        currency=fields.get("currency", currency, "USD"),
        lifetime=fields.get("lifetime", between(15, 2880), 60),
        fee_paid_by_payer=int(fields.get("fee_paid_by_payer", flag, bool(defaults.fee_paid_by_payer))),
        under_paid_coverage=fields.get("under_paid_coverage", percent, usual_coverage),
        to_currency=fields.get("to_currency", only_usdt, ""),
        auto_withdrawal=fields.get("auto_withdrawal", flag, False),
        mixed_payment=fields.get("mixed_payment", flag, defaults.mixed_payment),
        callback_url=fields.get("callback_url", address, ""),
        return_url=fields.get("return_url", address, ""),
        email=fields.get("email", email, ""),
        order_id=fields.get("order_id", text, ""),
        thanks_message=fields.get("thanks_message", text, ""),
        description=fields.get("description", text, ""),
        sandbox=fields.get("sandbox", flag, False),
    )
