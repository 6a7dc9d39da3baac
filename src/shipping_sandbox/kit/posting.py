"""A small HTTP client that posts JSON and keeps its connections open, for webhook deliveries."""

import asyncio
import ssl
from urllib.parse import urlsplit

import attrs
import httptools


@attrs.define
class Answer:
    """What a server said; header names are in lower case."""

    status: int = 0
    headers: dict[str, str] = attrs.Factory(dict)
    body: bytes = b""


class _Collector:
    def __init__(self) -> None:
        self.answer = Answer()
        self.complete = False
        self._body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.answer.body = bytes(self._body)
        self.complete = True


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Poster:
    """Posts to one URL over as many connections as are asked for at once.

    Plain http is for a bot on the same machine; the real service wants https.
    """

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines).encode() + b"\r\ncontent-length: "
        self._idle: list[Connection] = []

    async def post(self, body: bytes) -> Answer:
        """Send one body and give the answer.

        Raises:
            OSError: no connection, or it broke before the whole answer came.
        """
        request = self._head + str(len(body)).encode() + b"\r\n\r\n" + body
        while self._idle:
            kept = self._idle.pop()
            try:
                return await self._exchange(kept, request)
            except OSError:  # the server closed an idle connection: ask again on another one
                continue
        return await self._exchange(await self._connect(), request)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[1].close()

    async def _connect(self) -> Connection:
        secure = ssl.create_default_context() if self._secure else None
        return await asyncio.open_connection(self._host, self._port, ssl=secure)

    async def _exchange(self, connection: Connection, request: bytes) -> Answer:
        reader, writer = connection
        collector = _Collector()
        parser = httptools.HttpResponseParser(collector)
        done = False
        try:
            writer.write(request)
            while not collector.complete:
                data = await reader.read(65536)
                if not data:
                    raise ConnectionResetError("the server closed the connection without an answer")
                parser.feed_data(data)
            collector.answer.status = parser.get_status_code()
            done = parser.should_keep_alive()
        except httptools.HttpParserError as broken:
            raise ConnectionResetError(f"the answer is not HTTP: {broken}") from broken
        finally:
            if done:
                self._idle.append(connection)
            else:
                writer.close()
        return collector.answer
