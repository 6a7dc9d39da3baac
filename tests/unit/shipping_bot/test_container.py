"""Who is made of what: wrong arguments show only when a provider is called, so every one is."""

from __future__ import annotations

import pytest

from adapters.shipstation.gateway_v1 import ShipStationV1
from adapters.shipstation.gateway_v2 import ShipStationV2
from shipping_bot.container import Container
from shipping_bot.sandbox import sandbox_settings


@pytest.mark.parametrize(("version", "gateway"), [("v1", ShipStationV1), ("v2", ShipStationV2)])
async def test_given_sandbox_settings_when_every_provider_is_called_then_each_makes_its_part(
    version: str, gateway: type
) -> None:
    container = Container(settings=sandbox_settings("http://127.0.0.1:1", version=version))
    made = {name: provider() for name, provider in container.providers.items()}
    await container.shipping_http().aclose()

    assert isinstance(made["shipping"], gateway)
    assert [name for name, part in made.items() if part is None] == []
    assert made["converse"] is container.converse(), "one of each"
    assert made["handlers"].desk.converse is made["converse"]
