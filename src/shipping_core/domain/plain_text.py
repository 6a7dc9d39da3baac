"""Text that people wrote, made fit to be kept and shown in one line."""

from __future__ import annotations

import unicodedata

LINE_LIMIT = 128
"""Code points of one line that is kept."""


def one_line(text: str, *, limit: int = LINE_LIMIT) -> str:
    """The same without control and direction characters, its spaces single, at most `limit` code points."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _shown(c))
    return " ".join(kept.split())[:limit].rstrip()


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or character == "\u200d"
