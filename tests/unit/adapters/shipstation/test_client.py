"""The client: what is repeated, what never is, what it says and what it keeps to itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from adapters.shipstation import transport
from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.client import Call, Client
from adapters.shipstation.limiter import Limiter, Urgency
from adapters.shipstation.outcomes import Outcome
from adapters.shipstation.translate_v2 import judge_label
from adapters.shipstation.transport import http_client
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from unit.adapters.shipstation.fakes import JumpingClock
from unit.adapters.shipstation.payloads import as_json, v2_error, v2_label

BASE = "https://shop.example.com"
READ = Call("find", "GET", "/v2/labels/se-1")
BUY = Call("buy", "POST", "/v2/labels/rates/se-7", body={"label_format": "pdf"}, urgency=Urgency.PURCHASE)
NO_CONNECTION = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]
DOUBT = [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def partner() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def client(clock: JumpingClock, partner: respx.MockRouter) -> AsyncIterator[Client]:
    async with http_client(BASE) as http:
        yield Client(
            http,
            headers={"API-Key": "canary-key"},
            limiter=Limiter(None, clock=clock, sleep=clock.sleep),
            fault=wire.fault,
            sleep=clock.sleep,
        )


@pytest.fixture
def label_route(partner: respx.MockRouter) -> respx.Route:
    return partner.get(READ.path)


@pytest.fixture
def purchase(partner: respx.MockRouter) -> respx.Route:
    return partner.post(BUY.path)


def answer(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    return httpx.Response(status, content=content, headers=headers)


async def test_given_a_header_in_no_language_when_answered_then_the_answer_counts_all_the_same(
    client: Client, label_route: respx.Route
) -> None:
    strange = [(b"x-greeting", "добрый день".encode()), (b"content-type", b"application/json")]
    label_route.mock(return_value=httpx.Response(200, content=as_json(v2_label()), headers=strange))

    assert (await client.read(READ, wire.Label)).label_id


@pytest.mark.parametrize("error", [*NO_CONNECTION, *DOUBT], ids=lambda e: e.__name__)
async def test_given_a_lost_answer_when_reading_then_it_is_asked_again(
    client: Client, label_route: respx.Route, error: type[httpx.TransportError]
) -> None:
    label_route.side_effect = [error("invented"), answer(200, as_json(v2_label()))]

    assert (await client.read(READ, wire.Label)).label_id == "se-800400"


@pytest.mark.parametrize(
    "bad", [answer(500), answer(503), answer(408), answer(200, b'{"label_id": "se-8'), answer(200, b"[]")]
)
async def test_given_a_partner_that_stays_ill_when_reading_then_it_is_told_after_three_tries(
    client: Client, label_route: respx.Route, bad: httpx.Response, clock: JumpingClock
) -> None:
    label_route.mock(return_value=bad)
    with pytest.raises(GatewayUnavailable):
        await client.read(READ, wire.Label)

    assert label_route.call_count == 3
    assert len(clock.waits) == 2
    assert all(0 < wait < 4 for wait in clock.waits)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        pytest.param(400, v2_error("invalid_address"), "invalid_address", id="validation"),
        pytest.param(404, b"", "http_404", id="no such thing"),
        pytest.param(401, v2_error("unauthorized"), "unauthorized", id="our key"),
        pytest.param(403, b"<html>", "unauthorized", id="our plan"),
        pytest.param(302, b"", "http_302", id="sent elsewhere"),
    ],
)
async def test_given_a_clear_no_when_reading_then_it_is_told_at_once(
    client: Client, label_route: respx.Route, status: int, body: bytes, code: str
) -> None:
    label_route.mock(return_value=answer(status, body, location="https://elsewhere.example.com/"))
    with pytest.raises(GatewayRefused) as told:
        await client.read(READ, wire.Label)

    assert told.value.code == code
    assert label_route.call_count == 1


async def test_given_a_hint_when_too_fast_then_it_goes_before_our_own_pauses(
    client: Client, label_route: respx.Route, clock: JumpingClock
) -> None:
    label_route.side_effect = [
        answer(429, v2_error("rate_limit_exceeded"), **{"retry-after": "7"}),
        answer(200, as_json(v2_label())),
    ]
    await client.read(READ, wire.Label)

    assert clock.passed_s == 7


async def test_given_a_long_wait_when_too_fast_then_nobody_waits_for_it(
    client: Client, label_route: respx.Route, clock: JumpingClock
) -> None:
    label_route.mock(return_value=answer(429, b"", **{"retry-after": "60"}))
    with pytest.raises(GatewayUnavailable) as told:
        await client.read(READ, wire.Label)

    assert (told.value.retry_after_s, clock.waits, label_route.call_count) == (60, [], 1)


@pytest.mark.parametrize(
    ("effect", "raised"),
    [
        *(pytest.param(e("invented"), GatewayUnavailable, id=e.__name__) for e in NO_CONNECTION),
        *(pytest.param(e("invented"), OutcomeUnknown, id=e.__name__) for e in DOUBT),
        pytest.param(RuntimeError("invented"), OutcomeUnknown, id="a bug below"),
        pytest.param(answer(200, b'{"label_id"'), OutcomeUnknown, id="cut"),
        pytest.param(answer(500), OutcomeUnknown, id="500"),
        pytest.param(answer(502, v2_error()), OutcomeUnknown, id="502 with a text"),
        pytest.param(answer(408), OutcomeUnknown, id="408"),
        pytest.param(answer(409, v2_error()), OutcomeUnknown, id="409"),
        pytest.param(answer(307), OutcomeUnknown, id="redirect"),
        pytest.param(answer(400, v2_error()), GatewayRefused, id="400"),
        pytest.param(answer(400, b"<html>"), OutcomeUnknown, id="400 from a stranger"),
        pytest.param(answer(404), GatewayRefused, id="404"),
        pytest.param(answer(401), GatewayRefused, id="401"),
        pytest.param(answer(429, v2_error("rate_limit_exceeded")), GatewayUnavailable, id="429"),
        pytest.param(answer(429, v2_error("x", source="carrier")), OutcomeUnknown, id="429 of the carrier"),
        pytest.param(answer(200, as_json(v2_label(status="error"))), GatewayRefused, id="label in error"),
    ],
)
async def test_given_any_failure_when_buying_then_it_is_told_as_it_is_and_never_repeated(
    client: Client, purchase: respx.Route, effect: Exception | httpx.Response, raised: type[GatewayError]
) -> None:
    purchase.side_effect = [effect]
    with pytest.raises(GatewayError) as told:
        await client.act(BUY, judge_label)

    assert type(told.value) is raised
    assert purchase.call_count == 1


@pytest.mark.parametrize(
    ("response", "code"),
    [
        pytest.param(answer(401, v2_error("anything")), "unauthorized", id="401"),
        pytest.param(answer(403), "unauthorized", id="403"),
        pytest.param(
            answer(400, v2_error("insufficient_funds", source="carrier")), "insufficient_funds", id="funds"
        ),
        pytest.param(answer(400, b'{"errors":[{"message":"No."}]}'), "http_400", id="no code"),
        pytest.param(answer(200, as_json(v2_label(status="error"))), "label_error", id="label in error"),
    ],
)
async def test_given_a_clear_no_when_buying_then_its_code_says_why(
    client: Client, purchase: respx.Route, response: httpx.Response, code: str
) -> None:
    purchase.mock(return_value=response)
    with pytest.raises(GatewayRefused) as told:
        await client.act(BUY, judge_label)

    assert told.value.code == code


async def test_given_a_label_still_in_the_making_when_buying_then_that_is_an_outcome_of_its_own(
    client: Client, purchase: respx.Route
) -> None:
    purchase.mock(return_value=answer(200, as_json(v2_label(status="processing"))))
    outcome, label = await client.act(BUY, judge_label)

    assert (outcome, label and label.label_id) == (Outcome.PENDING, "se-800400")


async def test_given_a_cancelled_worker_when_buying_then_cancellation_goes_through(
    client: Client, purchase: respx.Route
) -> None:
    sent = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    purchase.side_effect = hang
    buying = asyncio.ensure_future(client.act(BUY, judge_label))
    await sent.wait()
    buying.cancel()

    with pytest.raises(asyncio.CancelledError):
        await buying


async def test_given_an_endless_answer_when_read_then_it_is_cut_off(
    client: Client, label_route: respx.Route, purchase: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 1000)
    label_route.mock(return_value=answer(200, b"x" * 1001))
    purchase.mock(return_value=answer(200, b"x" * 1001))

    with pytest.raises(GatewayUnavailable):
        await client.read(READ, wire.Label)
    with pytest.raises(OutcomeUnknown):
        await client.act(BUY, judge_label)


async def test_given_a_dripping_answer_when_its_time_is_over_then_a_purchase_is_unknown(
    client: Client, purchase: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("adapters.shipstation.client.DEADLINE_S", 0.01)
    purchase.side_effect = drip

    with pytest.raises(OutcomeUnknown):
        await client.act(BUY, judge_label)


async def test_given_a_purchase_when_sent_then_it_asks_for_a_connection_of_its_own(
    client: Client, purchase: respx.Route, label_route: respx.Route
) -> None:
    purchase.mock(return_value=answer(200, as_json(v2_label())))
    label_route.mock(return_value=answer(200, as_json(v2_label())))
    await client.act(BUY, judge_label)
    await client.read(READ, wire.Label)
    bought, read = purchase.calls.last.request, label_route.calls.last.request

    assert (bought.headers["connection"], bought.extensions["fresh"]) == ("close", True)
    assert (read.headers["connection"], read.extensions["fresh"]) == ("keep-alive", False)


async def test_given_the_connection_when_looked_at_then_limits_are_set_and_nothing_is_followed() -> None:
    async with http_client(BASE) as http:
        assert http.timeout == httpx.Timeout(connect=5, read=60, write=10, pool=5)
        assert (http.follow_redirects, http.trust_env) == (False, False)


async def test_given_a_cookie_when_answered_then_it_is_not_carried_from_one_key_to_the_next(
    client: Client, label_route: respx.Route
) -> None:
    label_route.mock(return_value=answer(200, as_json(v2_label()), **{"set-cookie": "session=1"}))
    await client.read(READ, wire.Label)
    await client.read(READ, wire.Label)

    assert "cookie" not in label_route.calls.last.request.headers


async def test_given_failures_of_every_kind_when_logged_then_no_secret_body_or_person_is_in_it(
    client: Client, label_route: respx.Route, purchase: respx.Route, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "adapters.shipstation")
    told = v2_error("invalid_address", "Canary Person, 1 Canary St", field_value="canary")
    label_route.side_effect = [httpx.ReadError("canary"), answer(400, told)]
    purchase.side_effect = [answer(400, told), answer(500, b"canary"), httpx.ReadError("canary")]
    with pytest.raises(GatewayRefused):
        await client.read(READ, wire.Label)
    for _ in range(3):
        with pytest.raises(GatewayError):
            await client.act(BUY, judge_label)

    assert len(caplog.records) == 5
    assert "invalid_address" in caplog.text
    assert "canary" not in caplog.text.casefold()


async def test_given_a_file_elsewhere_when_fetched_then_our_key_stays_at_home(
    client: Client, partner: respx.MockRouter
) -> None:
    elsewhere = partner.get(url="https://files.shipstation.com/label.pdf").mock(
        return_value=answer(200, b"%PDF-")
    )
    content = await client.download_elsewhere("document", "https://files.shipstation.com/label.pdf")

    assert content == b"%PDF-"
    assert "api-key" not in elsewhere.calls.last.request.headers
