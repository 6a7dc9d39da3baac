"""A TCP proxy that spoils connections on order, between any client and a real server of this machine.

    async with fault_proxy(server_url, [ResetAfter(10), Pass()]) as proxy:
        ... the client calls proxy.url ...
        assert proxy.requests_seen("POST") == 1

One behaviour for each connection, in the order of the script; after the last of them every connection passes.
Nothing is parsed on the way; requests are counted by their heads.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlsplit

from attrs import define, field, frozen

CHUNK = 65536
PATIENCE_S = 30.0
"""How long a connection may hang around; no test waits that long."""
_HEAD = re.compile(rb"(?:^|(?<=\n)|(?<=[}\]]))([A-Z]{3,7}) (\S+) HTTP/1\.[01]\r\n")


@frozen
class Pass:
    """Hand everything on."""


@frozen
class Refuse:
    """Nobody listens: the connection is refused by the kernel. Lasts until `seconds` are over."""

    seconds: float = PATIENCE_S


@frozen
class Hang:
    """Take the connection and the request, hand nothing on, and never answer."""


@frozen
class Delay:
    """Hand everything on, but the answer so many seconds late."""

    seconds: float


@frozen
class Slice:
    """Hand everything on in pieces of this many bytes."""

    size: int = 1


@frozen
class CutAfter:
    """Hand on the request and this many bytes of the answer, then close as if that were all."""

    answer_bytes: int


@frozen
class ResetAfter:
    """Hand on this many bytes of the request, then reset the client's connection.

    With `answered`, only after the server has answered: the request surely had its effect.
    """

    request_bytes: int = 10**9
    answered: bool = False


Behaviour = Pass | Refuse | Hang | Delay | Slice | CutAfter | ResetAfter


@define
class Connection:
    """What one connection saw and let through."""

    behaviour: Behaviour
    seen: bytearray = field(factory=bytearray)
    """What the client sent."""
    handed_on: bytearray = field(factory=bytearray)
    """What of that reached the server."""
    answered: bytearray = field(factory=bytearray)
    """What of the server's answer reached the client."""


@define
class FaultProxy:
    """One listening port in front of one server."""

    host: str
    port: int
    path: str
    script: deque[Behaviour]
    connections: list[Connection] = field(factory=list)
    _address: tuple[str, int] = ("", 0)
    _holder: socket.socket | None = None
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    @property
    def url(self) -> str:
        """Where the client calls instead of the server; with the server's path."""
        return f"http://{self._address[0]}:{self._address[1]}{self.path}"

    def requests_seen(self, method: str = "", path: str = "") -> int:
        """How many requests clients began to send, whatever became of them."""
        return sum(_count(c.seen, method, path) for c in self.connections)

    def requests_handed_on(self, method: str = "", path: str = "") -> int:
        """How many requests began to reach the server."""
        return sum(_count(c.handed_on, method, path) for c in self.connections)

    @property
    def bytes_handed_on(self) -> int:
        """How much of the requests reached the server."""
        return sum(len(c.handed_on) for c in self.connections)

    @property
    def bytes_answered(self) -> int:
        """How much of the answers reached clients."""
        return sum(len(c.answered) for c in self.connections)

    async def open(self) -> None:
        """Take a port, and listen unless the script begins with a refusal."""
        # A second socket on the port that never listens: nobody else may get it while we refuse.
        self._holder = _bound(("127.0.0.1", 0))
        self._address = self._holder.getsockname()[:2]
        await self._next()

    async def close(self) -> None:
        """Let go of everything."""
        self._stop_listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._holder is not None:
            self._holder.close()

    async def _next(self) -> None:
        """Be what the head of the script says for the next connection."""
        if self.script and isinstance(refusal := self.script[0], Refuse):
            self.script.popleft()
            self._stop_listening()
            self._keep(asyncio.create_task(self._refuse_for(refusal.seconds)))
        elif self._server is None:
            self._server = await asyncio.start_server(self._accept, sock=_bound(self._address))

    async def _refuse_for(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._next()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(asyncio.create_task(self._take(reader, writer)))

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behaviour = self.script.popleft() if self.script else Pass()
        connection = Connection(behaviour)
        self.connections.append(connection)
        await self._next()
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._serve(connection, reader, writer)
        finally:
            await _closed(writer)

    async def _serve(
        self, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(connection.behaviour, Hang):
            while data := await reader.read(CHUNK):
                connection.seen += data
            return
        there, back = await asyncio.open_connection(self.host, self.port)
        asking = asyncio.ensure_future(_hand_on(connection, reader, back))
        answering = asyncio.ensure_future(_answer(connection, there, writer))
        try:
            done, _ = await asyncio.wait([asking, answering], return_when=asyncio.FIRST_COMPLETED)
            if asking in done and not asking.result() and not answering.done():
                await answering  # the client has said everything; the server may still answer
        finally:
            for task in (asking, answering):
                task.cancel()
            if isinstance(connection.behaviour, ResetAfter):
                _reset(writer)
            back.close()  # before anything is waited for: we may be cancelled there
            await asyncio.gather(asking, answering, return_exceptions=True)
            await _closed(back)


async def _hand_on(
    connection: Connection, reader: asyncio.StreamReader, server: asyncio.StreamWriter
) -> bool:
    """The client's bytes to the server; True when the connection is to end now."""
    behaviour = connection.behaviour
    left = behaviour.request_bytes if isinstance(behaviour, ResetAfter) else None
    while data := await reader.read(CHUNK):
        connection.seen += data
        part = data if left is None else data[:left]
        for piece in _pieces(part, behaviour):
            server.write(piece)
            await server.drain()
            connection.handed_on += piece
        if left is not None:
            left -= len(part)
            if left <= 0:
                return True
    server.write_eof()
    return False


async def _answer(connection: Connection, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    """The server's bytes to the client, as far as the behaviour lets them."""
    behaviour = connection.behaviour
    left = behaviour.answer_bytes if isinstance(behaviour, CutAfter) else None
    late = isinstance(behaviour, Delay)
    while data := await reader.read(CHUNK):
        if isinstance(behaviour, ResetAfter):
            if behaviour.answered:
                return
            continue
        if isinstance(behaviour, Delay) and late:
            await asyncio.sleep(behaviour.seconds)
            late = False
        for piece in _pieces(data if left is None else data[:left], behaviour):
            client.write(piece)
            await client.drain()
            connection.answered += piece
        if left is not None:
            left -= min(left, len(data))
            if left == 0:
                return


def _pieces(data: bytes, behaviour: Behaviour) -> Iterable[bytes]:
    size = behaviour.size if isinstance(behaviour, Slice) else CHUNK
    return (data[at : at + size] for at in range(0, len(data), size))


def _count(sent: bytearray, method: str, path: str) -> int:
    return sum(
        (not method or m.decode() == method) and path in p.decode("latin-1") for m, p in _HEAD.findall(sent)
    )


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset instead of an end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _bound(address: tuple[str, int]) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.bind(address)
    return sock


@contextlib.asynccontextmanager
async def fault_proxy(server_url: str, script: Iterable[Behaviour]) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the server of this URL, with one behaviour for each coming connection."""
    parts = urlsplit(server_url)
    assert parts.hostname is not None
    assert parts.port is not None
    proxy = FaultProxy(parts.hostname, parts.port, parts.path, deque(script))
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
