"""The proxy spoils exactly what it is told to; or the tests behind it would prove nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import define, field

from fault_proxy import (
    Behaviour,
    CutAfter,
    Delay,
    FaultProxy,
    Hang,
    Pass,
    Refuse,
    ResetAfter,
    Slice,
    fault_proxy,
)

REQUEST = b"POST /things HTTP/1.1\r\ncontent-length: 4\r\n\r\nbody"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@define
class Echo:
    """A server that answers each whole request and remembers every byte."""

    url: str = ""
    got: bytearray = field(factory=bytearray)
    pieces: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        pending = b""
        while data := await reader.read(65536):
            self.got += data
            self.pieces += 1
            pending += data
            while len(pending) >= len(REQUEST):
                pending = pending[len(REQUEST) :]
                writer.write(ANSWER)
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base"
    yield made
    server.close()


async def talk(proxy: FaultProxy, *, patience_s: float = 1.0) -> bytes:
    """Send one request and return everything that comes back before the connection ends."""
    host, port = proxy.url.removeprefix("http://").partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(REQUEST)
        await writer.drain()
        got = b""
        async with asyncio.timeout(patience_s):
            while len(got) < len(ANSWER) and (data := await reader.read(65536)):
                got += data
        return got
    finally:
        writer.close()


@pytest.mark.parametrize("behaviour", [Pass(), Delay(0.01), Slice(1), Slice(7)], ids=str)
async def test_given_a_patient_behaviour_when_called_then_everything_arrives(
    echo: Echo, behaviour: Behaviour
) -> None:
    async with fault_proxy(echo.url, [behaviour]) as proxy:
        assert await talk(proxy) == ANSWER
        assert proxy.url.endswith("/base")
        assert (proxy.bytes_handed_on, proxy.bytes_answered) == (len(REQUEST), len(ANSWER))
        assert (proxy.requests_seen("POST"), proxy.requests_handed_on("POST", "/things")) == (1, 1)

    assert echo.got == REQUEST


async def test_given_a_delay_when_called_then_the_answer_is_late_and_not_the_request(echo: Echo) -> None:
    async with fault_proxy(echo.url, [Delay(5)]) as proxy:
        with pytest.raises(TimeoutError):
            await talk(proxy, patience_s=0.2)

    assert echo.got == REQUEST


async def test_given_pieces_when_called_then_the_server_reads_more_than_once(echo: Echo) -> None:
    async with fault_proxy(echo.url, [Slice(1)]) as proxy:
        await talk(proxy)

    assert echo.pieces > 1


async def test_given_a_refusal_when_called_then_the_kernel_refuses_until_it_is_over(echo: Echo) -> None:
    async with fault_proxy(echo.url, [Refuse(0.05), Pass()]) as proxy:
        with pytest.raises(ConnectionRefusedError):
            await talk(proxy)
        await asyncio.sleep(0.1)

        assert await talk(proxy) == ANSWER

    assert len(proxy.connections) == 1


async def test_given_a_refusal_in_the_middle_when_called_then_only_the_next_call_meets_it(echo: Echo) -> None:
    async with fault_proxy(echo.url, [Pass(), Refuse(5), Pass()]) as proxy:
        assert await talk(proxy) == ANSWER
        with pytest.raises(ConnectionRefusedError):
            await talk(proxy)


async def test_given_a_server_that_hangs_when_called_then_nothing_reaches_it_or_comes_back(
    echo: Echo,
) -> None:
    async with fault_proxy(echo.url, [Hang()]) as proxy:
        with pytest.raises(TimeoutError):
            await talk(proxy, patience_s=0.1)

        assert (proxy.requests_seen("POST"), proxy.requests_handed_on("POST")) == (1, 0)
    assert echo.got == b""


@pytest.mark.parametrize("size", [0, 1, 17, len(ANSWER) - 1])
async def test_given_a_cut_when_called_then_the_whole_request_went_and_so_much_came_back(
    echo: Echo, size: int
) -> None:
    async with fault_proxy(echo.url, [CutAfter(size)]) as proxy:
        assert await talk(proxy) == ANSWER[:size]
        assert proxy.bytes_answered == size

    assert echo.got == REQUEST


@pytest.mark.parametrize("size", [1, 17, len(REQUEST)])
async def test_given_a_reset_when_called_then_so_much_went_and_the_client_sees_a_reset(
    echo: Echo, size: int
) -> None:
    async with fault_proxy(echo.url, [ResetAfter(size)]) as proxy:
        with pytest.raises(ConnectionResetError):
            await talk(proxy)
        await asyncio.sleep(0.05)

        assert proxy.bytes_handed_on == size
    assert echo.got == REQUEST[:size]


async def test_given_a_reset_after_the_answer_when_called_then_the_server_had_everything(echo: Echo) -> None:
    async with fault_proxy(echo.url, [ResetAfter(answered=True)]) as proxy:
        with pytest.raises(ConnectionResetError):
            await talk(proxy)

        assert proxy.bytes_answered == 0
    assert echo.got == REQUEST


async def test_given_a_script_when_it_is_over_then_connections_pass(echo: Echo) -> None:
    async with fault_proxy(echo.url, [CutAfter(0)]) as proxy:
        assert [await talk(proxy) for _ in range(3)] == [b"", ANSWER, ANSWER]
        assert [type(c.behaviour) for c in proxy.connections] == [CutAfter, Pass, Pass]
        assert proxy.requests_handed_on() == 3
