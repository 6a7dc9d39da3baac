"""Makes any text safe and plain before it is read: one alphabet of separators, no hidden characters."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_CHARACTERS = 4096
"""One Telegram message, https://core.telegram.org/bots/api#sendmessage (text)."""
ARROW = "→"

_BREAK_TAG = re.compile(r"</?(?:br|div|p|tr|li|ul|table)\b[^<>\n]{0,100}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>\n]{0,100}>")
_ARROWS = re.compile(r"-{1,3}>|={1,3}>|>>+|[→⇒➡⮕⟶➔➜⇨⬇↓]")
_SEPARATORS = re.compile(r"[|;•·‣∙\t]|(?<=\s)/(?=\s)")
_BULLET = re.compile(r"^(?:[-*+]|\d{1,2}[.)])\s+(?=\D)", re.MULTILINE)
_QUOTES = str.maketrans(
    dict.fromkeys("‘’‛`´ʼ", "'") | dict.fromkeys("“”„«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Me", "Sk"}


def clean(text: str) -> str:
    """`text` without markup, control, bidi and zero-width characters and emoji; lines are kept."""
    text = unicodedata.normalize("NFC", _plain(text[:MAX_CHARACTERS]))
    text = html.unescape(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _TAG.sub("", _BREAK_TAG.sub("\n", _ARROWS.sub(ARROW, text.translate(_QUOTES))))
    text = "".join(map(_character, text))
    text = unicodedata.normalize("NFC", _BULLET.sub("", _SEPARATORS.sub(",", text)))
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def _plain(text: str) -> str:
    return text.encode("utf-8", "ignore").decode("utf-8")


def _character(char: str) -> str:
    if char in "<>":
        return " "
    if char < "\x7f":
        return char if char.isprintable() or char == "\n" else ""
    category = unicodedata.category(char)
    if category in _DROPPED or "\ufe00" <= char <= "\ufe0f":
        return "\n" if char == "\x85" else ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    if "\uff01" <= char <= "\uff5e":
        return unicodedata.normalize("NFKC", char).translate({60: " ", 62: " "})
    if category == "So":
        return "#" if char == "№" else " "
    if category.startswith("Z"):
        return "\n" if category in {"Zl", "Zp"} else " "
    return char
