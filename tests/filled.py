"""A value of any class of the core, with every field set."""

from __future__ import annotations

import collections.abc
import datetime as dt
import enum
import types
import typing
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from builders import NOW

T = TypeVar("T")
ONLY_THESE: dict[str, Any] = {"currency": "USD", "unit": "in", "minor": 512}
"""By the name of the field: what takes nothing else."""
PLAIN: dict[Any, Any] = {
    int: 7,
    bool: True,
    float: 0.5,
    Decimal: Decimal("2.50"),
    dt.datetime: NOW + dt.timedelta(milliseconds=1),
    dt.date: NOW.date(),
    dt.timedelta: dt.timedelta(days=3, microseconds=1),
}


def filled(kind: type[T], /, **changes: Any) -> T:
    """The value; every text in it says which field it is, unless `changes` say otherwise."""
    hints = typing.get_type_hints(kind)
    names = [a.name for a in attrs.fields(kind) if a.init]  # type: ignore[arg-type]
    return kind(**{**{name: _value(hints[name], name) for name in names}, **changes})


def _value(hint: Any, name: str) -> Any:
    hint = getattr(hint, "__supertype__", hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if name in ONLY_THESE and hint in {str, int}:
        return ONLY_THESE[name]
    if origin in {typing.Union, types.UnionType}:
        return _value(next(a for a in reversed(args) if a is not types.NoneType), name)
    if origin is tuple:
        return (_value(args[0], name),)
    if origin is frozenset:
        return frozenset({_value(args[0], name)})
    if origin is collections.abc.Mapping:
        return {_value(args[0], name): _value(args[1], name)}
    if attrs.has(hint):
        return filled(hint, **({"unit": "oz"} if hint.__name__ == "Weight" else {}))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)[-1]
    return f"a {name}" if hint is str else PLAIN[hint]
