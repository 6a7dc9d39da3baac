"""Marks within a text. Offsets and lengths count UTF-16 units (core.telegram.org/api/entities)."""

import re
from typing import Any

from shipping_sandbox.telegram_api.errors import Json

MAX_ENTITIES = 100

_FOUND_BY_ITSELF = re.compile(
    r"(?P<bot_command>(?<![\w/@<>.&-])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<url>(?<!\w)https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
)


def utf16_len(text: str) -> int:
    """Count a text in UTF-16 units: characters beyond the basic plane count two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def found_in(text: str, taken: list[Json]) -> list[Json]:
    """Find bot commands and web addresses, leaving out what overlaps the marks already `taken`."""
    if "/" not in text:
        return []
    found: list[Json] = []
    for match in _FOUND_BY_ITSELF.finditer(text):
        offset = utf16_len(text[: match.start()])
        length = utf16_len(match[0])
        overlaps = any(e["offset"] < offset + length and offset < e["offset"] + e["length"] for e in taken)
        if not overlaps:
            found.append({"type": str(match.lastgroup), "offset": offset, "length": length})
    return found


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Drop white space around the text, as the service does, and move the marks along."""
    stripped = text.strip()
    if stripped == text or not entities:
        return stripped, entities
    shift = utf16_len(text[: len(text) - len(text.lstrip())])
    end = utf16_len(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        stop = min(entity["offset"] + entity["length"] - shift, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return stripped, kept


def in_order(entities: list[Json]) -> list[Json]:
    """Sort marks by place, the longer one first, and cut them at the service's maximum."""
    return sorted(entities, key=lambda e: (e["offset"], -e["length"]))[:MAX_ENTITIES]


def given(value: Any) -> list[Json]:
    """Take the marks a caller listed by himself; what is not a mark is ignored."""
    if not isinstance(value, list):
        return []
    return [
        entity
        for entity in value
        if isinstance(entity, dict)
        and isinstance(entity.get("type"), str)
        and isinstance(entity.get("offset"), int)
        and isinstance(entity.get("length"), int)
        and entity["offset"] >= 0
        and entity["length"] > 0
    ]
