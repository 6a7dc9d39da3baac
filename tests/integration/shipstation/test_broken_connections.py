"""Purchases over connections that break: what is told is true, and one purchase is one request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.shipstation import transport
from contracts.shipping import SHIPMENT, a_reference
from fault_proxy import Behaviour, CutAfter, Delay, Hang, Pass, Refuse, ResetAfter, Slice, fault_proxy
from integration.shipstation.world import JumpingClock, SandboxAccidents, sandbox, v1, v2
from shipping_core.domain.ids import Mode
from shipping_core.errors import GatewayError, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import Purchase

LIVE = Mode.PRODUCTION
VERSIONS = {"v1": ("/shipstation/v1", v1), "v2": ("/shipstation", v2)}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Wait a second instead of half a minute, but only where nothing comes: a busy machine is slow too."""
    behaviour = request.node.callspec.params.get("behaviour") if hasattr(request.node, "callspec") else None
    if isinstance(behaviour, Hang | Delay):
        monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(1))


@pytest.fixture
async def home() -> AsyncIterator[str]:
    async with sandbox() as url:
        yield url


@pytest.mark.parametrize("version", list(VERSIONS))
@pytest.mark.parametrize(
    ("behaviour", "raised", "labels"),
    [
        pytest.param(Pass(), None, 1, id="calm"),
        pytest.param(Slice(100), None, 1, id="in small pieces"),
        pytest.param(Delay(0.1), None, 1, id="a little late"),
        pytest.param(Refuse(), GatewayUnavailable, 0, id="refused"),
        pytest.param(Hang(), OutcomeUnknown, 0, id="hangs"),
        pytest.param(Delay(5), OutcomeUnknown, 1, id="much too late"),
        pytest.param(CutAfter(0), OutcomeUnknown, 1, id="closed without an answer"),
        pytest.param(CutAfter(9), OutcomeUnknown, 1, id="cut in the status line"),
        pytest.param(CutAfter(60), OutcomeUnknown, 1, id="cut in the headers"),
        pytest.param(CutAfter(600), OutcomeUnknown, 1, id="cut in the body"),
        pytest.param(ResetAfter(5), OutcomeUnknown, 0, id="reset in the request line"),
        pytest.param(ResetAfter(150), OutcomeUnknown, 0, id="reset in the request's headers"),
        pytest.param(ResetAfter(answered=True), OutcomeUnknown, 1, id="reset before the answer came"),
    ],
)
async def test_given_a_connection_that_breaks_when_buying_then_its_outcome_is_told_and_it_is_sent_once(
    home: str, version: str, behaviour: Behaviour, raised: type[GatewayError] | None, labels: int
) -> None:
    path, make = VERSIONS[version]
    told: type[GatewayError] | None = None
    async with (
        httpx.AsyncClient(base_url=home, trust_env=False) as controls,
        make(home + path, JumpingClock()) as calm,
        fault_proxy(home + path, [behaviour]) as proxy,
        make(proxy.url, JumpingClock()) as gateway,
    ):
        reference = a_reference()
        offers = await calm.rates(SHIPMENT, reference=reference, mode=LIVE)
        prepared = await calm.prepare(Purchase(reference, offers.rates[0], SHIPMENT, LIVE))
        try:
            await gateway.buy(prepared)
        except GatewayError as error:
            told = type(error)
        found = await calm.find(prepared)
        sent = await SandboxAccidents(controls).purchases_sent(reference)

    assert told is raised
    assert len(found) == labels == sent
    seen = 0 if isinstance(behaviour, Refuse) else 1
    assert len(proxy.connections) == proxy.requests_seen("POST") == seen
    if isinstance(behaviour, CutAfter):
        assert proxy.bytes_answered == behaviour.answer_bytes


@pytest.mark.parametrize(
    "behaviour", [Hang(), CutAfter(0), CutAfter(9), CutAfter(300), ResetAfter(5), ResetAfter(answered=True)]
)
@pytest.mark.parametrize("version", list(VERSIONS))
async def test_given_two_connections_that_break_when_looking_for_a_label_then_the_third_answers(
    home: str, version: str, behaviour: Behaviour
) -> None:
    path, make = VERSIONS[version]
    async with (
        make(home + path, JumpingClock()) as calm,
        fault_proxy(home + path, [behaviour] * 2) as proxy,
        make(proxy.url, JumpingClock()) as gateway,
    ):
        reference = a_reference()
        offers = await calm.rates(SHIPMENT, reference=reference, mode=LIVE)
        prepared = await calm.prepare(Purchase(reference, offers.rates[0], SHIPMENT, LIVE))
        bought = await calm.buy(prepared)
        found = await gateway.find(prepared)

    assert [label.label_id for label in found] == [bought.label.label_id]
    assert len(proxy.connections) == 3
