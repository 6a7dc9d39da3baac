"""A running sandbox for each test process, reset before each test; a merchant, and a place for webhooks."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from integration.receiving import Web
from integration.sandbox_oxapay.client import CONTROL, Shop
from integration.serving import sandbox_process


@pytest.fixture(scope="session")
def oxapay_url() -> Iterator[str]:
    with sandbox_process("oxapay") as url:
        yield url


@pytest.fixture
async def http(oxapay_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=oxapay_url, timeout=10) as client:
        (await client.post(f"{CONTROL}/reset")).raise_for_status()
        yield client


@pytest.fixture
def shop(http: httpx.AsyncClient) -> Shop:
    return Shop(http)


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    """Where webhooks go; it answers `ok`."""
    async with Web(b"ok") as web:
        yield web
