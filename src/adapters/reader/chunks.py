"""Cuts free text into addresses, each ending with its ZIP code."""

from __future__ import annotations

import re

from adapters.reader.places import ZIP, folded, spot_of
from adapters.reader.states import state_at_end, state_at_start
from adapters.reader.words import COUNTRY, STREET_START, SUFFIX

PHONE_MARKS = "\ue000-\uefff"
PARCEL_MARK = "\uf000"
_WALL = re.compile(r"→|^[-=_~*]{2,}$", re.MULTILINE)
_PHONES_AFTER = re.compile(
    rf"(?:[ ,.]{{0,3}}[{PHONE_MARKS}])+"
    rf"|(?:[ ,.]{{0,3}}\n[\s,.]{{0,4}}[{PHONE_MARKS}](?=[ ,.]{{0,3}}(?:\n|$)))+"
)
_PHONE_FIRST = re.compile(rf"[\s,.{PARCEL_MARK}]*[{PHONE_MARKS}]")
_ENDS = re.compile(rf"[ .]{{0,2}}(?:[\n,{PHONE_MARKS}{PARCEL_MARK}]|$)")
_QUOTE = re.compile(
    rf"(?:[\s,.→{PARCEL_MARK}]|\b(?:zip|code|quote|rate|rates|price|from|to|how|much|из|в|индекс)\b|/quote\b|\?)+",
    re.IGNORECASE,
)


def cut(text: str) -> list[str]:
    """The parts of `text`: every address by itself, and what stands between and after them."""
    parts: list[str] = []
    for walled in _WALL.split(text):
        parts.extend(_by_zip(walled))
    return [part for part in parts if part.strip(" \n,.")]


def _by_zip(text: str) -> list[str]:
    phone_first = _PHONE_FIRST.match(text) is not None
    parts, start = [], 0
    for match in zips(text):
        end = match.end()
        if state := state_at_start(text[end : end + 30]):
            end += state[1]
        if country := COUNTRY.match(text, end):
            end = country.end()
        if not phone_first and (phones := _PHONES_AFTER.match(text, end)):
            end = phones.end()
        parts.append(text[start:end])
        start = end
    return [*parts, text[start:]]


def zips(text: str) -> list[re.Match[str]]:
    """The five-digit numbers of `text` that are ZIP codes and not house or order numbers."""
    return [m for m in ZIP.finditer(text) if _is_zip(text, m)]


def _is_zip(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 60) : match.start()]
    after = text[match.end() : match.end() + 60]
    spot = spot_of(match[0])
    if state := state_at_end(before):
        return (spot is not None and spot.place.state == state[0]) or not _leads_a_street(after)
    if spot is None:
        return False
    if (state_after := state_at_start(after)) and state_after[0] == spot.place.state:
        return True
    line = re.split(r"[\n,]", before)[-1]
    if not line.strip(f" {PARCEL_MARK}") and _ENDS.match(after):
        return True
    if _ENDS.match(after) and STREET_START.search(line) and SUFFIX.search(line[-16:]):
        return True
    words = folded(re.sub(r"[,\n]", " ", before))
    return any(words.endswith(folded(name)) for name in spot.names)


def _leads_a_street(after: str) -> bool:
    line = after.split("\n")[0].split(",")[0]
    return bool(re.match(r"\s[A-Za-z]", line)) and SUFFIX.search(line) is not None


def lone_zips(text: str) -> list[str]:
    """The ZIP codes of a text that holds nothing else, as in a request for prices."""
    if not ZIP.search(text) or _QUOTE.sub("", ZIP.sub(" ", text)).strip():
        return []
    return [m[0] for m in ZIP.finditer(text) if spot_of(m[0])]
