"""Sessions, states, drafts and orders as plain JSON-like data, and back, for whatever store keeps them.

A store keeps what `dump` gives (dicts, lists, strings, ints, bools, None) and gets the same value back
from `load`. A class of a union is named in the data under `type`, so states can be told apart.
"""

from __future__ import annotations

import collections.abc
import datetime as dt
import enum
import functools
import types
import typing
from decimal import Decimal
from typing import Any, TypeVar

import attrs

T = TypeVar("T")
TAG = "type"


AS_IT_IS = frozenset({str, int, bool, types.NoneType})


@functools.cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of an attrs class; None for any other."""
    return tuple(a.name for a in attrs.fields(kind)) if attrs.has(kind) else None


def dump(value: Any) -> Any:
    """The value as plain data."""
    kind: Any = type(value)
    if kind in AS_IT_IS:
        return value
    names = _names(kind)
    if names is not None:
        return {TAG: kind.__name__, **{name: dump(getattr(value, name)) for name in names}}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value // dt.timedelta(microseconds=1)
    if isinstance(value, collections.abc.Mapping):
        return {dump(k): dump(v) for k, v in value.items()}
    if isinstance(value, frozenset):
        return sorted(dump(v) for v in value)
    if isinstance(value, tuple | list):
        return [dump(v) for v in value]
    return value


def load(data: Any, kind: type[T]) -> T:
    """The value of this class that `dump` made `data` from.

    Raises:
        ValueError: the data is of another class, or lacks something.
    """
    try:
        return typing.cast("T", _loader(typing.cast("collections.abc.Hashable", kind))(data))
    except (ArithmeticError, AttributeError, KeyError, TypeError) as exc:
        raise ValueError(f"not a stored {getattr(kind, '__name__', kind)}") from exc


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@functools.cache
def _loaders(kind: type) -> dict[str, collections.abc.Callable[[Any], Any]]:
    return {name: _loader(hint) for name, hint in _hints(kind).items()}


def _object(kind: type, data: Any) -> Any:
    if data[TAG] != kind.__name__:
        raise ValueError(f"expected {kind.__name__}, found {data[TAG]}")
    loaders = _loaders(kind)
    return kind(**{name: loaders[name](value) for name, value in data.items() if name != TAG})


@functools.cache
def _named(members: tuple[Any, ...]) -> dict[str, Any]:
    return {m.__name__: m for m in members if attrs.has(m)}


def _union(members: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        return None
    if by_name := _named(members):
        return _object(by_name[data[TAG]], data)
    (only,) = (m for m in members if m is not types.NoneType)
    return _loader(only)(data)


@functools.cache
def _loader(kind: Any) -> collections.abc.Callable[[Any], Any]:
    kind = getattr(kind, "__supertype__", kind)  # a NewType is its base
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return lambda data: _union(args, data)
    if origin in {tuple, frozenset}:
        return lambda data: origin(_loader(args[0])(v) for v in data)
    if origin is collections.abc.Mapping:
        key, value = args
        return lambda data: {_loader(key)(k): _loader(value)(v) for k, v in data.items()}
    if attrs.has(kind):
        return lambda data: _object(kind, data)
    if kind in {dt.datetime, dt.date}:
        return lambda data: kind.fromisoformat(data)
    if kind is dt.timedelta:
        return lambda data: dt.timedelta(microseconds=data)
    if isinstance(kind, type) and issubclass(kind, enum.Enum | Decimal):
        return kind
    return lambda data: data
