"""Places in lists as opaque, signed text: good for the list and the filters they were given with."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from typing import Final

import msgspec
from attrs import evolve

from shipping_core.domain.listing import Place, Wanted
from shipping_core.errors import InvalidInput

_SIGNED: Final = 16


class _Kept(msgspec.Struct, array_like=True):
    kind: str
    value: str | int | None
    id: str


def write_cursor(place: Place, wanted: Wanted, secret: bytes) -> str:
    """The text of a place."""
    timed = isinstance(place.value, dt.datetime)
    value = place.value.isoformat() if isinstance(place.value, dt.datetime) else place.value
    content = msgspec.json.encode(_Kept("t" if timed else "", value, place.id))
    return base64.urlsafe_b64encode(_sign(content, wanted, secret) + content).decode().rstrip("=")


def read_cursor(text: str, wanted: Wanted, secret: bytes) -> Place:
    """The place.

    Raises:
        InvalidInput: it is not ours, or of another list, order or filter.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content = raw[_SIGNED:]
        if not hmac.compare_digest(raw[:_SIGNED], _sign(content, wanted, secret)):
            raise ValueError("forged")
        kept = msgspec.json.decode(content, type=_Kept)
        timed = kept.kind == "t" and isinstance(kept.value, str)
        return Place(dt.datetime.fromisoformat(str(kept.value)) if timed else kept.value, kept.id)
    except (ValueError, binascii.Error):
        mend = "It is no cursor of this list with these filters: begin at the first page."
        raise InvalidInput("cursor", mend) from None


def _sign(content: bytes, wanted: Wanted, secret: bytes) -> bytes:
    bound = repr(evolve(wanted, after=None, limit=0)).encode()
    return hmac.digest(secret, bound + b"\n" + content, hashlib.sha256)[:_SIGNED]
