"""A running sandbox for each test process, and a bot of its own for each test."""

import itertools
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from integration.sandbox_telegram.client import BotSide

SRC = Path(__file__).parents[3] / "src"
_numbers = itertools.count(1000)


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    command = [sys.executable, "-m", "shipping_sandbox", "telegram", "--port", "0"]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


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
