"""Says whether mail would arrive, by a few fixed rules over real ZIP codes and invented streets."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from shipping_sandbox.shipstation_api.places import Place, find_place

# Invented: these streets exist only with a compass point in their name.
_MISSING_DIRECTION = {("90001", "main st"): "N", ("10001", "end ave"): "W", ("60601", "state st"): "S"}
_DIRECTIONS = {"n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west"}
_SUFFIXES = {"street": "st", "avenue": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln"}
_STREET = re.compile(r"^\s*(?P<number>\d+[A-Za-z]?(?:-\d+)?)\s+(?P<name>\S.*?)\s*$")
_PO_BOX = re.compile(r"^\s*p\.?\s*o\.?\s*box\s+\d+", re.IGNORECASE)
_UNIT = re.compile(r"\b(apt|apartment|unit)\b|#", re.IGNORECASE)
_OFFICE = re.compile(r"\b(suite|ste|floor|fl|blvd|boulevard|plaza|pkwy|hwy)\b", re.IGNORECASE)

Address = Mapping[str, Any]


@attrs.frozen
class Message:
    """One finding, in the words of V2."""

    code: str
    type: str
    detail_code: str
    message: str


@attrs.frozen
class Verdict:
    """`status` is verified, warning, error or unverified; `matched` is the mended address."""

    status: str
    original: Address
    matched: Address | None
    messages: tuple[Message, ...]


def check(address: Address) -> Verdict:
    """The verdict on one address; never an exception for a bad one."""
    if address.get("country_code", "US").upper() != "US":
        note = Message(
            "a1001", "warning", "unsupported_country", "Addresses in this country are not checked."
        )
        return Verdict("unverified", address, None, (note,))
    line = address["address_line1"]
    if not _PO_BOX.match(line) and not _STREET.match(line):
        return _bad(address, "a1005", "missing_house_number", "The street line has no house number.")
    place = find_place(address.get("postal_code") or "")
    if place is None:
        return _bad(address, "a1002", "invalid_postal_code", "There is no such ZIP code.")
    if place.state != address["state_province"].upper() and not place.knows_city(address["city_locality"]):
        return _bad(address, "a1004", "address_not_found", "City, state and ZIP code do not belong together.")
    return _mended(address, place)


def residential(address: Address) -> str:
    """A guess: yes, no, or what the caller said when he was sure."""
    said = address.get("address_residential_indicator", "unknown")
    if said != "unknown":
        return str(said)
    lines = " ".join(str(address.get(k) or "") for k in ("address_line1", "address_line2"))
    if address.get("company_name") or (_OFFICE.search(lines) and not _UNIT.search(lines)):
        return "no"
    return "unknown" if _PO_BOX.match(lines) else "yes"


def _mended(address: Address, place: Place) -> Verdict:
    matched = {**address, "address_residential_indicator": residential(address)}
    notes = []
    if (direction := _missing_direction(address["address_line1"], place.zip_code)) is not None:
        number, name = address["address_line1"].split(maxsplit=1)
        matched["address_line1"] = f"{number} {direction} {name}"
        notes.append(_changed("street_direction_changed_or_added", "The street needs a compass point."))
    if not place.knows_city(address["city_locality"]):
        matched["city_locality"] = place.city
        notes.append(_changed("city_locality_changed_or_added", f"This ZIP code is in {place.city}."))
    if place.state != address["state_province"].upper():
        matched["state_province"] = place.state
        notes.append(_changed("state_province_changed_or_added", f"This ZIP code is in {place.state}."))
    return Verdict("warning" if notes else "verified", address, matched, tuple(notes))


def _missing_direction(line: str, zip_code: str) -> str | None:
    street = _STREET.match(line)
    if street is None:
        return None
    words = [_SUFFIXES.get(w.rstrip("."), w.rstrip(".")) for w in street["name"].casefold().split()]
    if words[0] in _DIRECTIONS:
        return None
    return _MISSING_DIRECTION.get((zip_code, " ".join(words[:2])))


def _changed(detail: str, text: str) -> Message:
    return Message("a1007", "warning", detail, text)


def _bad(address: Address, code: str, detail: str, text: str) -> Verdict:
    return Verdict("error", address, None, (Message(code, "error", detail, text),))
