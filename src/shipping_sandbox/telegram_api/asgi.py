"""The few lines of ASGI that the emulator needs: read a body, send an answer, hang up."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

HANG_UP = "sandbox.hang_up"
"""Name of the scope extension that closes the connection under the answer (the server provides it)."""

JSON_TYPE: Headers = [(b"content-type", b"application/json")]


class TooLarge(Exception):
    """The body is larger than the reader was told to take."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """Give the whole body.

    Raises:
        TooLarge: it has more than `limit` bytes.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    pieces, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise TooLarge
    return b"".join(pieces)


async def answer(send: Send, status: int, body: bytes, headers: Headers = JSON_TYPE) -> None:
    """Send a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def answer_half(scope: Scope, receive: Receive, send: Send, status: int, body: bytes) -> None:
    """Send the headers and half of the body, then hang up."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*JSON_TYPE, length]})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await hang_up(scope, receive)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without another byte, and return when it is closed.

    Raises:
        KeyError: the server does not provide the extension.
    """
    scope["extensions"][HANG_UP]()
    while (await receive())["type"] != "http.disconnect":
        pass


def header(scope: Scope, name: bytes) -> str:
    """Give a request header's value, or an empty text; `name` is in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""
