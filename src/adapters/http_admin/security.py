"""Headers that every answer carries, errors included."""

from __future__ import annotations

from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from adapters.http_admin.requests import request_id

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def security_headers(message: Message, scope: Scope) -> None:
    """Add the headers where a handler has not set its own; a `before_send` hook, so errors get them too."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers.setdefault("content-security-policy", CSP)
        headers.setdefault("x-content-type-options", "nosniff")
        headers.setdefault("referrer-policy", "same-origin")
        headers.setdefault("cache-control", "no-store")
        headers.setdefault("strict-transport-security", "max-age=31536000")
        headers["x-request-id"] = request_id(scope)
