"""Text with a little mark-up, as operators write it to customers: the part of HTML that Telegram reads.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re

from shipping_core.errors import InvalidInput

MOST_UNITS = 4096
"""Of what a customer reads, in UTF-16 code units."""
TAGS = "b, i, u, s, code, pre, blockquote, tg-spoiler, a href and span class tg-spoiler"
_PIECE = re.compile(
    r"""<(?P<end>/)?(?P<tag>b|i|u|s|code|pre|blockquote|tg-spoiler)>
      | <(?P<link>a)\ href=(?P<quote>["'])(?:https?://|tg://)[^\s<>"']+(?P=quote)>
      | <(?P<spoiler>span)\ class=(?:"tg-spoiler"|'tg-spoiler')>
      | </(?P<closed>a|span)>
      | &(?:(?P<name>amp|lt|gt|quot)|\#(?P<number>[0-9]{1,7})|\#x(?P<hex>[0-9a-fA-F]{1,6}));
      | (?P<plain>[^<&]+)""",
    re.VERBOSE,
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
_PLAIN_ONLY = ("code", "pre")
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What controls the text around it instead of being read; a line break may stay."""


def rich_text(field: str, text: str) -> str:
    """The text as it may be sent: every tag known, closed and well nested.

    Raises:
        InvalidInput: it may not; the reason says where, and how to mend it.
    """
    text = text.replace("\r\n", "\n").strip()
    if len(text) > 4 * MOST_UNITS:
        raise InvalidInput(field, f"write at most {MOST_UNITS} characters")
    read = _plain(field, text)
    if _HIDDEN.search(text) or _HIDDEN.search(read):
        raise InvalidInput(field, "leave out control characters and those that turn the writing direction")
    if not read.strip():
        raise InvalidInput(field, "write something to read")
    if (units := len(read.encode("utf-16-le")) // 2) > MOST_UNITS:
        raise InvalidInput(field, f"write at most {MOST_UNITS} characters; these are {units}")
    return text


def _plain(field: str, text: str) -> str:
    """What is left to read without the mark-up."""
    at, opened, read = 0, list[str](), ""
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise _broken(field, at, f"use only {TAGS}; write < as &lt; and & as &amp;")
        if begun := piece["link"] or piece["spoiler"] or (not piece["end"] and piece["tag"]):
            if begun in opened or (opened and opened[-1] in _PLAIN_ONLY):
                raise _broken(field, at, f"no <{begun}> inside <{opened[-1]}>")
            opened.append(begun)
        elif ended := piece["closed"] or piece["tag"]:
            if not opened or opened.pop() != ended:
                raise _broken(field, at, f"</{ended}> does not close the last tag opened")
        else:
            read += piece["plain"] or _character(piece)
        at = piece.end()
    if opened:
        raise _broken(field, at, f"close <{opened[-1]}>")
    return read


def _character(entity: re.Match[str]) -> str:
    if entity["name"]:
        return _NAMED[entity["name"]]
    code = int(entity["number"]) if entity["number"] else int(entity["hex"], 16)
    return chr(code) if code <= 0x10FFFF else "\0"


def _broken(field: str, at: int, why: str) -> InvalidInput:
    return InvalidInput(field, f"at character {at + 1}: {why}")
