"""Any name in the letters a US carrier can read.

The fonts every PDF reader has know Latin-1 only, and no installed package brings a Cyrillic one. Carriers
ask for Latin letters on domestic labels anyway, so names are written in them here; the label's PDF metadata
keeps the original.
"""

import unicodedata

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяієїґ"
_LATIN = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ' y ' e iu ia i ie i g"
_CYRILLIC = dict(zip(_LETTERS, _LATIN.split(" "), strict=True))
_OTHERS = {
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
    "œ": "oe",
    "Œ": "OE",
    "№": "No.",
    "…": "...",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
}
_UNKNOWN = "?"


def in_latin(text: str) -> str:
    """`text` in Latin-1: Cyrillic transliterated, accents kept where possible, the rest a question mark."""
    return " ".join(_word(word) for word in text.split())


def _word(word: str) -> str:
    latin = "".join(_letter(char) for char in word)
    return latin.upper() if len(word) > 1 and word.isupper() else latin


def _letter(char: str) -> str:
    if char.isprintable() and ord(char) < 256:
        return char
    if (latin := _CYRILLIC.get(char.lower())) is not None:
        return latin.capitalize() if char.isupper() else latin
    if char in _OTHERS:
        return _OTHERS[char]
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return plain if plain and all(ord(c) < 256 for c in plain) else _UNKNOWN
