"""One running shop a test process; every test is a customer of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from integration.journeys.chat import Chat
from integration.journeys.shop import Shop, open_shop


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_shop() -> AsyncIterator[Shop]:
    async with open_shop() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def shop(running_shop: Shop) -> AsyncIterator[Shop]:
    """The shop, without accidents left over from another test."""
    yield running_shop
    await running_shop.calm()


@pytest.fixture
def chat(shop: Shop) -> Chat:
    return Chat(shop, shop.new_user())
