"""What the API takes of a request: its id, its body to the letter, only the parameters there are."""

from __future__ import annotations

import functools
import re
import secrets
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from shipping_core.errors import InvalidInput

MAX_BODY_BYTES: Final = 64 * 1024
_TOKEN: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_KEPT: Final = "shipping_request_id"
_OWN: Final = {"request", "data"}


def request_id(scope: Scope) -> str:
    """This request's id: the client's own where it is a short token, else a new one."""
    state: dict[str, Any] = scope["state"]
    if _KEPT not in state:
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        state[_KEPT] = given.decode() if _TOKEN.fullmatch(given) else f"req_{secrets.token_hex(10)}"
    made: str = state[_KEPT]
    return made


class StrictRequest(Request[Any, Any, Any]):
    """Reads JSON as its route's model says, to the letter: no text for a number, no field too many."""

    async def json(self) -> Any:
        """The body, plain.

        Raises:
            ClientException: it is no JSON.
            ValidationException: it does not fit the model.
        """
        field = self.route_handler.parsed_data_field
        body = await self.body()
        try:
            if field is not None:
                msgspec.json.decode(body, type=field.annotation)
        except msgspec.ValidationError as exc:
            raise ValidationException(extra=[{"message": str(exc)}]) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ClientException from None
        return await super().json()


async def known_parameters(request: Request[Any, Any, Any]) -> None:
    """A `before_request` hook: every query parameter is one of the route's; given once, but for lists.

    Raises:
        InvalidInput: one is not.
    """
    known, seen = _parameters(request.route_handler), set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise InvalidInput(name[:64], "There is no such parameter.")
        if name in seen and name not in _lists(request.route_handler):
            raise InvalidInput(name, "Give it once.")
        seen.add(name)


@functools.cache
def _lists(handler: BaseRouteHandler) -> frozenset[str]:
    parameters = handler.parsed_fn_signature.parameters
    return frozenset(name.rstrip("_") for name, kind in parameters.items() if kind.is_non_string_sequence)


@functools.cache
def _parameters(handler: BaseRouteHandler) -> frozenset[str]:
    return frozenset(name.rstrip("_") for name in handler.parsed_fn_signature.parameters) - _OWN
