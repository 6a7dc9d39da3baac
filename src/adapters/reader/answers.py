"""Reads a text as the answer to one question."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.reader.parsed import LIMITS
from adapters.reader.phones import e164
from adapters.reader.places import place_of
from adapters.reader.states import state_at_end, state_code
from adapters.reader.tidy import tidy, tidy_street, tidy_unit, trimmed
from shipping_core.domain import parcel_text as say
from shipping_core.domain.draft import Entry, Field
from shipping_core.ports.reader import Answer

_ZIP = re.compile(
    r"(?:zip(?:\s?code)?|индекс)?[\s:#.]{0,3}([0-9]{5})(?:[-\s]?([0-9]{4}))?[\s.,]{0,3}", re.IGNORECASE
)
_NUMBER_WORD = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|general delivery)\b", re.IGNORECASE
)


def answered(text: str, wanted: Field) -> Answer:
    """`text`, already clean and on one line, as the value of `wanted`."""
    if not trimmed(text):
        return Answer(reason="empty")
    return _READERS[wanted.what](text)


def _line(text: str, what: str, shape: Callable[[str], str]) -> Answer:
    value = shape(text)
    if not any(c.isalpha() for c in value):
        return Answer(reason="no_letters")
    if len(value) > LIMITS[what]:
        return Answer(reason="too_long")
    return Answer(Entry(value))


def _name(text: str) -> Answer:
    return _line(text, "name", tidy)


def _street1(text: str) -> Answer:
    answer = _line(text, "street1", tidy_street)
    if answer.entry and not any(c.isdigit() for c in text) and not _NUMBER_WORD.match(answer.entry.value):
        return Answer(reason="no_digits")
    return answer


def _street2(text: str) -> Answer:
    value = tidy_unit(text)
    return Answer(reason="too_long") if len(value) > LIMITS["street2"] else Answer(Entry(value))


def _city(text: str) -> Answer:
    state = state_at_end(text)
    if state and state[2] and re.search(r",\s*$", text[: state[1]]):
        text = text[: state[1]]
    return _line(text, "city", tidy)


def _state(text: str) -> Answer:
    code = state_code(trimmed(text))
    return Answer(Entry(code)) if code else Answer(reason="not_a_state")


def _zip(text: str) -> Answer:
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        return Answer(reason="not_a_zip")
    code = f"{match[1]}-{match[2]}" if match[2] else match[1]
    return Answer(Entry(code, place=place_of(code)))


def _phone(text: str) -> Answer:
    number = e164(text) if sum(c.isdigit() for c in text) >= 7 else ""
    return Answer(Entry(number)) if number else Answer(reason="not_a_phone")


def _weight(text: str) -> Answer:
    found = next(say.weights(text), None)
    confidence, weight = 1.0, found.weight if found else None
    if weight is None and (bare := next(say.weights(f"{text.strip()} lb"), None)) and bare.span[0] == 0:
        confidence, weight = 0.7, bare.weight
    if weight is None:
        return Answer(reason="not_a_weight")
    if say.too_heavy(weight):
        return Answer(reason="too_heavy")
    return Answer(Entry(say.weight_entry(weight), confidence))


def _side(number: int) -> Callable[[str], Answer]:
    def read(text: str) -> Answer:
        size = next(say.sizes(text), None)
        if size is not None:
            one = ((size.size.length, size.size.width, size.size.height)[number], size.size.unit)
        else:
            alone = say.parse_length(text.strip(" .,:;="))
            if alone is None:
                return Answer(reason="not_a_size")
            one = alone
        if say.too_long(*one):
            return Answer(reason="too_large")
        return Answer(Entry(say.length_entry(*one)))

    return read


_READERS: dict[str, Callable[[str], Answer]] = {
    "name": _name,
    "street1": _street1,
    "street2": _street2,
    "city": _city,
    "state": _state,
    "zip": _zip,
    "phone": _phone,
    "weight": _weight,
    "length": _side(0),
    "width": _side(1),
    "height": _side(2),
    "box": lambda _: Answer(reason="not_a_box"),
}
