"""The HTTP connection to the partner: time limits, sizes, and a fresh connection for each purchase."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import cast

import httpx

V1_BASE_URL = "https://ssapi.shipstation.com"
V2_BASE_URL = "https://api.shipstation.com"
MAX_ANSWER_BYTES = 10 * 1024 * 1024
TIMEOUT = httpx.Timeout(connect=5, read=60, write=10, pool=5)
"""Seconds. Rates of many carriers are known to take most of a minute."""
SHARED = 40
READ_PATIENCE_S = 60.0
FRESH = 100
PURCHASE_PATIENCE_S = 2.5
"""Connections at once, and how long a request waits for one.

With the limiter's own wait, a purchase gets its connection within 5 s of its claim."""
DEADLINE_S = 90.0
"""For one whole exchange: the read limit alone would let a dripping answer last for ever."""


class TooLarge(Exception):
    """The answer is longer than any honest one."""


class _Gate:
    """Lets `places` requests through at once; the others queue here, first come first served.

    httpcore's own queue is scanned whole for every request, so a burst that waits there starves itself.
    """

    def __init__(self, places: int, patience_s: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience_s = patience_s

    async def enter(self, request: httpx.Request) -> None:
        """Wait for a place.

        Raises:
            httpx.PoolTimeout: none came free in time; nothing was sent.
        """
        try:
            async with asyncio.timeout(self._patience_s):
                await self._places.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection came free", request=request) from None

    def leave(self) -> None:
        """Give the place to the next."""
        self._places.release()


class _Held(httpx.AsyncByteStream):
    """An answer's body that gives its place back when it is closed."""

    def __init__(self, inner: httpx.AsyncByteStream, gate: _Gate) -> None:
        self._inner = inner
        self._gate: _Gate | None = gate

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            gate, self._gate = self._gate, None
            if gate is not None:
                gate.leave()


class Lanes(httpx.AsyncBaseTransport):
    """Shared connections for everything, but a connection of its own for a request marked `fresh`.

    A kept connection may have been closed by the other side; a purchase written into it would end in
    doubt for nothing.
    """

    def __init__(self) -> None:
        tls = httpx.create_ssl_context(trust_env=False)
        self._shared = httpx.AsyncHTTPTransport(
            verify=tls,
            trust_env=False,
            limits=httpx.Limits(max_connections=SHARED, max_keepalive_connections=20),
        )
        self._fresh = httpx.AsyncHTTPTransport(
            verify=tls,
            trust_env=False,
            limits=httpx.Limits(max_connections=FRESH, max_keepalive_connections=0),
        )
        self._shared_gate, self._fresh_gate = (
            _Gate(SHARED, READ_PATIENCE_S),
            _Gate(FRESH, PURCHASE_PATIENCE_S),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on the lane it is marked for, when it has a free place."""
        fresh = request.extensions.get("fresh")
        lane, gate = (self._fresh, self._fresh_gate) if fresh else (self._shared, self._shared_gate)
        await gate.enter(request)
        try:
            answer = await lane.handle_async_request(request)
        except BaseException:
            gate.leave()
            raise
        body = _Held(cast("httpx.AsyncByteStream", answer.stream), gate)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=body, extensions=answer.extensions
        )

    async def __aenter__(self) -> Lanes:
        await self._shared.__aenter__()
        await self._fresh.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._fresh.__aexit__(exc_type, exc_value, traceback)
        await self._shared.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        """Close both lanes."""
        await self._fresh.aclose()
        await self._shared.aclose()


def http_client(base_url: str) -> httpx.AsyncClient:
    """A client for one base URL, without redirects, retries or the environment's proxies; to be closed."""
    client = httpx.AsyncClient(
        base_url=base_url, transport=Lanes(), timeout=TIMEOUT, follow_redirects=False, trust_env=False
    )
    # One client serves the test and the production key: no cookie may carry one's session to the other.
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, *, deadline_s: float = DEADLINE_S
) -> httpx.Response:
    """Send once and read the whole answer, without following redirects or adding credentials.

    Raises:
        httpx.HTTPError: as httpx does.
        TimeoutError: the whole took longer than `deadline_s`.
        TooLarge: the answer passed MAX_ANSWER_BYTES; the rest was not read.
    """
    async with asyncio.timeout(deadline_s):
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise TooLarge
        finally:
            await response.aclose()
    return httpx.Response(response.status_code, headers=_plain(response.headers), content=bytes(body))


def _plain(headers: httpx.Headers) -> list[tuple[bytes, bytes]]:
    """Without what described the body on the wire, which is decoded now; as bytes, whatever is in them."""
    return [
        (k, v)
        for k, v in headers.raw
        if k.lower() not in {b"content-encoding", b"content-length", b"transfer-encoding"}
    ]
