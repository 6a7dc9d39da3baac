"""Which field of a request cannot be used, as the request calls it, and how to mend it."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence
from typing import Any, Final

from litestar import Request
from msgspec import Struct
from msgspec.structs import fields

MOST_SAID: Final = 300
UNITS: Final = ("_minor", "_days", "_minutes")
"""What a request says of a number that the core knows as an amount or a time."""
NAMES: Final = {"refunds.windows.default": 'refunds.windows.""'}


class FieldProblem(Struct, frozen=True):
    """A field, dotted where it lies deeper, and how to mend it."""

    field: str
    message: str


def as_asked(request: Request[Any, Any, Any], field: str) -> str | None:
    """What this request calls a field of the core; None where its body has no such field, or it has none."""
    handler = request.scope.get("route_handler")
    taken = getattr(getattr(handler, "parsed_data_field", None), "annotation", None)
    parts = NAMES.get(field, field).split(".")
    return _within(taken, parts) or _within(taken, parts[1:])


def _within(model: Any, parts: Sequence[str]) -> str | None:
    if not parts or model is None:
        return None
    kinds = {known.name: known.type for known in fields(model)}
    name = next((n for n in (parts[0], *(parts[0] + unit for unit in UNITS)) if n in kinds), None)
    if name is None:
        return None
    deeper, inner = parts[1:], _inner(kinds[name])
    rest = _within(inner, deeper) or ".".join(deeper)
    return f"{name}.{rest}" if rest else name


def _inner(hint: Any) -> Any:
    kinds = (hint, *typing.get_args(hint))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Struct)), None)


_PLACE: Final = re.compile(r"^(?P<message>.*?)(?: - at `(?:key in )?\$?\.?(?P<place>.*?)`)?$", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_KINDS: Final = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "null": "null",
    "array": "a list", "object": "an object", "datetime": "a time", "date": "a day",
}  # fmt: skip
_SENTENCES: Final[Sequence[tuple[re.Pattern[str], str]]] = [
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (r"Expected `str` matching regex '\\+S'", "Write something."),
        (r"Expected `str` matching regex '(?P<what>.*)'", "It must be of the form {what}"),
        (r"Expected `str` of length >= 1$", "Write something."),
        (r"Expected `str` of length >= (?P<what>\d+)", "It must have at least {what} characters."),
        (r"Expected `str` of length <= (?P<what>\d+)", "It must have at most {what} characters."),
        (r"Expected `\w+` of length >= (?P<what>\d+)", "It must have at least {what} items."),
        (r"Expected `\w+` of length <= (?P<what>\d+)", "It must have at most {what} items."),
        (r"Expected `\w+` >= (?P<what>\S+)", "It must be at least {what}."),
        (r"Expected `\w+` <= (?P<what>\S+)", "It must be at most {what}."),
        (r"Invalid enum value", "It is not one of the words that can stand here."),
        (r"Invalid RFC3339 encoded datetime", "Write it as 2031-04-07T12:00:00Z."),
        (r"Invalid RFC3339 encoded date", "Write it as 2031-04-07."),
    )
]
"""What msgspec says of a value, and how we say it."""
_KIND: Final = re.compile(r"Expected `(?P<kinds>[a-z]+(?: \| [a-z]+)*)`, got `")


def field_problem(field: str, said: str) -> FieldProblem:
    """What msgspec said of a value, with the field named and nothing of the value repeated."""
    found = _PLACE.match(said)
    message, place = (found["message"], found["place"] or "") if found else (said, "")
    path = ".".join(part for part in (field, place) if part)
    for pattern, words in ((_UNKNOWN, "There is no such field."), (_MISSING, "It is missing.")):
        if inner := pattern.search(message):
            path, message = ".".join(p for p in (path, inner["name"]) if p), words
    if message == f"'{field}'":
        path, message = "body" if field == "data" else field, "It is missing."
    return FieldProblem((path or "body")[:MOST_SAID], _sentence(message)[:MOST_SAID])


def _sentence(message: str) -> str:
    for pattern, sentence in _SENTENCES:
        if found := pattern.match(message):
            return sentence.format(**found.groupdict())
    if found := _KIND.match(message):
        kinds = (_KINDS.get(kind, kind) for kind in found["kinds"].split(" | "))
        return f"It must be {' or '.join(kinds)}."
    return message
