"""What has been read of one address, and the pieces of text still to be read."""

from __future__ import annotations

import re

from attrs import Factory, define, frozen

from adapters.reader.chunks import PARCEL_MARK, PHONE_MARKS
from adapters.reader.tidy import trimmed
from adapters.reader.words import STREET_START
from shipping_core.domain.draft import Entry

LIMITS = {"name": 50, "street1": 60, "street2": 60, "city": 50}
"""Characters a label has room for."""
MARKS = re.compile(f"[{PHONE_MARKS}{PARCEL_MARK}]")
_PIECES = re.compile(r"([,\n]\s*)")


@frozen
class Piece:
    """A stretch of text between commas and line ends, and whether an empty line stands before it."""

    text: str
    after_gap: bool = False


@define
class Parsed:
    """What one stretch of text says about one address; `phones` are marks to be looked up."""

    values: dict[str, Entry] = Factory(dict)
    phones: list[str] = Factory(list)
    unread: list[str] = Factory(list)
    has_zip: bool = False

    def put(self, what: str, value: str, confidence: float) -> None:
        """Keeps a value that fits on a label; the first one wins."""
        if not value or what in self.values:
            return
        if len(value) > LIMITS.get(what, 60) or not any(c.isalnum() for c in value):
            self.unread.append(value)
        else:
            self.values[what] = Entry(value, confidence)


def split_pieces(text: str) -> list[Piece]:
    """The pieces of `text` between commas and line ends, without empty ones."""
    result, gap = [], False
    for n, part in enumerate(_PIECES.split(text)):
        if n % 2:
            gap = gap or part.count("\n") > 1
        elif trimmed(part):
            result.append(Piece(part.strip(), gap))
            gap = False
    return result


def has_street(pieces: list[Piece]) -> bool:
    """Whether a street begins in one of them."""
    return any(STREET_START.search(p.text) for p in pieces)
