"""The connections to ShipStation, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from attrs import define, field

from adapters.shipstation import transport
from adapters.shipstation.transport import Lanes


@define
class Partner:
    """Answers every request after `delay_s`, and counts what it sees."""

    delay_s: float = 0.0
    url: str = ""
    connections: int = 0
    busy: int = 0
    busiest: int = 0
    _writers: list[asyncio.StreamWriter] = field(factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.busy += 1
                self.busiest = max(self.busiest, self.busy)
                await asyncio.sleep(self.delay_s)
                self.busy -= 1
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        except asyncio.IncompleteReadError:
            writer.close()


@pytest_asyncio.fixture
async def partner() -> AsyncIterator[Partner]:
    made = Partner()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    yield made
    server.close()


@pytest.mark.parametrize("fresh", [True, False])
async def test_given_the_two_lanes_when_used_then_only_the_shared_one_keeps_connections(
    fresh: bool, partner: Partner
) -> None:
    async with httpx.AsyncClient(transport=Lanes(), trust_env=False) as http:
        for _ in range(3):
            await http.get(partner.url, extensions={"fresh": fresh})

    assert partner.connections == (3 if fresh else 1)


async def test_given_a_burst_when_sent_then_it_queues_for_the_connections_and_nothing_is_lost(
    partner: Partner,
) -> None:
    partner.delay_s = 0.002
    burst = transport.SHARED * 8
    async with httpx.AsyncClient(transport=Lanes(), trust_env=False) as http:
        answers = await asyncio.gather(*(http.get(partner.url) for _ in range(burst)))

    assert [a.text for a in answers] == ["ok"] * burst
    assert partner.busiest <= transport.SHARED


async def test_given_no_free_connection_when_a_purchase_waits_too_long_then_nothing_was_sent(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "FRESH", 1)
    monkeypatch.setattr(transport, "PURCHASE_PATIENCE_S", 0.05)
    partner.delay_s = 0.5
    async with httpx.AsyncClient(transport=Lanes(), trust_env=False) as http:
        first = asyncio.create_task(http.get(partner.url, extensions={"fresh": True}))
        await asyncio.sleep(0.02)
        with pytest.raises(httpx.PoolTimeout):
            await http.get(partner.url, extensions={"fresh": True})
        await first

    assert partner.connections == 1


async def test_given_a_failed_request_when_it_ends_then_its_place_is_free_again(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SHARED", 1)
    async with httpx.AsyncClient(transport=Lanes(), trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("http://127.0.0.1:9/")
        answer = await http.get(partner.url)

    assert answer.text == "ok"
