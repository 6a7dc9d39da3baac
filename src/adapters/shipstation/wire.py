"""Bytes to typed values and back, for both versions of the partner's API.

Only fields we use are declared, and nearly all may be missing or null: an answer to a purchase must not
become unreadable because of a detail. Numbers with a fraction are read as Decimal from their digits.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar

import msgspec
from attrs import frozen

from adapters.shipstation.outcomes import Body

T = TypeVar("T")

MAX_REASON_CHARS = 200
EXCEPTION = "exception"
"""Our code for a 500 that names its reason: V1 answers so to whatever it cannot use."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NOT_A_CODE = re.compile(r"[^A-Za-z0-9_.-]+")


class Unreadable(ValueError):
    """The answer is not the JSON it should be: cut, of another shape, or no JSON at all."""


@frozen
class Fault:
    """What an error answer says. `reason` is the partner's text for operators, at most 200 characters."""

    body: Body
    code: str = ""
    reason: str = ""
    request_id: str = ""


def encode(body: object) -> bytes:
    """The body as JSON; a Decimal becomes a number with exactly its digits."""
    return _ENCODER.encode(body)


def decode(body: bytes, into: type[T]) -> T:
    """The answer as `into`.

    Raises:
        Unreadable: the bytes do not hold that; the error quotes none of them.
    """
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("unreadable answer") from None


def plain(text: str | None, limit: int = MAX_REASON_CHARS) -> str:
    """One printable line of at most `limit` characters."""
    printable = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(printable.split())[:limit]


def code_word(text: str | None) -> str:
    """A partner's code as one short word that is safe in a log line."""
    return _NOT_A_CODE.sub("_", text or "").strip("_")[:60]


class Amount(msgspec.Struct):
    """Money as V2 writes it; the currency in lower case."""

    amount: Decimal | None = None
    currency: str | None = None
