"""What an address check's answer means for the customer: is there anything worth showing? Pure.

A suggestion is made only when the matched address differs in substance. Not substance: letter case,
punctuation, the usual abbreviations (Street and St, North and N, Apartment and #), how the street is split
over its two lines, and the last four digits of a ZIP+4. Substance: another or an added word or number, such
as the `N` in `123 N Main St`, another city, state or ZIP.
"""

from __future__ import annotations

import re
import string

from attrs import evolve

from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.wire import plain
from shipping_core.domain.shipment import Address
from shipping_core.ports.shipping import AddressCheck, Verdict

# The commonest of the postal abbreviations (USPS Publication 28, appendices C1 and C2, and section 233).
_SHORT = {
    "alley": "aly",
    "avenue": "ave",
    "boulevard": "blvd",
    "circle": "cir",
    "court": "ct",
    "drive": "dr",
    "expressway": "expy",
    "heights": "hts",
    "highway": "hwy",
    "lane": "ln",
    "parkway": "pkwy",
    "place": "pl",
    "plaza": "plz",
    "road": "rd",
    "square": "sq",
    "street": "st",
    "terrace": "ter",
    "trail": "trl",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "saint": "st",
    "mount": "mt",
    "fort": "ft",
    **dict.fromkeys(("apartment", "apt", "unit", "suite", "ste", "no", "number"), "#"),
}
_UPPER = {"n", "s", "e", "w", "ne", "nw", "se", "sw", "po", "us"}
_RESIDENTIAL = {"yes": True, "no": False}


def address_check(address: Address, checked: wire.Checked) -> AddressCheck:
    """The verdict on `address`; `unverified` (the checker has no data) is not held against it."""
    messages = sorted(checked.messages or (), key=lambda m: m.type != "error")
    message = plain("; ".join(m.message for m in messages if m.message))
    matched = checked.matched_address
    residential = _RESIDENTIAL.get((matched and matched.address_residential_indicator) or "")
    status = checked.status.casefold()
    if status == "error":
        return AddressCheck(Verdict.FAILED, message=message)
    if status not in {"verified", "warning"}:
        return AddressCheck(Verdict.UNAVAILABLE, message=message)
    better = suggestion(address, matched) if matched is not None else None
    if better is None:
        return AddressCheck(Verdict.VERIFIED, residential=residential, message=message)
    return AddressCheck(Verdict.SUGGESTION, evolve(better, residential=residential), residential, message)


def suggestion(address: Address, matched: wire.Place) -> Address | None:
    """`address` with what the match changes in substance, the rest as it was written; None if nothing."""
    changes: dict[str, str] = {}
    lines = (matched.address_line1 or "", matched.address_line2 or "")
    if lines[0] and _key(*lines) != _key(address.street1, address.street2):
        changes |= {"street1": _tidy(lines[0]), "street2": _tidy(lines[1])}
    if matched.city_locality and _key(matched.city_locality) != _key(address.city):
        changes["city"] = _tidy(matched.city_locality)
    if matched.state_province and _key(matched.state_province) != _key(address.state):
        changes["state"] = matched.state_province.upper()
    if matched.postal_code and matched.postal_code.strip()[:5] != address.postal_code.strip()[:5]:
        changes["postal_code"] = matched.postal_code.strip()
    return evolve(address, **changes) if changes else None  # type: ignore[arg-type] # every change is a text field


def _key(*lines: str) -> list[str]:
    words = re.findall(r"[^\W_]+|#", " ".join(lines).casefold().replace(".", "").replace("'", ""))
    short = [_SHORT.get(w, w) for w in words]
    # `Apt #4` names its unit twice.
    return [w for i, w in enumerate(short) if w != "#" or short[i - 1 : i] != ["#"]]


def _tidy(text: str) -> str:
    """Checkers shout; a card does not. Mixed case is left as it is."""
    if text != text.upper():
        return text
    words = string.capwords(text).split()
    return " ".join(w.upper() if w.casefold() in _UPPER else w for w in words)
