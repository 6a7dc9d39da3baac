"""A running sandbox for each test process, reset before each test; a merchant, and a place for webhooks."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from integration.receiving import Web
from integration.sandbox_oxapay.client import CONTROL, Shop

SRC = Path(__file__).parents[3] / "src"


@pytest.fixture(scope="session")
def oxapay_url() -> Iterator[str]:
    command = [sys.executable, "-m", "shipping_sandbox", "oxapay", "--port", "0"]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


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
