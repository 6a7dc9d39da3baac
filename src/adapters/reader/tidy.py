"""How a value is shown: title case where the writer used one case only, house forms of boxes and units."""

from __future__ import annotations

import re

_UPPER = frozenset(
    "N S E W NE NW SE SW PO RR HC PSC CMR APO FPO DPO LLC USA US II III IV LP LLP PLLC".split()  # noqa: SIM905
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)
_WORD = re.compile(r"[^\s,/&()\-]+")
_PO_BOX = re.compile(
    r"\bp\.?\s?o\.?\s?b(?:ox|\.)?\s{0,2}#?\s{0,2}(?=\d|[A-Z]\b)|\bpost office box\s+", re.IGNORECASE
)
_EDGES = " \t\n,;:.!?*=_|/\\→\"'{}[]-"
_RUSSIAN_UNITS = (
    (re.compile(r"\b(?:кв|квартира)\b\.?\s*", re.IGNORECASE), "Apt "),
    (re.compile(r"\b(?:оф|офис)\b\.?\s*", re.IGNORECASE), "Ste "),
)
_HASH = re.compile(r"#\s+")


def trimmed(text: str) -> str:
    """Without separators at the ends and with single spaces."""
    text = " ".join(text.split()).strip(_EDGES)
    return text[1:-1].strip(_EDGES) if text.startswith("(") and text.endswith(")") else text


def tidy(text: str) -> str:
    """Trimmed; in title case if it was written all lower or all upper."""
    text = trimmed(text)
    shouted = text.isupper() and (" " in text or len(text) > 4)
    return _WORD.sub(lambda m: _titled(m[0]), text) if text.islower() or shouted else text


def tidy_city(text: str) -> str:
    """A city; in capitals only what the post writes so, as `APO`."""
    text = tidy(text)
    return _titled(text) if text.isupper() and len(text) > 3 else text


def tidy_street(text: str) -> str:
    """A street line, its post box in the form `PO Box 12` of USPS Publication 28."""
    return tidy(_PO_BOX.sub("PO Box ", tidy(text)))


def tidy_unit(text: str) -> str:
    """An apartment, suite or unit, with Russian words for them in English."""
    text = _HASH.sub("#", " ".join(text.split()).strip(_EDGES))
    for pattern, english in _RUSSIAN_UNITS:
        text = pattern.sub(english, text)
    if re.match(r"(?i)c\s?/\s?o\b", text):
        return re.sub(r"(?i)^c\s?/\s?o\b[\s.:]*", "c/o ", text).strip()
    return tidy(text)


def _titled(word: str) -> str:
    bare = word.rstrip(".")
    if bare.upper() in _UPPER or (any(c.isdigit() for c in bare) and not _ORDINAL.fullmatch(bare)):
        return word.upper()
    if "." in bare and len(bare) <= 4:
        return word.upper()
    if _ORDINAL.fullmatch(bare):
        return word.lower()
    parts = [p[:1].upper() + p[1:].lower() for p in word.split("'")]
    if len(parts) == 2 and len(parts[1]) <= 1:
        parts[1] = parts[1].lower()
    titled = "'".join(parts)
    if re.fullmatch(r"Mc[a-z]{3,}", titled):
        return f"Mc{titled[2].upper()}{titled[3:]}"
    return titled
