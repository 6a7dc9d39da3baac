"""One fresh sandbox for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from integration.oxapay.world import SandboxAccidents, SandboxPayer, sandbox
from shipping_core.domain.ids import Mode


@pytest.fixture
async def home() -> AsyncIterator[str]:
    async with sandbox() as url:
        yield url


@pytest.fixture
async def controls(home: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=home, trust_env=False) as client:
        yield client


@pytest.fixture
def payer(controls: httpx.AsyncClient) -> SandboxPayer:
    return SandboxPayer(controls)


@pytest.fixture
def accidents(controls: httpx.AsyncClient) -> SandboxAccidents:
    return SandboxAccidents(controls)


@pytest.fixture(params=list(Mode), ids=lambda mode: mode.value)
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen
