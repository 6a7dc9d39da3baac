"""Texts in Telegram's HTML: how long they are, what they say without mark-up, where to cut them.

Lengths are UTF-16 code units, the strictest reading of Telegram's limits:
https://core.telegram.org/bots/api#formatting-options
"""

from __future__ import annotations

import html
import re
from typing import Final

MESSAGE_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
_TAG: Final = re.compile(r"<[^<>]*>")


def units(text: str) -> int:
    """The length of plain `text` in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(markup: str) -> str:
    """What a person reads: tags dropped, entities resolved; never fails, however broken the mark-up."""
    return html.unescape(_TAG.sub("", markup))


def fits(markup: str, limit: int = MESSAGE_LIMIT) -> bool:
    """Whether the text has at most `limit` units once its mark-up is parsed."""
    # Parsing never lengthens a text, so most texts need no look inside; one unit may be half a character.
    return 2 * len(markup) <= limit or units(plain(markup)) <= limit


def sentence(text: str) -> str:
    """`text` with a full stop, where it ends without any mark of its own."""
    return text if not text or text[-1] in ".!?…" else text + "."


def shorten(text: str, limit: int) -> str:
    """Plain `text` within `limit` units, with an ellipsis where it was cut."""
    return text if units(text) <= limit else _head(text, limit - 1) + "…"


def split(markup: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """`markup` as pieces that each fit, cut between paragraphs where possible.

    A paragraph is taken to close the tags it opens; one that is too long by itself loses its
    mark-up and is cut at a line or a space.
    """
    if fits(markup, limit):
        return [markup]
    pieces: list[str] = []
    for paragraph in markup.split("\n\n"):
        joined = f"{pieces[-1]}\n\n{paragraph}" if pieces else paragraph
        if fits(joined, limit):
            pieces[-1:] = [joined]
        elif fits(paragraph, limit):
            pieces.append(paragraph)
        else:
            pieces += [html.escape(part, quote=False) for part in _cut(plain(paragraph), limit)]
    return [piece for piece in pieces if piece.strip()]


def _cut(text: str, limit: int) -> list[str]:
    parts: list[str] = []
    while units(text) > limit:
        head = _head(text, limit)
        border = max(head.rfind("\n"), head.rfind(" "))
        end = border if border > 0 else len(head)
        parts.append(text[:end])
        text = text[end:].lstrip()
    return [*parts, text]


def _head(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
