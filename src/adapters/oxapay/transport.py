"""The connection to Oxapay: time limits, sizes, and a connection of its own for each payment link made."""

from __future__ import annotations

import asyncio
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType

import httpx
from attrs import frozen

BASE_URL = "https://api.oxapay.com/v1"
"""https://docs.oxapay.com"""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""A full page of the history is about 300 KB."""
TIMEOUT = httpx.Timeout(connect=5, read=25, write=10, pool=5)
"""Seconds."""
DEADLINE_S = 40.0
"""For one whole exchange: the read limit alone would let a dripping answer last for ever."""
CONNECTIONS = 20


class TooLarge(Exception):
    """The answer is longer than any honest one."""


@frozen
class Answer:
    """A whole answer, as far as we look at it."""

    status: int
    content: bytes
    retry_after: str = ""


class Lanes(httpx.AsyncBaseTransport):
    """Kept connections for reads, but a fresh one for every POST.

    A kept connection may have been closed by the other side; a link asked for on it would be in doubt for
    nothing.
    """

    def __init__(self) -> None:
        tls = httpx.create_ssl_context(trust_env=False)
        self._kept, self._fresh = (
            httpx.AsyncHTTPTransport(
                verify=tls,
                trust_env=False,
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=keep),
            )
            for keep in (CONNECTIONS, 0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on the lane of its method."""
        lane = self._fresh if request.method == "POST" else self._kept
        return await lane.handle_async_request(request)

    async def __aenter__(self) -> Lanes:
        await self._kept.__aenter__()
        await self._fresh.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._fresh.__aexit__(exc_type, exc_value, traceback)
        await self._kept.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        """Close both lanes."""
        await self._fresh.aclose()
        await self._kept.aclose()


def http_client(base_url: str = BASE_URL) -> httpx.AsyncClient:
    """A client without redirects, cookies, retries or the environment's proxies; to be closed."""
    client = httpx.AsyncClient(
        base_url=base_url, transport=Lanes(), timeout=TIMEOUT, follow_redirects=False, trust_env=False
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, *, deadline_s: float | None = None
) -> Answer:
    """Send once and read the whole answer.

    Raises:
        httpx.HTTPError: as httpx does.
        TimeoutError: the whole took longer than `deadline_s`, by default DEADLINE_S.
        TooLarge: the answer passed MAX_ANSWER_BYTES; the rest was not read.
    """
    async with asyncio.timeout(DEADLINE_S if deadline_s is None else deadline_s):
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise TooLarge
        finally:
            await response.aclose()
    return Answer(response.status_code, bytes(body), response.headers.get("retry-after", ""))
