"""`Idempotency-Key`: a request that moves money is done once, however often it comes."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any, Final

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http_admin.access import Around
from adapters.http_admin.problems import Refusal
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.answers import Answer, AnswerLog
from shipping_core.ports.clock import Clock

log = logging.getLogger(__name__)

MONEY: Final = "money"
"""The mark of a route that moves money."""
HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
_PASSING: Final = frozenset({412, 428, 429})
"""They ask for another try: with the version read again, or a while later."""
_SERVER_ERROR: Final = 500


def done_once(answers: AnswerLog, clock: Clock) -> Around:
    """Keeps the answer before it is given; the same request gets it again, and another one is refused.

    An answer that asks for another try (412, 428, 429, 5xx, or any with Retry-After) says nothing for good,
    so it is not kept: whoever asks again is heard again, and the acts themselves are guarded by the state of
    what they change.

    It raises Refusal without a usable key (400), BeingAnswered while the request is being answered, and
    InvalidInput for a key that was used for another one. If-Match may differ: it says which version is meant,
    not what is wanted.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["route_handler"].opt.get(MONEY):
                await _answer_once(answers, clock, app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return handle

    return around


async def _answer_once(
    answers: AnswerLog, clock: Clock, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    request = scope["litestar_app"].request_class(scope, receive)
    key = f"{scope['user'].name}:{key_of(request)}"
    known = await answers.begin(key, await _hash_of(request), clock.now())
    if known is not None:
        await _send_again(known, send)
        return
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    try:
        await app(scope, receive, keep)
    except Exception:
        await answers.forget(key)
        raise
    await _keep(answers, key, messages)
    for message in messages:
        await send(message)


async def _send_again(known: Answer, send: Send) -> None:
    headers = [
        (b"content-type", known.media_type.encode()),
        (b"content-length", str(len(known.content)).encode()),
        (b"idempotency-replayed", b"true"),
        *([(b"etag", known.etag.encode())] if known.etag else []),
    ]
    await send({"type": "http.response.start", "status": known.status, "headers": headers})
    await send({"type": "http.response.body", "body": known.content, "more_body": False})


async def _keep(answers: AnswerLog, key: str, messages: list[Message]) -> None:
    answer, again = _answer_of(messages), b"retry-after" in _headers(messages)
    try:
        if again or answer.status in _PASSING or answer.status >= _SERVER_ERROR:
            await answers.forget(key)
        else:
            await answers.finish(key, answer)
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
    headers = _headers(messages)
    status = next((m["status"] for m in messages if m["type"] == "http.response.start"), _SERVER_ERROR)
    content = b"".join(m["body"] for m in messages if m["type"] == "http.response.body")
    return Answer(
        status, content, headers.get(b"content-type", b"").decode(), headers.get(b"etag", b"").decode()
    )


def _headers(messages: list[Message]) -> dict[bytes, bytes]:
    started = (m["headers"] for m in messages if m["type"] == "http.response.start")
    return {name.lower(): value for headers in started for name, value in headers}
