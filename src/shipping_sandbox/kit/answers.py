"""What a call gets back, in bytes."""

from collections.abc import Mapping
from typing import Any

import attrs
import msgspec
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

# Decimals leave as JSON numbers with the digits they have, so 7.30 stays 7.30.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@attrs.frozen
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    media_type: str = "application/json"

    def plus(self, headers: Mapping[str, str]) -> "Answer":
        """The same answer with more headers; its own win."""
        return attrs.evolve(self, headers={**headers, **self.headers})

    def cut(self) -> "Answer":
        """The same answer with the second half of its body missing."""
        return attrs.evolve(self, body=self.body[: max(1, len(self.body) // 2)])

    def response(self) -> ASGIResponse:
        """The answer as litestar sends it."""
        return ASGIResponse(
            body=self.body, status_code=self.status, headers=dict(self.headers), media_type=self.media_type
        )


class Refusal(Exception):
    """The call is turned down; `answer` says how in the dialect of the API that was called."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class LostAnswer(ASGIResponse):
    """Promises a body and ends without one, so that the server cuts the connection.

    ASGI has no word for "hang up". A response that ends early makes uvicorn close the socket, and the
    client's read fails (httpx: `RemoteProtocolError`; aiohttp: `ClientPayloadError`) without any answer.
    Only a real server does this; httpx's ASGI transport, having no socket, fails an assertion instead.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Send the head of an answer and nothing after it."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def in_json(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """`payload` as JSON; money keeps its two decimals."""
    return Answer(status, _ENCODER.encode(payload), headers or {})
