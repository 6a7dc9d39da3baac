"""Every way the API says no: RFC 9457 problem details, one table from error to status.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap, Scope
from msgspec import Struct

from adapters.http_admin.fields import MOST_SAID, FieldProblem, as_asked, field_problem
from adapters.http_admin.requests import request_id
from shipping_core import errors as e

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5

STATUS: Final[Mapping[type[e.ShippingError], tuple[int, str]]] = {
    e.InsufficientFunds: (409, "The balance is short"),
    e.InvalidAddress: (422, "An address or parcel cannot be used"),
    e.QuoteExpired: (409, "The prices are too old"),
    e.TooManyInvoices: (409, "Too many top-ups are open"),
    e.InvalidAmount: (422, "The amount is out of bounds"),
    e.SalesClosed: (409, "Nothing is sold to this customer now"),
    e.NotEligible: (409, "The label cannot be asked back"),
    e.InvalidInput: (422, "A field cannot be used"),
    e.TooMany: (409, "As many as are allowed are there already"),
    e.TooFast: (429, "Too many tries"),
    e.NoticeRefused: (422, "The notice is refused"),
    e.UnexpectedEvent: (409, "Not now"),
    e.NotFound: (404, "No such thing"),
    e.Conflict: (409, "Somebody was first, or its state does not allow it"),
    e.StaleVersion: (412, "It was changed meanwhile: read it again"),
    e.BeingAnswered: (409, "The same request is being answered"),
    e.TransactionConflict: (409, "Others were at it at the same time: try again"),
    e.OperatorNeeded: (409, "An operator has to decide"),
    e.StoreUnavailable: (503, "The store does not answer"),
    e.GatewayRefused: (409, "The partner refuses"),
    e.GatewayUnavailable: (503, "The partner cannot be reached: nothing was done"),
    e.OutcomeUnknown: (502, "The partner did not answer: it may be done, and is looked up"),
}
"""What each leaf of the core's errors is here."""

PASSING: Final = (e.GatewayUnavailable, e.StoreUnavailable, e.BeingAnswered, e.TransactionConflict)
"""Errors that are over by themselves: the same may be asked again."""
UNSAID: Final = (e.StoreUnavailable, e.GatewayUnavailable, e.OutcomeUnknown)
"""Errors of machines: their texts are for our log."""
SENTENCES: Final = {
    400: "The request cannot be read: send well-formed JSON.",
    401: "A good key is needed in the header X-API-Key.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The body is too large: 64 KiB at most.",
    422: "Some of it cannot be used: see `errors`.",
    429: "Too many requests: wait as Retry-After says.",
    500: "Something is wrong on our side; the request id leads to the log.",
}


def title_of(error: e.ShippingError) -> str:
    """What an error of the core is called here."""
    return STATUS[next(kind for kind in type(error).__mro__ if kind in STATUS)][1]


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why not."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldProblem] = []


class Refusal(HTTPException):
    """A no of the API's own, with a sentence of ours."""


Asked = Request[Any, Any, Any]


def _of_core(request: Asked, error: e.ShippingError) -> Response[Problem]:
    leaf = next(kind for kind in type(error).__mro__ if kind in STATUS)
    status, title = STATUS[leaf]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request %s: %s (%s)", request_id(request.scope), title, type(error).__name__)
    named = _named(request, error)
    detail = title if isinstance(error, UNSAID) else str(error)
    if named is not None:
        detail = f"{named.field}: {named.message}"
    return _answer(
        request,
        status,
        title,
        detail,
        kind=_slug(leaf.__name__),
        errors=[named] if named else [],
        headers=_later(error),
    )


def _of_litestar(request: Asked, error: HTTPException) -> Response[Problem]:
    refused = isinstance(error, ValidationException)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_bug(request, error)
    phrase = HTTPStatus(status).phrase
    detail = error.detail if isinstance(error, Refusal) else SENTENCES.get(status, phrase)
    headers = dict(error.headers or {})
    if status == HTTPStatus.TOO_MANY_REQUESTS and "RateLimit-Reset" in headers:
        headers["Retry-After"] = headers["RateLimit-Reset"]
    extra = error.extra if isinstance(error.extra, list) else []
    problems = [field_problem(given.get("key", "").rstrip("_"), given.get("message", "")) for given in extra]
    return _answer(request, status, phrase, detail, errors=problems, headers=headers)


def _of_bug(request: Asked, error: Exception) -> Response[Problem]:
    log.error("request %s failed", request_id(request.scope), exc_info=error)
    return _answer(request, 500, HTTPStatus(500).phrase, SENTENCES[500])


def _of_depth(request: Asked, _: RecursionError) -> Response[Problem]:
    return _answer(request, 400, HTTPStatus(400).phrase, SENTENCES[400])


PROBLEMS: Final[ExceptionHandlersMap] = {
    e.ShippingError: _of_core,
    HTTPException: _of_litestar,
    RecursionError: _of_depth,
    Exception: _of_bug,
}
"""For the application: every error becomes a problem."""


Broken = Callable[[str, str], Awaitable[None]]
"""Hears of a bug: its kind and the route, ours and nobody's data; and the id of the request."""


async def untold(_what: str, _reference: str) -> None:
    """Nobody is told."""


def tell_bugs(broken: Broken) -> Callable[[Exception, Scope], Awaitable[None]]:
    """For the application: whatever it answers with 500 is heard of as well."""

    async def told(error: Exception, scope: Scope) -> None:
        if _is_bug(error):
            where = f"{scope.get('method', '')} {scope.get('path_template', '')}".strip()
            await broken(f"{type(error).__qualname__} in {where}", request_id(scope))

    return told


def _is_bug(error: Exception) -> bool:
    if isinstance(error, HTTPException):
        return error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return not isinstance(error, e.ShippingError | RecursionError)


def _answer(
    request: Asked,
    status: int,
    title: str,
    detail: str,
    *,
    kind: str = "",
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Problem]:
    problem = Problem(
        type=f"urn:shipping:problem:{kind}" if kind else "about:blank",
        title=title,
        status=int(status),
        detail=detail[:MOST_SAID],
        instance=request.scope["path"][:MOST_SAID],
        request_id=request_id(request.scope),
        errors=errors or [],
    )
    return Response(problem, status_code=int(status), media_type=MEDIA_TYPE, headers=headers)


def _named(request: Asked, error: e.ShippingError) -> FieldProblem | None:
    """The field that an error is about, as the request calls it."""
    if isinstance(error, e.InvalidInput | e.InvalidAddress):
        return FieldProblem(
            (as_asked(request, error.field) or error.field)[:MOST_SAID], error.reason[:MOST_SAID]
        )
    if isinstance(error, e.InvalidAmount | e.InsufficientFunds):
        amount = as_asked(request, "amount")
        return FieldProblem(amount, str(error)) if amount else None
    return None


def _later(error: e.ShippingError) -> dict[str, str]:
    if isinstance(error, e.TooFast):
        return {"Retry-After": str(math.ceil(error.retry_after_s))}
    if isinstance(error, PASSING):
        given = getattr(error, "retry_after_s", None)
        return {"Retry-After": str(math.ceil(given or RETRY_AFTER_S))}
    return {}


def _slug(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
