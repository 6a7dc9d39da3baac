"""Puts both versions and the controls under one Litestar router."""

from typing import Any

from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from shipping_sandbox.shipstation_api.call import Dialect, Route
from shipping_sandbox.shipstation_api.control import control_handlers
from shipping_sandbox.shipstation_api.gate import serve
from shipping_sandbox.shipstation_api.v1 import V1, V1_ROUTES
from shipping_sandbox.shipstation_api.v2 import V2, V2_ROUTES
from shipping_sandbox.shipstation_api.world import World

V1_ROOT = "/shipstation/v1"
V2_ROOT = "/shipstation"


def create_router() -> Router:
    """A fresh account behind a router; its paths begin with /shipstation and /sandbox."""
    world = World()
    handlers = [
        *(_handler(V1(), V1_ROOT, route, world) for route in V1_ROUTES),
        *(_handler(V2(), V2_ROOT, route, world) for route in V2_ROUTES),
        *control_handlers(world),
    ]
    return Router("/", route_handlers=handlers, include_in_schema=False)


def _handler(dialect: Dialect, root: str, route: Route, world: World) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        return await serve(dialect, route, world, request)

    return HTTPRouteHandler(root + route.path, http_method=route.method)(handle)
