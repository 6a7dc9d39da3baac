"""A running sandbox for each test process, and a bot of its own for each test."""

import itertools
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from integration.sandbox_telegram.client import BotSide
from integration.serving import sandbox_process

_numbers = itertools.count(1000)


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with sandbox_process("telegram") as url:
        yield url


@pytest.fixture
async def http(sandbox_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox_url, timeout=10) as client:
        before = (await client.get("/sandbox/telegram/settings")).json()
        yield client
        await client.delete("/sandbox/faults/telegram")
        await client.post("/sandbox/telegram/settings", json=before)


@pytest.fixture
async def bot(http: httpx.AsyncClient) -> BotSide:
    bot = BotSide(http, f"{next(_numbers)}:invented")
    await bot.call("getMe")
    return bot
