"""The web application: webhooks, health, and the routes it is given; everything else is 404."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from adapters.http_admin.health import Ready, health_routes
from adapters.http_admin.security import security_headers
from adapters.http_admin.webhooks import (
    AcceptTelegram,
    Forged,
    TakeOxapay,
    oxapay_webhook,
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
    return Litestar(
        handlers,
        lifespan=list(lifespan),
        before_send=[security_headers],
        openapi_config=None,
        logging_config=None,
    )
