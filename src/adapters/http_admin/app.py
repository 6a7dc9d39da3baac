"""The web application: webhooks, health, the office, and the routes it is given; everything else is 404.

Nothing is open that does not say so: a route without a mark of its own needs an operator's key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from adapters.http_admin.access import default_deny
from adapters.http_admin.api import PATH, admin_router, admin_routes
from adapters.http_admin.docs import docs_routes
from adapters.http_admin.health import Ready, health_routes
from adapters.http_admin.office import Office
from adapters.http_admin.openapi import openapi_route
from adapters.http_admin.problems import PROBLEMS, Broken, tell_bugs, untold
from adapters.http_admin.security import security_headers
from adapters.http_admin.webhooks import (
    AcceptTelegram,
    Forged,
    TakeHint,
    TakeOxapay,
    oxapay_webhook,
    shipstation_webhook,
    telegram_webhook,
    unheard,
)

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(
    *,
    accept_telegram: AcceptTelegram | None,
    telegram_secret: str | None,
    ready: Ready,
    take_oxapay: TakeOxapay | None = None,
    forged: Forged = unheard,
    take_hint: TakeHint | None = None,
    shipstation_secret: str = "",
    broken: Broken = untold,
    office: Office | None = None,
    routes: Sequence[ControllerRouterHandler] = (),
    lifespan: Sequence[Lifespan] = (),
) -> Litestar:
    """The application, ready for a server; it logs through the process's own logging only.

    Raises:
        ValueError: updates are to be accepted, but TELEGRAM_WEBHOOK_SECRET is missing or unusable.
    """
    handlers: list[ControllerRouterHandler] = [*health_routes(ready), *routes]
    if accept_telegram is not None:
        handlers.append(telegram_webhook(accept_telegram, telegram_secret, forged))
    if take_oxapay is not None:
        handlers.append(oxapay_webhook(take_oxapay, forged))
    if take_hint is not None and shipstation_secret:
        handlers.append(shipstation_webhook(take_hint, shipstation_secret, forged))
    if office is not None:
        document = openapi_route(PATH, partial(admin_routes, office))
        handlers += [admin_router(office), document, *docs_routes()]
    return Litestar(
        handlers,
        lifespan=list(lifespan),
        guards=[default_deny],
        exception_handlers=PROBLEMS,
        after_exception=[tell_bugs(broken)],
        before_send=[security_headers],
        openapi_config=None,
        logging_config=None,
    )
