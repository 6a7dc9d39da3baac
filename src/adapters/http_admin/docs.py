"""The page at `/api/docs`: Swagger UI from our own files, so that it works without a network."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from adapters.http_admin.access import PUBLIC
from adapters.http_admin.security import CSP

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shipping Core: the office's API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
ASSETS: Final = {
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript"),
    "start.js": ("start.js", "text/javascript"),
}
DOCS_CSP: Final = CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Swagger UI sets styles on its elements; scripts stay our files alone."""


def docs_routes() -> tuple[HTTPRouteHandler, ...]:
    """The page and its files; they say nothing that is not in the document."""
    static = files("adapters.http_admin") / "static"

    @get("/api/docs", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def page() -> Response[str]:
        headers = {"content-security-policy": DOCS_CSP}
        return Response(PAGE, media_type="text/html; charset=utf-8", headers=headers)

    @get("/api/docs/{name:str}", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def asset(name: FromPath[str]) -> Response[bytes]:
        if name not in ASSETS:
            raise NotFoundException
        path, media_type = ASSETS[name]
        return Response((static / path).read_bytes(), media_type=f"{media_type}; charset=utf-8")

    return page, asset
