"""`Idempotency-Key`: a request that moves money is done once, however often it comes."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any, Final

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http_admin.problems import Refusal
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.answers import Answer, AnswerLog
from shipping_core.ports.clock import Clock

log = logging.getLogger(__name__)

MONEY: Final = "money"
"""The mark of a route that moves money."""
HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
_PASSING: Final = 429
_SERVER_ERROR: Final = 500


class DoneOnce(ASGIMiddleware):
    """Keeps the answer before it is given; the same request gets it again, and another one is refused.

    An answer of 429 or 5xx says nothing for good, so it is not kept: whoever asks again is heard again, and
    the acts themselves are guarded by the state of what they change.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, answers: AnswerLog, clock: Clock) -> None:
        self._answers = answers
        self._clock = clock

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer it, once.

        Raises:
            Refusal: 400 without a usable key.
            Conflict: it is being answered.
            InvalidInput: the key was used for another request.
        """
        if not scope["route_handler"].opt.get(MONEY):
            await next_app(scope, receive, send)
            return
        request = scope["litestar_app"].request_class(scope, receive)
        key = f"{scope['user'].name}:{key_of(request)}"
        known = await self._answers.begin(key, await _hash_of(request), self._clock.now())
        if known is not None:
            again = Response(known.content, status_code=known.status, media_type=known.media_type)
            again.set_header("Idempotency-Replayed", "true")
            await again.to_asgi_response(scope["litestar_app"], request)(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        try:
            await next_app(scope, receive, keep)
        except Exception:
            await self._answers.forget(key)
            raise
        await self._keep(key, messages)
        for message in messages:
            await send(message)

    async def _keep(self, key: str, messages: list[Message]) -> None:
        answer = _answer_of(messages)
        try:
            if answer.status == _PASSING or answer.status >= _SERVER_ERROR:
                await self._answers.forget(key)
            else:
                await self._answers.finish(key, answer)
        except StoreUnavailable:
            log.warning("an answer was not kept; the act itself is done once all the same")


def key_of(request: Request[Any, Any, Any]) -> str:
    given = request.headers.get(HEADER, "")
    if not _KEY.fullmatch(given):
        mend = "give 8 to 128 of A-Z a-z 0-9 _ . : -, the same for every try of one act"
        raise Refusal(
            status_code=400,
            detail=f"The header {HEADER} is needed: {mend}.",
            extra=[{"key": HEADER, "message": mend}],
        )
    return given


async def _hash_of(request: Request[Any, Any, Any]) -> str:
    scope = request.scope
    head = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n"
    return hashlib.sha256(head.encode() + await request.body()).hexdigest()


def _answer_of(messages: list[Message]) -> Answer:
    status, media_type, content = 500, "", b""
    for message in messages:
        if message["type"] == "http.response.start":
            status = message["status"]
            media_type = dict(message["headers"]).get(b"content-type", b"").decode()
        elif message["type"] == "http.response.body":
            content += message["body"]
    return Answer(status, content, media_type)
