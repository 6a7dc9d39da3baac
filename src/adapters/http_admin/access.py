"""Who may come in: nobody, unless their key says so or the route says that it is public."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.http_admin.office import Network
from adapters.http_admin.problems import SENTENCES, Refusal
from adapters.http_admin.requests import request_id
from adapters.http_admin.roles import NEEDED
from shipping_core.domain.access import Operator
from shipping_core.domain.audit import REQUEST_ID
from shipping_core.use_cases.open_office import OpenOffice

Around = Callable[[ASGIApp], ASGIApp]
"""A middleware."""
PUBLIC: Final = "public"
"""The mark of a route that needs no key."""
KEY_HEADER: Final = "x-api-key"


def ask_for_key(open_office: OpenOffice, trusted: tuple[Network, ...]) -> Around:
    """Puts the operator into the scope, or refuses; what follows runs in the operator's name.

    It raises Refusal without a good key (401) or without the role (403), and TooFast when there were too many
    guesses from where it comes. A function, since Litestar copies the middlewares that are objects, and what
    they hold.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request[Any, Any, Any](scope)
            key = request.headers.get(KEY_HEADER, "")
            peer = request.client.host if request.client else ""
            network = network_of(peer, request.headers.getall("x-forwarded-for", []), trusted)
            scope["user"] = await open_office(key, network) if key else None
            judge(scope["user"], scope["route_handler"])
            with _named(request_id(scope)):
                await app(scope, receive, send)

        return handle

    return around


async def default_deny(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The application's guard: a route is public, or an operator of the needed role stands there.

    Raises:
        Refusal: neither.
    """
    if not handler.opt.get(PUBLIC):
        judge(connection.scope.get("user"), handler)


def judge(operator: Operator | None, handler: BaseRouteHandler) -> None:
    """Whether this operator may use this route.

    Raises:
        Refusal: 401 for nobody, 403 for too small a role, or a route that no role opens.
    """
    if not isinstance(operator, Operator):
        raise Refusal(status_code=401, detail=SENTENCES[401], headers={"WWW-Authenticate": "X-API-Key"})
    needed = NEEDED.get(getattr(handler, "operation_id", None) or "")
    if needed is None:
        raise Refusal(status_code=403, detail="Nobody may do this.")
    if not operator.role.may(needed):
        raise Refusal(
            status_code=403, detail=f"This needs the role {needed.value}; yours is {operator.role.value}."
        )


def network_of(peer: str, forwarded: list[str], trusted: tuple[Network, ...]) -> str:
    """The network a request comes from: /24 or /64 of the nearest address that is no proxy of ours."""
    chain = [part.strip() for line in forwarded for part in line.split(",")]
    found = _address(peer)
    while found is not None and chain and any(found in network for network in trusted):
        before = _address(chain.pop())
        if before is None:
            break
        found = before
    if found is None:
        return "unknown"
    return str(ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))


def _address(text: str) -> Any:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    token = REQUEST_ID.set(name)
    try:
        yield
    finally:
        REQUEST_ID.reset(token)
