"""Payment links over connections that break: what is told is true, and one wish is one request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from adapters.oxapay import gateway as module
from adapters.oxapay import transport
from contracts.payments import MOMENT, a_request
from fault_proxy import Behaviour, CutAfter, Delay, Hang, Pass, Refuse, ResetAfter, Slice, fault_proxy
from integration.oxapay.world import API, SandboxAccidents, SandboxPayer, oxapay
from integration.shipstation.world import JumpingClock
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PaymentStatus
from shipping_core.errors import GatewayError, GatewayUnavailable, OutcomeUnknown

LIVE = Mode.PRODUCTION


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Wait a second instead of half a minute, but only where nothing comes: a busy machine is slow too."""
    behaviour = request.node.callspec.params.get("behaviour") if hasattr(request.node, "callspec") else None
    if isinstance(behaviour, Hang | Delay):
        monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(1))


async def links_of(home: str, payer: SandboxPayer, ref: str) -> int:
    """How many links exist under this reference, asked past the proxy."""
    now = await payer.now()
    async with oxapay(home + API) as calm:
        return sum(link.order_ref == ref for link, _ in await calm.history(now - MOMENT, now + MOMENT, LIVE))


@pytest.mark.parametrize(
    ("behaviour", "raised", "handed_on", "links"),
    [
        pytest.param(Pass(), None, 1, 1, id="calm"),
        pytest.param(Slice(1), None, 1, 1, id="byte by byte"),
        pytest.param(Delay(0.1), None, 1, 1, id="a little late"),
        pytest.param(Refuse(), GatewayUnavailable, 0, 0, id="refused"),
        pytest.param(Hang(), OutcomeUnknown, 0, 0, id="hangs"),
        pytest.param(Delay(5), OutcomeUnknown, 1, 1, id="much too late"),
        pytest.param(CutAfter(0), OutcomeUnknown, 1, 1, id="closed without an answer"),
        pytest.param(CutAfter(9), OutcomeUnknown, 1, 1, id="cut in the status line"),
        pytest.param(CutAfter(60), OutcomeUnknown, 1, 1, id="cut in the headers"),
        pytest.param(CutAfter(250), OutcomeUnknown, 1, 1, id="cut in the body"),
        pytest.param(ResetAfter(5), OutcomeUnknown, 0, 0, id="reset in the request line"),
        pytest.param(ResetAfter(150), OutcomeUnknown, 1, 0, id="reset in the request's headers"),
        pytest.param(ResetAfter(answered=True), OutcomeUnknown, 1, 1, id="reset before the answer came"),
    ],
)
async def test_given_a_connection_that_breaks_when_creating_then_its_outcome_is_told_and_it_is_sent_once(
    home: str,
    payer: SandboxPayer,
    accidents: SandboxAccidents,
    behaviour: Behaviour,
    raised: type[GatewayError] | None,
    handed_on: int,
    links: int,
) -> None:
    request = a_request(LIVE)
    told: type[GatewayError] | None = None
    async with fault_proxy(home + API, [behaviour]) as proxy, oxapay(proxy.url) as gateway:
        try:
            assert (await gateway.create(request)).order_ref == request.order_ref
        except GatewayError as error:
            told = type(error)

    assert told is raised
    seen = 0 if isinstance(behaviour, Refuse) else 1
    assert len(proxy.connections) == proxy.requests_seen("POST", "/payment/invoice") == seen
    assert proxy.requests_handed_on("POST", "/payment/invoice") == handed_on
    assert await links_of(home, payer, request.order_ref) == links == await accidents.links_asked_for()
    if isinstance(behaviour, CutAfter):
        assert proxy.bytes_answered == behaviour.answer_bytes


BREAKS: Sequence[Behaviour] = (
    Hang(),
    Delay(5),
    CutAfter(0),
    CutAfter(9),
    CutAfter(60),
    CutAfter(250),
    ResetAfter(5),
    ResetAfter(answered=True),
)


@pytest.mark.parametrize("behaviour", BREAKS, ids=str)
async def test_given_two_connections_that_break_when_inquired_then_the_third_answers(
    home: str, payer: SandboxPayer, behaviour: Behaviour
) -> None:
    async with oxapay(home + API) as calm:
        link = await calm.create(a_request(LIVE))
    await payer.pay(link.track_id)
    async with fault_proxy(home + API, [behaviour] * 2) as proxy, oxapay(proxy.url) as gateway:
        told = await gateway.inquire(link.track_id, LIVE)

    assert told.status is PaymentStatus.PAID
    assert len(proxy.connections) == 3


@pytest.mark.parametrize("behaviour", [*BREAKS, Refuse()], ids=str)
async def test_given_connections_that_keep_breaking_when_inquired_then_it_is_unavailable_after_three(
    home: str, behaviour: Behaviour
) -> None:
    async with fault_proxy(home + API, [behaviour] * 9) as proxy, oxapay(proxy.url) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.inquire("190000001", LIVE)

    assert len(proxy.connections) == (0 if isinstance(behaviour, Refuse) else 3)


async def test_given_a_server_that_comes_back_when_inquired_then_the_pause_was_worth_it(home: str) -> None:
    class Waiting(JumpingClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(0.2)

    async with oxapay(home + API) as calm:
        link = await calm.create(a_request(LIVE))
    async with (
        fault_proxy(home + API, [Refuse(0.1)]) as proxy,
        oxapay(proxy.url, Waiting()) as gateway,
    ):
        assert (await gateway.inquire(link.track_id, LIVE)).track_id == link.track_id


async def test_given_the_second_page_lost_for_good_when_listed_then_there_is_no_history_at_all(
    home: str, payer: SandboxPayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE_SIZE", 5)
    async with oxapay(home + API) as calm:
        for _ in range(6):
            await calm.create(a_request(LIVE))
    now = await payer.now()
    span = now - 6 * MOMENT, now + MOMENT
    async with fault_proxy(home + API, []) as proxy, oxapay(proxy.url) as gateway:
        assert len(await gateway.history(*span, LIVE)) == 6
    in_the_second = proxy.connections[0].answered.rindex(b"HTTP/1.1 200") + 99
    script = [CutAfter(in_the_second), CutAfter(9), CutAfter(9)]
    async with fault_proxy(home + API, script) as proxy, oxapay(proxy.url) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.history(*span, LIVE)

    assert proxy.requests_handed_on("GET", "page=1&") == 1
    assert proxy.requests_handed_on("GET", "page=2&") == 3


async def test_given_kept_connections_when_a_link_is_made_then_it_gets_one_of_its_own(home: str) -> None:
    async with fault_proxy(home + API, []) as proxy, oxapay(proxy.url) as gateway:
        for _ in range(2):
            link = await gateway.create(a_request(LIVE))
            await gateway.inquire(link.track_id, LIVE)

    assert [(bytes(c.seen[:4]), c.seen.count(b"HTTP/1.1")) for c in proxy.connections] == [
        (b"POST", 1),
        (b"GET ", 2),
        (b"POST", 1),
    ]
