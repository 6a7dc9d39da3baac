"""Telephone numbers, by the rules of the `phonenumbers` package."""

from __future__ import annotations

import re
from functools import lru_cache

_GAP = r"[ .\-/]{0,2}"
PHONE = re.compile(
    r"(?:(?:\b(?:phone|telephone|tel|mobile|mob|cell|ph|contact|p|t)\b|\b(?:телефон|тел|моб|сот|т)\b)"
    r"(?: (?:number|no|номер))?[\s.:#=-]{0,4})?"
    r"(?<![\w+-])(?:(?P<us>(?:\+?1[ .\-]{0,2})?(?:\(\d{3}\)|\d{3})" + _GAP + r"\d{3}" + _GAP + r"\d{4})"
    r"|(?P<abroad>\+\d(?:[ .\-()]{0,2}\d){6,14}))(?![\w-])(?: ?(?:x|ext\.?) ?\d{1,5}\b)?",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def e164(text: str) -> str:
    """The number in E.164, American unless it starts with a plus; empty if it cannot exist."""
    import phonenumbers  # only texts with a number need it

    try:
        number = phonenumbers.parse(text[:40], "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
