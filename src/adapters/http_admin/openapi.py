"""The document of the API: Litestar's drawing of the routes, completed with what all of them share."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from adapters.http_admin.access import PUBLIC
from adapters.http_admin.api.route import EDITS, MODEL, PERFORMED
from adapters.http_admin.examples import example
from adapters.http_admin.once import HEADER, MONEY
from adapters.http_admin.problems import MEDIA_TYPE, Problem
from adapters.http_admin.roles import NEEDED

Document = dict[str, Any]

TITLE: Final = "Shipping Core, the office"
VERSION: Final = "1"
ABOUT: Final = (
    "Everything an operator does. Each call needs a key in the header `X-API-Key`. Errors are problem "
    "details (RFC 9457) with a `request_id`. Lists give `next`, the cursor of the next page. What moves "
    "money needs an `Idempotency-Key`; what changes something you have read needs its `ETag` in `If-Match`."
)
DESCRIBED: Final = {
    "400": "The request cannot be read.",
    "401": "No good key.",
    "403": "The key's role is too small.",
    "404": "No such thing.",
    "409": "Its state does not allow it, or somebody was first.",
    "412": "It was changed meanwhile.",
    "413": "The body is too large.",
    "422": "A field cannot be used.",
    "428": "If-Match is missing.",
    "429": "Too many requests.",
    "502": "A partner did not answer.",
    "503": "The store or a partner cannot be reached.",
}
ETAG: Final = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
WORD: Final = {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9_.:-]+$"}


def openapi_route(path: str, routes: Callable[[], Sequence[HTTPRouteHandler]]) -> HTTPRouteHandler:
    """`GET /api/openapi.json`; drawn when it is first asked for."""

    @functools.cache
    def drawn() -> bytes:
        return msgspec.json.encode(document(path, routes()))

    @get("/api/openapi.json", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def openapi_json() -> Response[bytes]:
        return Response(drawn(), media_type=MediaType.JSON)

    return openapi_json


def document(path: str, routes: Sequence[HTTPRouteHandler]) -> Document:
    """The OpenAPI document of these routes under this path."""
    config = OpenAPIConfig(title=TITLE, version=VERSION, description=ABOUT, security=[{"key": []}])
    app = Litestar([Router(path, route_handlers=routes)], openapi_config=config, logging_config=None)
    made: Document = app.openapi_schema.to_schema()
    known = {str(h.operation_id): h for r in app.routes if isinstance(r, HTTPRoute) for h in r.route_handlers}
    made["components"] = _components(known.values())
    for address, item in made["paths"].items():
        for operation in item.values():
            operation["tags"] = [address.removeprefix(f"{path}/").partition("/")[0].removesuffix(".csv")]
            _complete(operation, known[operation["operationId"]], made)
    return made


def _components(handlers: Iterable[HTTPRouteHandler]) -> Document:
    """Every model to the letter, as msgspec reads and writes it."""
    answered = [handler.opt[MODEL] for handler in handlers if MODEL in handler.opt]
    taken = [handler.parsed_data_field.annotation for handler in handlers if handler.parsed_data_field]
    (_, schemas) = msgspec.json.schema_components(
        [Problem, *answered, *taken], ref_template="#/components/schemas/{name}"
    )
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "schemas": schemas,
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        "responses": {
            f"Problem{status}": {"description": words, "content": problem}
            for status, words in DESCRIBED.items()
        },
    }


def _complete(operation: Document, handler: HTTPRouteHandler, made: Document) -> None:
    name = str(handler.operation_id)
    operation["description"] = f"Needs the role {NEEDED[name].value}."
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _given(parameter["schema"])
    parameters += [
        {"name": header, "in": "header", "required": True, "schema": schema}
        for header, mark, schema in ((HEADER, MONEY, WORD), ("If-Match", EDITS, ETAG))
        if handler.opt.get(mark)
    ]
    answers = operation["responses"]
    if handler.opt.get(MODEL) is PERFORMED:
        words = "It waits for a second person: see `approval`."
        answers["202"] = {**copy.deepcopy(answers["200"]), "description": words}
    answers |= {status: {"$ref": f"#/components/responses/Problem{status}"} for status in DESCRIBED}
    for part in (operation.get("requestBody", {}), *answers.values()):
        for media_type, content in part.get("content", {}).items():
            if media_type == MediaType.JSON:
                content["example"] = example(content["schema"], made)


def _given(schema: Document) -> Document:
    """A parameter's schema without the null that stands for its absence."""
    either = schema.pop("oneOf", None)
    return {**next(part for part in either if part != {"type": "null"}), **schema} if either else schema
