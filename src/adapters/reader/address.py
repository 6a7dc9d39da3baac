"""Reads one address out of the text that holds nothing but it and the small talk around it."""

from __future__ import annotations

import re

from adapters.reader.chunks import PHONE_MARKS, zips
from adapters.reader.guess import guessed_city
from adapters.reader.lines import leave_rest, take_lines
from adapters.reader.parsed import MARKS, Parsed, Piece, has_street, split_pieces
from adapters.reader.places import Spot, folded, names_near, place_of, spot_of
from adapters.reader.states import state_at_end, state_at_start, state_code
from adapters.reader.tidy import tidy, tidy_city, tidy_street, tidy_unit, trimmed
from adapters.reader.words import (
    BOX_START,
    COUNTRY,
    STREET_START,
    SUFFIX,
    UNIT_PIECE,
    UNIT_TAIL,
    is_name,
)
from shipping_core.domain.draft import Entry

_PHONE_MARK = re.compile(f"[{PHONE_MARKS}]")


def parse_address(text: str, *, labelled: bool) -> Parsed:
    """The address in `text`; `labelled` when a word such as `From:` announced it."""
    parsed = Parsed(phones=_PHONE_MARK.findall(text))
    text = MARKS.sub(",", text)
    anchors = zips(text)
    before, after = text, ""
    if anchors:
        anchor = anchors[-1]
        before, after = text[: anchor.start()], text[anchor.end() :]
        parsed.has_zip = True
        parsed.values["zip"] = Entry(anchor[0], 0.95, place_of(anchor[0]))
    before, after = _take_state(parsed, before, after, labelled=labelled)
    pieces = split_pieces(before)
    pieces = _take_city(parsed, pieces)
    take_lines(parsed, pieces, labelled=labelled)
    leave_rest(parsed, after)
    _fill_from_zip(parsed)
    return parsed


def _take_state(parsed: Parsed, before: str, after: str, *, labelled: bool) -> tuple[str, str]:
    entry = parsed.values.get("zip")
    spot = spot_of(entry.value) if entry else None
    if entry is None:
        before = re.sub(rf"{COUNTRY.pattern}$", "", before, flags=re.IGNORECASE)
    if (found := state_at_end(before)) and (entry or _alone(before, found)):
        code, start, bare = found
        if spot is None or spot.place.state == code or not _other_word(before, start, spot, bare=bare):
            agreed = spot is not None and spot.place.state == code
            parsed.put("state", code, 0.98 if agreed else 0.85 if entry else 0.7 if not labelled else 0.75)
            return before[:start], after
    if entry and (leading := state_at_start(after)):
        parsed.put("state", leading[0], 0.9)
        return before, after[leading[1] :]
    return before, after


def _other_word(before: str, start: int, spot: Spot, *, bare: bool) -> bool:
    """Whether what looks like a state ends a street ("9 Elm Ct") or a city ("Mount Washington")."""
    if bare:
        line = re.split(r"[\n,]", before[:start])[-1]
        return SUFFIX.match(before, start) is not None and STREET_START.search(line) is not None
    return any(folded(before[-60:]).endswith(folded(name)) for name in spot.names)


def _alone(before: str, found: tuple[str, int, bool]) -> bool:
    """Without a ZIP a state counts when it stands apart, its code in capitals."""
    _, start, bare = found
    written = before[start:].strip(" .,\n")
    apart = re.search(r"(?:^|[,\n])\s*$", before[:start]) is not None
    return apart and (not bare or written.isupper())


def _take_city(parsed: Parsed, pieces: list[Piece]) -> list[Piece]:
    """The city at the end of the address; what is left of the pieces."""
    if not pieces:
        return pieces
    *rest, last = pieces
    zip_entry = parsed.values.get("zip")
    if zip_entry and (known := _known_city(last.text, zip_entry.value)):
        remaining, city, own = known
        if remaining and not any(c.isdigit() for c in remaining) and rest and has_street(rest):
            parsed.put("city", tidy_city(last.text), 0.8)
            return rest
        parsed.put("city", tidy_city(city), (0.95 if own else 0.85) - (0.1 if remaining else 0))
        return [*rest, Piece(remaining, last.after_gap)] if trimmed(remaining) else rest
    if "state" not in parsed.values:
        return pieces
    if (
        not any(c.isdigit() for c in last.text)
        and len(last.text.split()) <= 5
        and not UNIT_PIECE.fullmatch(last.text)
    ):
        parsed.put("city", tidy_city(last.text), _city_confidence(parsed, rest))
        return rest
    if city := guessed_city(last.text, parsed.values["state"].value):
        parsed.put("city", tidy_city(city), 0.6)
        return [*rest, Piece(last.text[: -len(city)].rstrip(), last.after_gap)]
    return pieces


