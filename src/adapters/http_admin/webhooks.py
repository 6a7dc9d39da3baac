"""Where Telegram delivers updates. Answering 200 is a promise that the update is stored."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import MediaType, Request, Response, post
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_400_BAD_REQUEST, HTTP_503_SERVICE_UNAVAILABLE

log = logging.getLogger(__name__)

AcceptTelegram = Callable[[bytes], Awaitable[bool]]
"""True: stored. False: this is no update. Raising: not stored, deliver it again."""

TELEGRAM_PATH: Final = "/api/telegram/webhook"
MAX_BODY_BYTES: Final = 512 * 1024
_PROOF_HEADER: Final = "x-telegram-bot-api-secret-token"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""https://core.telegram.org/bots/api#setwebhook"""


def telegram_webhook(accept: AcceptTelegram, secret: str | None) -> HTTPRouteHandler:
    """The route that takes updates from whoever knows `secret`.

    Raises:
        ValueError: there is no secret, or one that Telegram would not take.
    """
    if secret is None or not _SECRET.fullmatch(secret):
        raise ValueError("TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters of A-Z a-z 0-9 _ -")
    expected = secret.encode()

    @post(
        TELEGRAM_PATH,
        status_code=HTTP_200_OK,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={HTTPException: _plain, Exception: _not_stored},
        include_in_schema=False,
    )
    async def take_update(request: Request[Any, Any, Any]) -> Response[bytes]:
        given = request.headers.get(_PROOF_HEADER, "")
        if not hmac.compare_digest(given.encode(), expected):
            raise NotAuthorizedException
        stored = await accept(await request.body())
        return _empty(HTTP_200_OK if stored else HTTP_400_BAD_REQUEST)

    return take_update


def _plain(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return _empty(error.status_code)


def _not_stored(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.warning("an update was not stored; Telegram will deliver it again: %s", type(error).__name__)
    return _empty(HTTP_503_SERVICE_UNAVAILABLE)


def _empty(status: int) -> Response[bytes]:
    return Response(b"", status_code=status, media_type=MediaType.TEXT)
