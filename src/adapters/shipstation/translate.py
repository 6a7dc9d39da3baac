"""Between our words and the partner's, as far as both versions agree. Pure."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal

from adapters.shipstation.wire import plain
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import CarrierBox, Parcel

CURRENCY = "USD"
PACKAGE = "package"
"""The customer's own box."""
_FLAT = re.compile(r"flat[\s_-]?rate", re.IGNORECASE)
PDF_START = b"%PDF-"
_HUNDREDTH = Decimal("0.01")
_SHIP_DAY = dt.timezone(dt.timedelta(hours=-4))
"""US Eastern daylight time: late enough never to be yesterday anywhere in the US mainland."""

_NAMES = {
    "stamps_com": "USPS",
    "usps": "USPS",
    "endicia": "USPS",
    "express_1": "USPS",
    "globalpost": "GlobalPost",
}
_NAMES_BY_START = {
    "ups": "UPS",
    "fedex": "FedEx",
    "dhl_express": "DHL Express",
    "dhl": "DHL",
    "ontrac": "OnTrac",
}


def cents(*amounts: Decimal | None) -> Money:
    """The sum of the parts that are there, in dollars, rounded half up to cents once.

    Raises:
        ValueError: not a sum of money.
    """
    return Money.from_decimal(sum((a for a in amounts if a is not None), Decimal(0)), CURRENCY)


def carrier_name(code: str, told: str | None = None) -> str:
    """The name people know, whatever account the carrier is connected through."""
    folded = code.casefold()
    if folded in _NAMES:
        return _NAMES[folded]
    for start, name in _NAMES_BY_START.items():
        if folded == start or folded.startswith(f"{start}_"):
            return name
    return (told or "").strip() or code.replace("_", " ").title()


def service_name(told: str | None, carrier: str, code: str, box: CarrierBox | None = None) -> str:
    """The service without its carrier's name, trade marks and the box: `Ground Advantage`, `2nd Day Air`."""
    text = " ".join(re.sub(r"[®™©]", " ", told or "").split())
    packed = re.escape(box.name if box else "Package")
    text = re.sub(rf"\s+-\s+{packed}$", "", text, flags=re.IGNORECASE)
    bare = re.sub(rf"^{re.escape(carrier)}\s+", "", text, flags=re.IGNORECASE)
    return bare or text or code.replace("_", " ").title()


def flat_rate(code: str, name: str | None) -> bool:
    """Whether a package type goes at one price; nothing but its code and its name says so."""
    return bool(_FLAT.search(code) or _FLAT.search(name or ""))


def carrier_box(carrier: str, carrier_code: str, code: str, name: str | None) -> CarrierBox:
    """A package type of a carrier, under a name for people."""
    said = plain(name, 60).replace("|", " ") or code.replace("_", " ").title()
    return CarrierBox(carrier, carrier_code, code, said)


def package_code(parcel: Parcel) -> str:
    """What the carrier calls the box."""
    return parcel.box.code if parcel.box else PACKAGE


def ship_date(now: dt.datetime) -> str:
    """The day a parcel sold at `now` is handed over, as YYYY-MM-DD."""
    return now.astimezone(_SHIP_DAY).date().isoformat()


def weight(parcel: Parcel, units: Mapping[str, str], key: str) -> dict[str, object]:
    """The weight rounded up to a hundredth: a parcel declared too light is surcharged."""
    value = parcel.weight.value.quantize(_HUNDREDTH, ROUND_CEILING)
    return {"value": value, key: units[parcel.weight.unit]}


def dimensions(parcel: Parcel, units: Mapping[str, str], key: str) -> dict[str, object]:
    """`{"dimensions": ...}`, or nothing while the size is unknown."""
    if parcel.size is None:
        return {}
    sides = {
        name: getattr(parcel.size, name).quantize(_HUNDREDTH, ROUND_CEILING)
        for name in ("length", "width", "height")
    }
    return {"dimensions": {**sides, key: units[parcel.size.unit]}}


def moment(text: str | None) -> dt.datetime | None:
    """An ISO time as UTC; without an offset it is taken for UTC; None when it is no time."""
    try:
        parsed = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text or ""))
    except ValueError:
        return None
    return parsed.replace(tzinfo=dt.UTC) if parsed.tzinfo is None else parsed.astimezone(dt.UTC)


def day(text: str | None) -> dt.date | None:
    """The calendar day an ISO time names, at the place it was written for."""
    try:
        return dt.date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def pdf(encoded: str | None) -> bytes | None:
    """The document inside base64 text, with or without a data URL's head; None when it is no PDF."""
    try:
        document = base64.b64decode((encoded or "").rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    return document if document.startswith(PDF_START) else None
