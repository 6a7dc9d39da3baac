"""Text that people wrote, made fit to be kept and shown."""

from __future__ import annotations

import unicodedata

from shipping_core.errors import InvalidInput

WORDS_LIMIT = 1000
LINE_LIMIT = 128
"""Code points of one line that is kept."""


def one_line(text: str, *, limit: int = LINE_LIMIT) -> str:
    """The same without control and direction characters, its spaces single, at most `limit` code points."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _shown(c))
    return " ".join(kept.split())[:limit].rstrip()


def written(field: str, text: str, *, most: int = WORDS_LIMIT) -> str:
    """What somebody wrote in one line or more, without control and direction characters.

    Raises:
        InvalidInput: nothing that can be seen is left, or more than `most` code points.
    """
    kept = "".join(c for c in text if c == "\n" or (c.isspace() and c not in "\r\v\f") or _shown(c)).strip()
    if not kept.replace("\u200d", ""):
        raise InvalidInput(field, "write something: it is kept with the change")
    if len(kept) > most:
        raise InvalidInput(field, f"is longer than {most} characters")
    return kept


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or character == "\u200d"
