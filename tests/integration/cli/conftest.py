"""A sandbox for each test, and what is seen of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from integration.cli.processes import Place
from integration.journeys.chat import Chat
from shipping_bot.sandbox import sandbox


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with sandbox() as running, aiohttp.ClientSession() as http:
        yield Place(running.url, http)


@pytest.fixture
def chat(place: Place) -> Chat:
    return Chat(place, 7001)
