"""python-telegram-bot's HTTP back-end over aiohttp: one session, one bounded pool, no proxy."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from attrs import field, frozen
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

KEEP_ALIVE_S: Final = 30.0
"""Idle connections are closed before the far end does it, so that a call rarely meets a dead one."""

_HEADERS: Final = {"User-Agent": BaseRequest.USER_AGENT}
_JSON: Final = {"Content-Type": "application/json", **_HEADERS}


class NeverSent(NetworkError):
    """No connection could be made: the call surely had no effect and may be repeated."""


class NeverSentInTime(TimedOut, NeverSent):
    """No connection was free, or none could be made, in time: the call surely had no effect."""


@frozen
class Limits:
    """How long each part of a call may last, in seconds; None waits for ever."""

    connect_s: float | None = 10.0
    read_s: float | None = 10.0
    write_s: float | None = 10.0
    queue_s: float | None = 5.0
    media_write_s: float | None = 60.0


def _one_line(name: str) -> str:
    # The name becomes part of a header, where a line break would begin another one.
    return "".join(character if character.isprintable() else "_" for character in name)


@frozen
class Upload:
    """One file of a multipart call; line breaks and the like are taken out of its name."""

    filename: str = field(converter=_one_line)
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


class AiohttpRequest(BaseRequest):
    """Carries Bot API calls over at most `connections` kept-alive connections.

    One object may serve both as the bot's normal and as its getUpdates request. No error it raises
    holds the URL (the bot's token is part of it), neither in its text nor as its cause.
    """

    __slots__ = ("_connections", "_limits", "_session")

    def __init__(self, connections: int = 64, limits: Limits | None = None) -> None:
        self._connections = connections
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer when a call names no time of its own."""
        return self._limits.read_s

    async def initialize(self) -> None:
        """Open the session; a second call changes nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )

    async def shutdown(self) -> None:
        """Close every connection; a second call changes nothing."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of one call; see `BaseRequest.do_request`.

        Raises:
            NeverSentInTime: no connection in time; surely not sent.
            TimedOut: sent, but no answer in time; the outcome is unknown.
            NeverSent: no connection at all; surely not sent.
            NetworkError: the connection broke; the outcome is unknown.
        """
        files = request_data.multipart_data if request_data else {}
        usual = self._limits
        times = _timeout(
            _given(connect_timeout, usual.connect_s),
            _given(read_timeout, usual.read_s),
            _given(write_timeout, usual.media_write_s if files else usual.write_s),
            _given(pool_timeout, usual.queue_s),
        )
        if request_data is None:
            return await self._exchange(method, url, None, _HEADERS, times)
        if files:
            form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)
            for name, (filename, content, media_type) in files.items():
                form.add_field(name, content, filename=_one_line(filename), content_type=media_type)
            return await self._exchange(method, url, form, _HEADERS, times)
        return await self._exchange(method, url, json.dumps(request_data.parameters).encode(), _JSON, times)

    async def send_json(
        self, url: str, params: Mapping[str, object], *, read_s: float | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one call with JSON parameters; `read_s` replaces the usual wait.

        Raises:
            NetworkError: as `do_request`.
        """
        usual = self._limits
        times = _timeout(usual.connect_s, read_s or usual.read_s, usual.write_s, usual.queue_s)
        return await self._exchange("POST", url, json.dumps(params).encode(), _JSON, times)

    async def send_file(
        self, url: str, params: Mapping[str, object], files: Mapping[str, Upload]
    ) -> tuple[int, bytes]:
        """Status and body of one multipart call; nested `params` travel as JSON text.

        Raises:
            NetworkError: as `do_request`.
        """
        usual = self._limits
        times = _timeout(usual.connect_s, usual.media_write_s, usual.media_write_s, usual.queue_s)
        form = aiohttp.FormData(quote_fields=False)  # Telegram shows file names as they come
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, file in files.items():
            form.add_field(name, file.content, filename=file.filename, content_type=file.media_type)
        return await self._exchange("POST", url, form, _HEADERS, times)

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str],
        times: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        session = self._session
        if session is None:
            raise NeverSent("the HTTP session is not open")
        try:
            async with session.request(
                method, url, data=body, headers=headers, timeout=times, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except aiohttp.ConnectionTimeoutError:
            failure: NetworkError = NeverSentInTime("no connection in time")
        except TimeoutError:
            failure = TimedOut("no answer in time")
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            failure = NeverSent(f"no connection: {type(error).__name__}")
        except (aiohttp.ClientError, OSError) as error:
            failure = NetworkError(f"connection lost: {type(error).__name__}")
        # Raised out here so that aiohttp's own error, which may quote the URL, is not even its context.
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict, without ever logging it.

        Raises:
            NetworkError: not JSON, or cut short; the outcome of the call is unknown.
        """
        return read_json(payload)


def read_json(payload: bytes) -> dict[str, Any]:
    """A JSON object from `payload`.

    Raises:
        NetworkError: it is something else; the payload itself is not quoted.
    """
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise NetworkError("unreadable answer")
    return answer


def _given(value: Any, usual: float | None) -> float | None:
    return usual if value is BaseRequest.DEFAULT_NONE else value


@functools.lru_cache(maxsize=64)
def _timeout(
    connect: float | None, read: float | None, write: float | None, queue: float | None
) -> aiohttp.ClientTimeout:
    # aiohttp has no time-out for writing and counts waiting for a free connection as connecting.
    parts = (connect, read, write, queue)
    return aiohttp.ClientTimeout(
        total=None if None in parts else sum(part or 0.0 for part in parts),
        connect=None if connect is None or queue is None else connect + queue,
        sock_connect=connect,
        sock_read=read,
    )
