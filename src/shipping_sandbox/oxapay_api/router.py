"""Puts the API, the pay page and the controls under one Litestar router."""

from litestar import Router

from shipping_sandbox.oxapay_api.api import Api
from shipping_sandbox.oxapay_api.cashier import Cashier
from shipping_sandbox.oxapay_api.control import control_handlers
from shipping_sandbox.oxapay_api.pay_page import page_handlers
from shipping_sandbox.oxapay_api.world import World


def create_router() -> Router:
    """A fresh service behind a router; its paths begin with /oxapay, /pay and /sandbox.

    `opt["close"]` ends its timers and deliveries, for the server to call when it stops.
    """
    world = World()
    cashier = Cashier(world)
    handlers = [
        *Api(world, cashier).handlers(),
        *page_handlers(world, cashier),
        *control_handlers(world, cashier),
    ]

    def close() -> None:  # litestar copies what is no function, with the world in it
        world.close()

    return Router("/", route_handlers=handlers, include_in_schema=False, opt={"close": close})
