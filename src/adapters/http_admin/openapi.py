"""The document of the API: Litestar's drawing of the routes, completed with what all of them share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from adapters.http_admin.access import PUBLIC
from adapters.http_admin.api.route import EDITS
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
    config = OpenAPIConfig(title=TITLE, version=VERSION, description=ABOUT)
    app = Litestar([Router(path, route_handlers=routes)], openapi_config=config, logging_config=None)
    made: Document = app.openapi_schema.to_schema()
    _complete_components(made)
    marks = {route.operation_id: route for route in routes}
    for item in made["paths"].values():
        for operation in item.values():
            _complete(operation, marks[operation["operationId"]], made)
    return made


def _complete_components(made: Document) -> None:
    parts = made.setdefault("components", {})
    (_, found) = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    parts.setdefault("schemas", {}).update(found)
    parts["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
    parts["responses"] = {
        f"Problem{status}": {
            "description": words,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in DESCRIBED.items()
    }
    made["security"] = [{"key": []}]


def _complete(operation: Document, route: HTTPRouteHandler, made: Document) -> None:
    role = NEEDED[str(route.operation_id)].value
    operation["description"] = f"Needs the role {role}."
    operation["tags"] = [_tag(str(route.operation_id))]
    for name, mark, schema in (
        (HEADER, MONEY, WORD),
        ("If-Match", EDITS, {"type": "string", "pattern": '^"[0-9]{1,9}"$'}),
    ):
        if route.opt.get(mark):
            header = {"name": name, "in": "header", "required": True, "schema": schema}
            operation.setdefault("parameters", []).append(header)
    answers = operation["responses"]
    answers.pop("400", None)
    for status in DESCRIBED:
        answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    for part in (operation.get("requestBody"), *answers.values()):
        for media_type, content in (part or {}).get("content", {}).items():
            if media_type == MediaType.JSON:
                content["example"] = example(content["schema"], made)


def _tag(name: str) -> str:
    return re.sub(r"^[a-z]+_", "", name)
