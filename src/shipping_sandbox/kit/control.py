"""How a stand-in's knobs and gauges for tests are put on paths: a JSON body in, an answer out."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Concatenate, Literal, TypeVar

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from shipping_sandbox.kit.accidents import A, FaultBook
from shipping_sandbox.kit.answers import Answer, in_json

Method = Literal["GET", "POST", "PUT", "DELETE"]
B = TypeVar("B")


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """A jump of the clock."""

    advance_s: float


def command(
    path: str, kind: type[B], act: Callable[Concatenate[B, ...], Answer | Awaitable[Answer]]
) -> HTTPRouteHandler:
    """A POST whose body is read strictly as `kind`; anything else is 400 with a `detail`.

    `act` gets the parameters of the path by their names.
    """

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        try:
            wish = read(await request.body(), kind)
        except msgspec.DecodeError as bad:
            return in_json({"detail": str(bad)}, 400).response()
        answer = act(wish, **request.path_params)
        return (await answer if isawaitable(answer) else answer).response()

    return HTTPRouteHandler(path, http_method="POST", status_code=200)(handle)


def read(body: bytes, kind: type[B]) -> B:
    """A control's body; nothing counts as an empty object.

    Raises:
        msgspec.DecodeError: it is no JSON, or not of this kind.
    """
    return msgspec.json.decode(body or b"{}", type=kind)


def plain(method: Method, path: str, act: Callable[[], Answer]) -> HTTPRouteHandler:
    """A call without a body."""

    async def handle() -> ASGIResponse:
        return act().response()

    return HTTPRouteHandler(path, http_method=method, status_code=200)(handle)


def asking(
    method: Method, path: str, act: Callable[[Request[Any, Any, Any]], Answer | Awaitable[Answer]]
) -> HTTPRouteHandler:
    """A call whose `act` looks at the whole request.

    The function in between matters: litestar copies its handlers in depth, and of a bare method it
    would copy the object too.
    """

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        answer = act(request)
        return (await answer if isawaitable(answer) else answer).response()

    return HTTPRouteHandler(path, http_method=method)(handle)


def fault_handlers(path: str, kind: type[A], book: Callable[[], FaultBook[A]]) -> list[HTTPRouteHandler]:
    """Order an accident, list the ones to come, clear them."""

    def order(fault: A) -> Answer:
        book().orders.append(fault)
        return in_json({"faults": book().orders}, 201)

    def clear() -> Answer:
        book().orders.clear()
        return Answer(204)

    return [
        command(path, kind, order),
        plain("GET", path, lambda: in_json({"faults": book().orders})),
        plain("DELETE", path, clear),
    ]


def apply(wish: msgspec.Struct, target: object) -> None:
    """Take over the fields that were sent."""
    for name in wish.__struct_fields__:
        if (value := getattr(wish, name)) is not msgspec.UNSET:
            setattr(target, name, value)


def state(kind: type[msgspec.Struct], source: object) -> Answer:
    """The fields of `kind` as they stand."""
    return in_json({name: getattr(source, name) for name in kind.__struct_fields__})
