"""Both versions keep the port's promises over real HTTP, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from contracts.shipping import ShippingGatewayAccidents, ShippingGatewayContract
from integration.shipstation.world import JumpingClock, SandboxAccidents, sandbox, v1, v2
from shipping_core.domain.ids import Mode
from shipping_core.ports.shipping import ShippingGateway


@pytest.fixture
async def home() -> AsyncIterator[str]:
    async with sandbox() as url:
        yield url


@pytest.fixture
async def accidents(home: str) -> AsyncIterator[SandboxAccidents]:
    async with httpx.AsyncClient(base_url=home) as controls:
        yield SandboxAccidents(controls)


@pytest.fixture(params=list(Mode), ids=lambda mode: mode.value)
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


class _OverV1:
    gives_the_document_again = False
    tracks = False
    empty_wallet_is_a_clear_no = False

    @pytest.fixture
    async def gateway(self, home: str) -> AsyncIterator[ShippingGateway]:
        async with v1(f"{home}/shipstation/v1", JumpingClock()) as made:
            yield made


class _OverV2:
    @pytest.fixture
    async def gateway(self, home: str) -> AsyncIterator[ShippingGateway]:
        async with v2(f"{home}/shipstation", JumpingClock()) as made:
            yield made


class TestV1(_OverV1, ShippingGatewayContract):
    """V1 on a calm day."""


class TestV1Accidents(_OverV1, ShippingGatewayAccidents):
    """V1 when something goes wrong."""


class TestV2(_OverV2, ShippingGatewayContract):
    """V2 on a calm day."""


class TestV2Accidents(_OverV2, ShippingGatewayAccidents):
    """V2 when something goes wrong."""
