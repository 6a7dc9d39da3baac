"""How a route of the API is written: what it is called, what it answers, what it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta, Struct

from adapters.http_admin.etags import etag
from adapters.http_admin.models import model_of, view
from adapters.http_admin.once import MONEY
from shipping_core.domain.access import Performed

MODEL = "model"
"""Where a route keeps what it answers."""
EDITS = "edits"
"""The mark of a route that changes what was read, and needs its ETag in `If-Match`."""

Id = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=64)]
Reason = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=r"\S", description="Why; kept in the audit.")
]
Handler = Callable[..., Awaitable[Response[Any]]]


class Body(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a route takes; a field it does not know is refused."""


class Because(Body, frozen=True):
    """A reason, and nothing else."""

    reason: Reason


def reads(
    path: str, name: str, model: Any, summary: str, **more: Any
) -> Callable[[Handler], HTTPRouteHandler]:
    """A GET that answers `model`; `name` is its operation id, by which `roles` knows it."""

    def made(handler: Handler) -> HTTPRouteHandler:
        handler.__annotations__["return"] = Response[model]
        opt = {MODEL: model}
        return get(path, operation_id=name, summary=summary, opt=opt, **more)(handler)

    return made


def acts(
    path: str,
    name: str,
    model: Any,
    summary: str,
    *,
    money: bool = False,
    edits: bool = False,
    status_code: int = 200,
    **more: Any,
) -> Callable[[Handler], HTTPRouteHandler]:
    """A POST that does something, and answers what came of it.

    `money` makes it need an Idempotency-Key, `edits` an If-Match.
    """

    def made(handler: Handler) -> HTTPRouteHandler:
        handler.__annotations__["return"] = Response[model]
        opt = {MODEL: model, MONEY: money, EDITS: edits}
        return post(path, operation_id=name, summary=summary, status_code=status_code, opt=opt, **more)(
            handler
        )

    return made


PERFORMED = model_of(Performed)


def performed(done: Performed) -> Response[Any]:
    """200 for what is done; 202 for what waits for a second person, with the approval to be granted."""
    return Response(view(done), status_code=202 if done.approval else 200)


def answer(value: Any, version: int | None = None) -> Response[Any]:
    """The value as its model, under its ETag where it has a version."""
    return Response(view(value), headers=etag(version) if version is not None else None)
