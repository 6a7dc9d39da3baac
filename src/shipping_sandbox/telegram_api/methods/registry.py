"""The list of emulated methods and what each of them is given."""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from shipping_sandbox.telegram_api.errors import Json
from shipping_sandbox.telegram_api.params import Params
from shipping_sandbox.telegram_api.world import Bot


@attrs.frozen
class Call:
    """One call: whose it is, its parameters, and how to run a call that comes back from a webhook."""

    bot: Bot
    params: Params
    execute: Callable[[Bot, Json], None]


@attrs.frozen
class Described:
    """A result that the service sends with a sentence beside it."""

    result: Any
    description: str


Handler = Callable[[Call], Any]
H = TypeVar("H", bound=Handler)


@attrs.frozen
class Method:
    """A method under its proper name; `handler` may give an awaitable."""

    name: str
    handler: Handler


METHODS: dict[str, Method] = {}
"""By the name in lower case: the service does not look at the case."""


def method(name: str) -> Callable[[H], H]:
    """Register a handler under its method's name.

    Raises:
        ValueError: the name is taken.
    """

    def register(handler: H) -> H:
        if name.lower() in METHODS:
            raise ValueError(f"{name} is registered twice")
        METHODS[name.lower()] = Method(name, handler)
        return handler

    return register
