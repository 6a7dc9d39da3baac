"""A server on a free port that keeps what it is sent, for webhooks of any service."""

import asyncio
from collections import deque
from typing import Self

import attrs


@attrs.frozen
class Arrival:
    """One request as it came; header names are in lower case."""

    headers: dict[str, str]
    body: bytes
    head: str = attrs.field(repr=False, default="")


class Web:
    """Answers as it is told, `usual` when it was told nothing."""

    def __init__(self, usual: bytes = b"") -> None:
        self.usual = usual
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self.answers: deque[tuple[str, str, bytes]] = deque()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """Give the address to be called at."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    def plan(self, status: str, *, header: str = "", body: bytes = b"") -> None:
        """Plan the next answer."""
        self.answers.append((status, header, body))

    async def arrival(self) -> Arrival:
        """Give the next request, waiting for it."""
        return await asyncio.wait_for(self.arrivals.get(), 5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await self._head(reader):
            lines = dict(_header(line) for line in head.split("\r\n")[1:] if ": " in line)
            body = await reader.readexactly(int(lines["content-length"]))
            status, header, text = self.answers.popleft() if self.answers else ("200 OK", "", self.usual)
            writer.write(f"HTTP/1.1 {status}\r\n{header}content-length: {len(text)}\r\n\r\n".encode() + text)
            await writer.drain()
            self.arrivals.put_nowait(Arrival(lines, body, head))
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value
