"""The core's values as the API shows them: one model for each class, made from the class itself.

Money is `{"minor": 742, "currency": "USD", "text": "7.42 USD"}`, times are RFC 3339 in UTC, and decimals are
text, so that nobody's float touches them.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

import attrs
import msgspec
from msgspec import Meta, Struct

from shipping_core.domain.access import ApiKey
from shipping_core.domain.alert import Alert
from shipping_core.domain.money import Money
from shipping_core.domain.statistics import Figures, OfService

HIDDEN: Final[Mapping[type, frozenset[str]]] = {ApiKey: frozenset({"fingerprint", "previous"})}
"""What never leaves."""
SHOWN: Final[Mapping[type, Mapping[str, Any]]] = {
    Alert: {"record_id": str},
    Figures: {"margin": Money},
    OfService: {"margin": Money},
}
"""What is worked out, and shown as well."""


class MoneyModel(Struct, frozen=True):
    """An exact amount in whole minor units; `text` is the same for people."""

    minor: int
    currency: str
    text: str


@functools.cache
def model_of(kind: type) -> type[Struct]:
    """The model of a class of the core."""
    hints = typing.get_type_hints(kind)
    names = [a.name for a in attrs.fields(kind) if a.name not in HIDDEN.get(kind, ())]
    shown = {name: hints[name] for name in names} | dict(SHOWN.get(kind, {}))
    return msgspec.defstruct(
        kind.__name__,
        [(name, _type_of(hint)) for name, hint in shown.items()],
        frozen=True,
        kw_only=True,
        module=__name__,
        namespace={"__doc__": inspect.getdoc(kind)},
    )


def _type_of(hint: Any) -> Any:
    hint = getattr(hint, "__supertype__", hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return typing.Union[tuple(_type_of(a) for a in arguments)]  # noqa: UP007 - made while running
    if origin is tuple:
        return list[_type_of(arguments[0])]  # type: ignore[misc] # made while running
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict[str, _type_of(arguments[1])]  # type: ignore[misc] # made while running
    if hint is Money:
        return MoneyModel
    if hint is Decimal:
        return str
    if hint is dt.datetime:
        return Annotated[hint, Meta(tz=True)]
    return model_of(hint) if attrs.has(hint) else hint


def many(model: type[Struct]) -> Any:
    """The type of a list of them."""
    return list[model]  # type: ignore[valid-type] # made while running


def view(value: Any) -> Any:
    """The value as its model, or as plain JSON."""
    if isinstance(value, Money):
        return MoneyModel(value.minor, value.currency, str(value))
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_plain(key)): view(kept) for key, kept in value.items()}
    if isinstance(value, tuple | list):
        return [view(one) for one in value]
    kind: Any = type(value)
    if attrs.has(kind):
        model = model_of(kind)
        return model(**{name: view(getattr(value, name)) for name in model.__struct_fields__})
    return value


def columns(model: type[Struct], before: str = "") -> Iterator[str]:
    """The names of a model's cells in a table, dotted where they lie deeper."""
    for info in msgspec.structs.fields(model):
        inner = _inner(info.type)
        if inner is None:
            yield before + info.name
        else:
            yield from columns(inner, f"{before}{info.name}.")


def cells(model: type[Struct], item: Struct | None) -> Iterator[Any]:
    """An item's cells, under the same columns; an empty one where there is nothing."""
    for info in msgspec.structs.fields(model):
        value, inner = getattr(item, info.name, None), _inner(info.type)
        if inner is None:
            yield _cell(value)
        else:
            yield from cells(inner, value)


def _inner(hint: Any) -> type[Struct] | None:
    """The model that a field holds, or may hold; money is one cell."""
    for kind in (*typing.get_args(hint), hint):
        if isinstance(kind, type) and issubclass(kind, Struct):
            return None if kind is MoneyModel or typing.get_origin(hint) in {list, dict} else kind
    return None


def _cell(value: Any) -> Any:
    if isinstance(value, MoneyModel):
        return value.text
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode() if value else ""
    return _plain(value)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
