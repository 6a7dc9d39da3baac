"""Oxapay's JSON, as far as we read it, and bytes to typed values and back.

Nearly everything may be missing, null, or of another type than documented: an answer to a created link must
not become unreadable because of a detail. Numbers come as numbers or as texts, so a `Figure` keeps its digits
until somebody needs them. Source: docs.oxapay.com (V1), and what third parties recorded.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar

import msgspec
from attrs import frozen

from adapters.oxapay.outcomes import REFUSALS, Body

T = TypeVar("T")
Figure = msgspec.Raw
"""Whatever stands there, in its own digits; `number` reads it."""

MAX_REASON_CHARS = 200
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NOT_A_CODE = re.compile(r"[^A-Za-z0-9_.-]+")
_EMAIL = re.compile(r"\S*@\S*")
_FIGURE = re.compile(rb'"?(-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,4})?)"?')
_TRACK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Unreadable(ValueError):
    """Not the JSON it should be: cut, of another shape, or no JSON at all."""


class Envelope(msgspec.Struct):
    """The wrapping of every answer; `status` is meant to equal the HTTP status, and does not always."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")
    message: msgspec.Raw = msgspec.Raw(b"null")
    status: Figure = Figure()


class Error(msgspec.Struct):
    """What stands under `error` when there is one; `{}` or `[]` otherwise."""

    type: object = None
    key: object = None
    message: object = None


class Link(msgspec.Struct):
    """The answer of a created invoice."""

    track_id: str | int
    payment_url: str | None = None
    expired_at: Figure = Figure()


class Tx(msgspec.Struct):
    """One transaction. `value` and `sent_value` are known from notices only, but read wherever they are."""

    tx_hash: object = None
    address: object = None
    status: object = None
    currency: object = None
    amount: Figure = Figure()
    value: Figure = Figure()
    sent_value: Figure = Figure()


class Paid(msgspec.Struct):
    """One payment, as inquiry and history tell it."""

    track_id: str | int
    status: str
    order_id: str | int | None = None
    amount: Figure = Figure()
    currency: object = None
    sandbox: object = None
    txs: list[Tx] | None = None
    payment_url: object = None
    expired_at: Figure = Figure()


class Meta(msgspec.Struct):
    """Where in the history a page stands."""

    page: Figure = Figure()
    last_page: Figure = Figure()


class Page(msgspec.Struct):
    """One page of the history."""

    entries: list[Paid] = msgspec.field(name="list")
    meta: Meta | None = None


class Currencies(msgspec.Struct):
    """The symbols the merchant accepts."""

    symbols: list[str] = msgspec.field(name="list")


class Callback(msgspec.Struct):
    """A notice in either shape: V1 has `track_id`, the legacy API `trackId`."""

    status: str
    track_id: str | int | None = None
    legacy_track_id: str | int | None = msgspec.field(default=None, name="trackId")
    type: str | None = None


@frozen
class Said:
    """An answer's envelope, judged. `reason` is their text for operators, without e-mail addresses."""

    body: Body
    status: int | None = None
    code: str = ""
    reason: str = ""
    data: bytes = b""


def encode(body: object) -> bytes:
    """The body as JSON; a Decimal becomes a number with exactly its digits."""
    return _ENCODER.encode(body)


def decode(body: bytes, into: type[T]) -> T:
    """The bytes as `into`.

    Raises:
        Unreadable: they do not hold that; the error quotes none of them.
    """
    try:
        body.decode()  # what is skipped or kept raw would pass with any bytes in it
        return msgspec.json.decode(body, type=into)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("unreadable answer") from None


def said(body: bytes, secret: str = "") -> Said:
    """What an answer says, without `secret`; never raises, an unreadable one is a fact too."""
    if not body.strip():
        return Said(Body.EMPTY)
    try:
        envelope = decode(body, Envelope)
    except Unreadable:
        return Said(Body.UNREADABLE)
    status = whole(envelope.status)
    if status == 200:
        return Said(Body.DONE, status, data=bytes(envelope.data))
    error = _error(envelope)
    where = f" ({error.key})" if isinstance(error.key, str) and error.key else ""
    told = error.message or _text(envelope.message)
    kind = Body.REFUSAL if status in REFUSALS else Body.TOO_MANY if status == 429 else Body.OTHER
    reason = plain(f"{told if isinstance(told, str) else ''}{where}", secret)
    return Said(kind, status, code_word(error.type, secret), reason)


def _error(envelope: Envelope) -> Error:
    try:
        return decode(bytes(envelope.error), Error)
    except Unreadable:
        return Error()


def _text(raw: msgspec.Raw) -> str:
    try:
        return decode(bytes(raw), str)
    except Unreadable:
        return ""


def number(figure: Figure) -> Decimal | None:
    """The number that stands there as a number or a text; None for anything else, however long."""
    match = _FIGURE.fullmatch(bytes(figure))
    return Decimal(match[1].decode()) if match else None


def whole(figure: Figure) -> int | None:
    """As `number`, but only for whole ones of at most 15 digits."""
    found = number(figure)
    if found is None or abs(found) >= 10**15 or found != found.to_integral_value():
        return None
    return int(found)


def track(track_id: object) -> str:
    """A payment's id as text, whether it came as a number or a text.

    Raises:
        Unreadable: it is none that could stand in a path or a key.
    """
    text = str(track_id) if type(track_id) in (int, str) else ""
    if not _TRACK_ID.fullmatch(text):
        raise Unreadable("no track id")
    return text


def plain(text: str, secret: str = "", limit: int = MAX_REASON_CHARS) -> str:
    """One printable line of at most `limit` characters without e-mail addresses and without `secret`."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    if secret:
        printable = printable.replace(secret, "***")
    return " ".join(_EMAIL.sub("***", printable).split())[:limit]


def code_word(text: object, secret: str = "") -> str:
    """Their code as one short word that is safe in a log line."""
    return _NOT_A_CODE.sub("_", plain(text, secret)).strip("_")[:60] if isinstance(text, str) else ""
