"""The lines above the city: who it is for, street and unit."""

from __future__ import annotations

from adapters.reader.parsed import LIMITS, MARKS, Parsed, Piece, split_pieces
from adapters.reader.tidy import tidy, tidy_city, tidy_street, tidy_unit, trimmed
from adapters.reader.words import (
    BOX_START,
    CARE_OF,
    COMPANY,
    COUNTRY,
    NUMBER_LAST,
    STREET_START,
    SUFFIX,
    TALK,
    UNIT_PIECE,
    UNIT_TAIL,
    is_name,
)
from shipping_core.domain.draft import Entry


def take_lines(parsed: Parsed, pieces: list[Piece], *, labelled: bool) -> None:
    """Name, street and unit, from the pieces before the city."""
    at = _street_at(pieces)
    anchored = parsed.has_zip
    if at is None and (number_last := next((p for p in pieces if NUMBER_LAST.fullmatch(p.text)), None)):
        parsed.put("street1", tidy_street(number_last.text), 0.6)
        pieces = [p for p in pieces if p is not number_last]
    if at is None:
        _take_bare_name(parsed, pieces, labelled=labelled)
        return
    match = STREET_START.search(pieces[at].text)
    start = match.start() if match else 0
    if not anchored and not _believable(parsed, pieces[at].text[start:], labelled=labelled):
        parsed.unread.extend(p.text for p in pieces)
        return
    ahead, street = pieces[at].text[:start].strip(), pieces[at].text[start:].strip()
    if tail := None if BOX_START.match(street) else UNIT_TAIL.search(street):
        street, unit = street[: tail.start()], tail[1]
        parsed.put("street2", tidy_unit(unit), 0.9)
    plain = SUFFIX.search(street) or BOX_START.match(street)
    parsed.put("street1", tidy_street(street), (0.9 if plain else 0.8) if anchored else 0.7 if plain else 0.6)
    _take_after_street(parsed, pieces[at + 1 :])
    if ahead and not anchored and not ahead.istitle():
        parsed.unread.append(ahead)
        ahead = ""
    names = [*pieces[:at], *([Piece(ahead)] if ahead else [])]
    _take_name(parsed, names, joined=bool(ahead), trusted=anchored or labelled)


def _believable(parsed: Parsed, street: str, *, labelled: bool) -> bool:
    known = SUFFIX.search(street) is not None or BOX_START.match(street) is not None
    return known or ("state" in parsed.values and (labelled or "city" in parsed.values))


def _street_at(pieces: list[Piece]) -> int | None:
    candidates = [
        n for n, p in enumerate(pieces) if STREET_START.search(p.text) and not UNIT_PIECE.fullmatch(p.text)
    ]
    usual = [n for n in candidates if SUFFIX.search(pieces[n].text) or BOX_START.search(pieces[n].text)]
    if usual or candidates:
        return (usual or candidates)[0]
    return None


def _take_after_street(parsed: Parsed, pieces: list[Piece]) -> None:
    for piece in pieces:
        if UNIT_PIECE.fullmatch(piece.text) or CARE_OF.match(piece.text):
            _put_unit(parsed, parsed.values.pop("street2", None), tidy_unit(piece.text))
        elif "city" not in parsed.values and parsed.has_zip and is_name(piece.text):
            parsed.put("city", tidy_city(piece.text), 0.7)
        else:
            parsed.unread.append(piece.text)


def _put_unit(parsed: Parsed, first: Entry | None, second: str) -> None:
    """Joins what the writer spread over two places."""
    both = " ".join(part for part in (_value(first), second) if part)
    parsed.put("street2", both, 0.9 if both == second else 0.8)


def _value(entry: Entry | None) -> str:
    return entry.value if entry else ""


def _take_bare_name(parsed: Parsed, pieces: list[Piece], *, labelled: bool) -> None:
    """A name without a street: only beside a ZIP, or right behind a label."""
    if labelled or parsed.has_zip:
        _take_name(parsed, pieces, joined=False, trusted=parsed.has_zip or labelled)
    else:
        parsed.unread.extend(p.text for p in pieces)


def _take_name(parsed: Parsed, pieces: list[Piece], *, joined: bool, trusted: bool = True) -> None:
    names: list[Piece] = []
    for piece in reversed(pieces):
        if names and (names[-1].after_gap or len(names) == 2):
            parsed.unread.append(piece.text)
        elif CARE_OF.match(piece.text) or (UNIT_PIECE.fullmatch(piece.text) and not names):
            _put_unit(parsed, Entry(tidy_unit(piece.text)), _value(parsed.values.pop("street2", None)))
        elif is_name(piece.text):
            names.append(piece)
        elif not names and (end := _name_at_end(piece.text)):
            parsed.put("name", tidy(end), 0.6)
            parsed.unread.append(piece.text[: -len(end)])
            return
        else:
            parsed.unread.append(piece.text)
    _put_names(parsed, [p.text for p in reversed(names)], joined=joined, trusted=trusted)


def _put_names(parsed: Parsed, names: list[str], *, joined: bool, trusted: bool) -> None:
    if not names:
        return
    confidence = 0.9 if trusted and not joined else 0.7
    if len(names) == 1:
        parsed.put("name", tidy(names[0]), confidence)
        return
    both = ", ".join(map(tidy, names))
    if len(both) > LIMITS["name"]:
        parsed.unread.append(names[0])
        parsed.put("name", tidy(names[1]), 0.7)
    else:
        parsed.put("name", both, 0.8 if any(map(COMPANY.search, names)) and not joined else 0.65)


def _name_at_end(text: str) -> str:
    """The two to four words after the last word of small talk, if they can be a name."""
    words = text.split()
    last = max((n for n, w in enumerate(words) if w.casefold().strip(".,!?:;'") in TALK), default=-1)
    rest = " ".join(words[last + 1 :])
    return rest if 2 <= len(rest.split()) <= 4 and is_name(rest) else ""


def leave_rest(parsed: Parsed, after: str) -> None:
    parsed.unread.extend(p.text for p in split_pieces(COUNTRY.sub(",", after)))


def take_name_after(parsed: Parsed, text: str) -> bool:
    """Takes the name of an address that has none from what follows its ZIP on the same line."""
    pieces = split_pieces(MARKS.sub(",", text))
    if "name" in parsed.values or "street1" not in parsed.values or text.startswith("\n") or len(pieces) != 1:
        return False
    name = trimmed(pieces[0].text)
    if len(name.split()) > 1 and is_name(name):
        parsed.put("name", tidy(name), 0.65)
    return "name" in parsed.values