def _city_confidence(parsed: Parsed, rest: list[Piece]) -> float:
    if parsed.has_zip and rest:
        return 0.85
    return 0.8 if has_street(rest) else 0.7


def _known_city(text: str, zip_code: str) -> tuple[str, str, bool] | None:
    """What stands before the city that `text` ends with, the city, whether it is this very ZIP's."""
    words = text.split(" ")
    tails: dict[str, int] = {}
    for count in range(min(5, len(words)), 0, -1):
        tails.setdefault(folded(" ".join(words[-count:])), count)
    spot = spot_of(zip_code)
    own = {folded(n) for n in spot.names} if spot else set()
    for name in names_near(zip_code):
        if name in tails:
            start = len(words) - tails[name]
            return " ".join(words[:start]), " ".join(words[start:]), name in own
    return None


def _fill_from_zip(parsed: Parsed) -> None:
    """What a ZIP alone tells: its state for sure, its city perhaps."""
    entry = parsed.values.get("zip")
    if entry is None:
        return
    city = parsed.values.get("city")
    place = place_of(entry.value, city.value if city else "")
    parsed.values["zip"] = Entry(entry.value, _zip_confidence(parsed, entry), place)
    if place is not None:
        parsed.put("state", place.state, 0.9)
        if "city" not in parsed.values:
            parsed.put("city", place.cities[0], 0.7)


def _zip_confidence(parsed: Parsed, entry: Entry) -> float:
    state = parsed.values.get("state")
    if entry.place is None:
        return 0.6 if state is None else 0.8
    return 0.98 if state and state.value == entry.place.state else 0.85


def from_zip(zip_code: str, confidence: float) -> Parsed:
    """An address of which only the ZIP is known."""
    parsed = Parsed(has_zip=True)
    parsed.values["zip"] = Entry(zip_code, confidence, place_of(zip_code))
    _fill_from_zip(parsed)
    parsed.values["zip"] = Entry(zip_code, confidence, place_of(zip_code))
    return parsed


def put_fields(parsed: Parsed, fields: dict[str, str]) -> None:
    """Puts labelled values over what the free text said."""
    fresh = Parsed()
    if "zip" in fields and (match := re.fullmatch(r"\D{0,3}(\d{5})(?:[- ]?(\d{4}))?\D{0,3}", fields["zip"])):
        code = f"{match[1]}-{match[2]}" if match[2] else match[1]
        fresh.values["zip"] = Entry(code, 0.95, place_of(code))
        fresh.has_zip = True
    if state := state_code(fields.get("state", "")):
        fresh.put("state", state, 0.95)
    for what in ("name", "company"):
        if is_name(fields.get(what, "")):
            fresh.put("name", tidy(fields[what]), 0.95)
    if street := trimmed(fields.get("street", "")):
        inner = parse_address(street, labelled=True)
        tail = None if BOX_START.match(street) else UNIT_TAIL.search(street)
        if not inner.values.keys() & {"city", "state"} and "," not in street:
            fresh.put("street1", tidy_street(street[: tail.start()] if tail else street), 0.95)
            fresh.put("street2", tidy_unit(tail[1]) if tail else "", 0.9)
        for what in ("street1", "street2", "city", "state"):
            if what in inner.values:
                fresh.put(what, inner.values[what].value, 0.9)
    fresh.put("street2", tidy_unit(fields.get("street2", "")), 0.95)
    if not any(c.isdigit() for c in fields.get("city", "")):
        fresh.put("city", tidy_city(fields.get("city", "")), 0.95)
    parsed.values = {**parsed.values, **fresh.values}
    parsed.has_zip = parsed.has_zip or fresh.has_zip
    _fill_from_zip(parsed)
