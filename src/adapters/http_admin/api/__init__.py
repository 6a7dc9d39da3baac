"""`/api/admin`: one module a noun."""

from __future__ import annotations

from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig

from adapters.http_admin.access import ask_for_key
from adapters.http_admin.api.approvals import approval_routes
from adapters.http_admin.api.broadcasts import broadcast_routes
from adapters.http_admin.api.home import home_routes
from adapters.http_admin.api.keys import key_routes
from adapters.http_admin.api.lists import list_routes
from adapters.http_admin.api.orders import order_routes
from adapters.http_admin.api.refunds import refund_routes
from adapters.http_admin.api.settings import settings_routes
from adapters.http_admin.api.statistics import statistics_routes
from adapters.http_admin.api.topups import topup_routes
from adapters.http_admin.api.users import user_routes
from adapters.http_admin.office import Office
from adapters.http_admin.once import done_once
from adapters.http_admin.requests import MAX_BODY_BYTES, StrictRequest, known_parameters
from adapters.http_admin.roles import NEEDED

PATH = "/api/admin"


def admin_routes(office: Office) -> list[HTTPRouteHandler]:
    """Every route, each of which `roles` must know.

    Raises:
        ValueError: a route has no role, or a role no route.
    """
    makers = (
        list_routes, order_routes, topup_routes, user_routes, settings_routes, approval_routes,
        broadcast_routes, refund_routes, key_routes, statistics_routes, home_routes,
    )  # fmt: skip
    routes = [route for make in makers for route in make(office)]
    if odd := NEEDED.keys() ^ {route.operation_id for route in routes}:
        raise ValueError(f"roles and routes differ: {', '.join(sorted(map(str, odd)))}")
    return routes


def admin_router(office: Office) -> Router:
    """The routes behind the door: a key first, then its limit, then once what must be done once."""
    limit = RateLimitConfig(("minute", office.per_minute), identifier_for_request=_operator)
    return Router(
        PATH,
        route_handlers=admin_routes(office),
        request_class=StrictRequest,
        request_max_body_size=MAX_BODY_BYTES,
        before_request=known_parameters,
        middleware=[
            ask_for_key(office.open_office, office.trusted_proxies),
            limit.middleware,
            done_once(office.answers, office.clock),
        ],
    )


def _operator(request: Request) -> str:  # type: ignore[type-arg]
    return str(request.user.name)
