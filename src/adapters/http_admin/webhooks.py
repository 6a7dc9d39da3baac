"""Where Telegram delivers updates, Oxapay notices, and ShipStation hints.

Answering 200 is a promise that it is stored. These routes have proofs of their own instead of a key.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import MediaType, Request, Response, post
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import (
    HTTP_200_OK,
    HTTP_400_BAD_REQUEST,
    HTTP_401_UNAUTHORIZED,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from adapters.http_admin.access import PUBLIC
from shipping_core.errors import NoticeRefused, ShippingError

log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
AcceptTelegram = Callable[[bytes], Awaitable[bool]]
"""True: stored. False: this is no update. Raising: not stored, deliver it again."""
TakeOxapay = Callable[[bytes, str | None], Awaitable[None]]
"""Returning: stored. NoticeRefused: not Oxapay's, or no notice. Raising else: not stored; deliver again."""
Forged = Callable[[str], Awaitable[None]]
"""Hears of a delivery at this door (`telegram`, `oxapay`, `shipstation`) that did not prove its sender."""

TakeHint = Callable[[bytes], Awaitable[None]]
"""Returning: remembered. Raising: not; deliver again."""

TELEGRAM_PATH: Final = "/api/telegram/webhook"
OXAPAY_PATH: Final = "/api/oxapay/webhook"
SHIPSTATION_PATH: Final = "/api/shipstation/webhook"
MAX_BODY_BYTES: Final = 512 * 1024
MAX_NOTICE_BYTES: Final = 64 * 1024
_PROOF_HEADER: Final = "x-telegram-bot-api-secret-token"
_SIGNATURE_HEADER: Final = "hmac"
_HINT_HEADER: Final = "x-webhook-secret"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""https://core.telegram.org/bots/api#setwebhook"""
_REFUSALS: Final = {
    "signature": HTTP_401_UNAUTHORIZED,
    "size": HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    "shape": HTTP_400_BAD_REQUEST,
}


async def unheard(_door: str) -> None:
    """Nobody is told."""


def telegram_webhook(
    accept: AcceptTelegram, secret: str | None, forged: Forged = unheard
) -> HTTPRouteHandler:
    """The route that takes updates from whoever knows `secret`.

    Raises:
        ValueError: there is no secret, or one that Telegram would not take.
    """
    if secret is None or not _SECRET.fullmatch(secret):
        raise ValueError("TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters of A-Z a-z 0-9 _ -")
    expected = secret.encode()

    async def take(request: AnyRequest) -> Response[bytes]:
        given = request.headers.get(_PROOF_HEADER, "")
        if not hmac.compare_digest(given.encode(), expected):
            await forged("telegram")
            raise NotAuthorizedException
        stored = await accept(await request.body())
        return _answer(HTTP_200_OK if stored else HTTP_400_BAD_REQUEST)

    return _door(TELEGRAM_PATH, MAX_BODY_BYTES, take)


def oxapay_webhook(take_notice: TakeOxapay, forged: Forged = unheard) -> HTTPRouteHandler:
    """The route that takes payment notices; only 200 with exactly `ok` ends Oxapay's repeats.

    The signature is judged by `take_notice`, over the bytes as they came.
    """

    async def take(request: AnyRequest) -> Response[bytes]:
        try:
            await take_notice(await request.body(), request.headers.get(_SIGNATURE_HEADER))
        except NoticeRefused as refused:
            log.warning("%s: a notice was refused: %s", OXAPAY_PATH, refused.reason)
            if refused.reason == "signature":
                await forged("oxapay")
            return _answer(_REFUSALS.get(refused.reason, HTTP_400_BAD_REQUEST))
        return _answer(HTTP_200_OK, b"ok")

    return _door(OXAPAY_PATH, MAX_NOTICE_BYTES, take)


def shipstation_webhook(take_hint: TakeHint, secret: str, forged: Forged = unheard) -> HTTPRouteHandler:
    """The route that takes hints from whoever knows `secret`: in a header that a V2 webhook sends along, or,
    for V1 which sends none, in the address as `?secret=`.
    """
    expected = secret.encode()

    async def take(request: AnyRequest) -> Response[bytes]:
        given = request.headers.get(_HINT_HEADER) or request.query_params.get("secret", "")
        if not hmac.compare_digest(str(given).encode(), expected):
            await forged("shipstation")
            raise NotAuthorizedException
        await take_hint(await request.body())
        return _answer(HTTP_200_OK)

    return _door(SHIPSTATION_PATH, MAX_NOTICE_BYTES, take)


def _door(
    path: str, max_body_bytes: int, take: Callable[[AnyRequest], Awaitable[Response[bytes]]]
) -> HTTPRouteHandler:
    """A route that never says why: what was not stored is 503, so that it is delivered again."""

    def not_stored(_: AnyRequest, error: Exception) -> Response[bytes]:
        log.warning("%s: not stored, to be delivered again: %s", path, type(error).__name__)
        return _answer(HTTP_503_SERVICE_UNAVAILABLE)

    def plain(request: AnyRequest, error: HTTPException) -> Response[bytes]:
        if error.status_code >= HTTP_500_INTERNAL_SERVER_ERROR:
            return not_stored(request, error)
        return _answer(error.status_code)

    @post(
        path,
        status_code=HTTP_200_OK,
        request_max_body_size=max_body_bytes,
        exception_handlers={HTTPException: plain, ShippingError: not_stored, Exception: not_stored},
        include_in_schema=False,
        opt={PUBLIC: True},
    )
    async def deliver(request: AnyRequest) -> Response[bytes]:
        return await take(request)

    return deliver


def _answer(status: int, body: bytes = b"") -> Response[bytes]:
    return Response(body, status_code=status, media_type=MediaType.TEXT)
