"""Takes the parcel out of a text: its weight and sides, leaving a mark where they stood."""

from __future__ import annotations

import re

from adapters.reader.chunks import PARCEL_MARK
from shipping_core.domain import parcel_text as say
from shipping_core.domain.draft import SIZES, Entry, Field

_NAMED, _IMPLIED, _DEFAULT, _SEVERAL = 0.95, 0.85, 0.7, 0.6
_LEAD_IN = re.compile(
    r"(?:\b(?:weight|weighs|weighing|wt|size|sizes|dims?|dimensions?|measures|measuring|вес(?:ит)?|размеры?|габариты)\b"
    rf"|[:=\-]|\b(?:is|about|of|approx)\b|\s){{1,6}}{PARCEL_MARK}",
    re.IGNORECASE,
)


def take_parcel(text: str) -> tuple[str, dict[Field, Entry]]:
    """The text with marks for what was read, and the parcel's fields."""
    weights = list(say.weights(text))
    metric = bool(weights) and weights[0].weight.unit == "g"
    sizes = list(say.sizes(text, default_unit="cm" if metric else "in"))
    implied = _IMPLIED if weights and not metric else _DEFAULT
    found = _sides([s for s in sizes if not say.too_large(s.size)], implied)
    if usable := [w.weight for w in weights if not say.too_heavy(w.weight)]:
        sure = _NAMED if len(set(usable)) == 1 else _SEVERAL
        found[Field.WEIGHT] = Entry(say.weight_entry(usable[0]), sure)
    text = _marked(text, [*(s.span for s in sizes), *(w.span for w in weights)])
    return _LEAD_IN.sub(lambda m: ("\n" if m[0].startswith("\n") else " ") + PARCEL_MARK, text), found


def _sides(sizes: list[say.SizeFound], implied: float) -> dict[Field, Entry]:
    if not sizes:
        return {}
    size = sizes[0].size
    sure = _NAMED if sizes[0].unit_named else implied
    if len({s.size for s in sizes}) > 1:
        sure = _SEVERAL
    values = (size.length, size.width, size.height)
    return {f: Entry(say.length_entry(v, size.unit), sure) for f, v in zip(SIZES, values, strict=True)}


def _marked(text: str, spans: list[say.Span]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{PARCEL_MARK}{text[end:]}"
    return text
