"""The client: what is sent once, what is repeated, what it says and what it keeps to itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from adapters.oxapay import client as module
from adapters.oxapay import transport, wire
from adapters.oxapay.client import Client
from adapters.oxapay.transport import http_client
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from unit.adapters.oxapay.payloads import CREATED, EDGE_PAGE, KEY, a_payment, envelope, refusal
from unit.adapters.shipstation.fakes import JumpingClock

BASE = "https://pay.example.com/v1"
PATH = "/payment/190000001"
NO_CONNECTION = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]
DOUBT = [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]
R, N, U = GatewayRefused, GatewayUnavailable, OutcomeUnknown


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def partner() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


@pytest.fixture
def invoices(partner: respx.MockRouter) -> respx.Route:
    return partner.post("/payment/invoice")


@pytest.fixture
def payment(partner: respx.MockRouter) -> respx.Route:
    return partner.get(PATH)


@pytest.fixture
async def client(clock: JumpingClock, partner: respx.MockRouter) -> AsyncIterator[Client]:
    async with http_client(BASE) as http:
        yield Client(http, merchant_key=KEY, clock=clock, sleep=clock.sleep)


def answer(status: int, content: bytes = b"", *, retry_after: str | None = None) -> httpx.Response:
    headers = [] if retry_after is None else [(b"retry-after", retry_after.encode())]
    return httpx.Response(status, content=content, headers=headers)


async def make(client: Client) -> bytes:
    return await client.make("create", "/payment/invoice", {"amount": 1})


async def read(client: Client) -> wire.Paid:
    return await client.read("inquire", PATH, wire.Paid)


GOOD = answer(200, envelope(a_payment()))
MADE = envelope(CREATED)


async def test_given_a_clear_yes_when_making_then_its_data_come_back(
    client: Client, invoices: respx.Route
) -> None:
    invoices.mock(return_value=answer(200, MADE))

    assert wire.decode(await make(client), wire.Link).track_id == CREATED["track_id"]


@pytest.mark.parametrize("status", [200, "200", 200.0])
async def test_given_the_inner_status_as_number_or_text_when_making_then_it_is_a_yes(
    client: Client, invoices: respx.Route, status: object
) -> None:
    invoices.mock(return_value=answer(200, envelope(CREATED, status)))

    assert await make(client)


@pytest.mark.parametrize(
    ("effect", "raised", "code"),
    [
        *(pytest.param(e("invented"), N, "no_answer", id=e.__name__) for e in NO_CONNECTION),
        *(pytest.param(e("invented"), U, "no_answer", id=e.__name__) for e in DOUBT),
        pytest.param(RuntimeError("invented"), U, "no_answer", id="a-bug-below"),
        *(
            pytest.param(answer(status, refusal(status)), R, "invalid_request", id=f"{status}-json")
            for status in (400, 403, 404, 422)
        ),
        pytest.param(answer(401, refusal(401)), R, "unauthorized", id="401"),
        pytest.param(answer(403, refusal(401)), R, "unauthorized", id="403-and-401-inside"),
        pytest.param(answer(401, refusal(403)), R, "unauthorized", id="401-and-403-inside"),
        pytest.param(answer(400, refusal("400")), R, "invalid_request", id="400-as-text"),
        pytest.param(answer(400, envelope([], 400)), R, "http_400", id="400-without-error"),
        pytest.param(answer(400, refusal(429)), N, "rate_limited", id="400-and-429-inside"),
        pytest.param(answer(429, refusal(429, "rate_limit")), N, "rate_limited", id="429"),
        pytest.param(answer(429), N, "rate_limited", id="429-empty"),
        pytest.param(answer(429, EDGE_PAGE), N, "rate_limited", id="429-page"),
        pytest.param(answer(429, MADE), U, "http_429", id="429-with-a-link"),
        pytest.param(answer(400, EDGE_PAGE), U, "http_400", id="400-page"),
        pytest.param(answer(401, EDGE_PAGE), U, "http_401", id="401-page"),
        pytest.param(answer(403, EDGE_PAGE), U, "http_403", id="403-page"),
        pytest.param(answer(404, EDGE_PAGE), U, "http_404", id="404-page"),
        pytest.param(answer(400), U, "http_400", id="400-empty"),
        pytest.param(answer(400, MADE), U, "http_400", id="400-with-a-link"),
        pytest.param(answer(400, refusal(500)), U, "invalid_request", id="400-and-500-inside"),
        pytest.param(answer(400, b'{"message": "no"}'), U, "http_400", id="400-of-a-stranger"),
        pytest.param(answer(400, refusal()[:-5]), U, "http_400", id="400-cut"),
        pytest.param(answer(200, refusal(400)), U, "invalid_request", id="200-and-400-inside"),
        pytest.param(answer(200, envelope(CREATED, None)), U, "http_200", id="200-and-none-inside"),
        pytest.param(answer(200, envelope(CREATED, 201)), U, "http_200", id="200-and-201-inside"),
        pytest.param(answer(200, MADE[:-20]), U, "http_200", id="200-cut"),
        pytest.param(answer(200), U, "http_200", id="200-empty"),
        pytest.param(answer(200, EDGE_PAGE), U, "http_200", id="200-page"),
        pytest.param(answer(200, b"[]"), U, "http_200", id="200-list"),
        pytest.param(answer(200, b"[" * 90000), U, "http_200", id="200-deep"),
        pytest.param(answer(201, MADE), U, "http_201", id="201"),
        pytest.param(httpx.Response(302, headers={"location": BASE}), U, "http_302", id="redirect"),
        pytest.param(answer(408, refusal(408)), U, "invalid_request", id="408"),
        pytest.param(answer(409, refusal(409)), U, "invalid_request", id="409"),
        pytest.param(answer(500, refusal(500)), U, "invalid_request", id="500-json"),
        pytest.param(answer(500, refusal(400)), U, "invalid_request", id="500-and-400-inside"),
        pytest.param(answer(502, EDGE_PAGE), U, "http_502", id="502-page"),
        pytest.param(answer(503), U, "http_503", id="503-empty"),
        pytest.param(answer(500, MADE), U, "http_500", id="500-with-a-link"),
    ],
)
async def test_given_any_other_answer_when_making_then_it_is_told_as_it_is_and_never_repeated(
    client: Client,
    invoices: respx.Route,
    clock: JumpingClock,
    effect: Exception | httpx.Response,
    raised: type[GatewayError],
    code: str,
) -> None:
    invoices.side_effect = [effect]
    with pytest.raises(GatewayError) as told:
        await make(client)

    assert (type(told.value), told.value.code) == (raised, code)
    assert (invoices.call_count, clock.waits) == (1, [])


async def test_given_a_hint_when_making_too_fast_then_it_is_told_and_not_waited_for(
    client: Client, invoices: respx.Route, clock: JumpingClock
) -> None:
    invoices.mock(return_value=answer(429, retry_after="7"))
    with pytest.raises(GatewayUnavailable) as told:
        await make(client)

    assert (told.value.retry_after_s, clock.waits) == (7, [])


async def test_given_an_answer_that_drips_for_ever_when_making_then_it_ends_in_doubt(
    client: Client, invoices: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(transport, "DEADLINE_S", 0.01)
    invoices.side_effect = drip

    with pytest.raises(OutcomeUnknown):
        await make(client)


async def test_given_an_endless_answer_when_making_then_it_is_cut_off_in_doubt(
    client: Client, invoices: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 1000)
    invoices.mock(return_value=answer(200, MADE + b" " * 1000))

    with pytest.raises(OutcomeUnknown):
        await make(client)


async def test_given_a_request_when_sent_then_the_key_is_in_its_header_and_nowhere_else(
    client: Client, invoices: respx.Route
) -> None:
    invoices.mock(return_value=answer(200, MADE))
    await make(client)
    sent = invoices.calls.last.request

    assert sent.headers["merchant_api_key"] == KEY
    assert (sent.headers["content-type"], sent.headers["connection"]) == ("application/json", "close")
    assert KEY not in str(sent.url)
    assert KEY.encode() not in sent.content


async def test_given_a_clear_yes_when_reading_then_its_data_come_back_after_one_call(
    client: Client, payment: respx.Route
) -> None:
    payment.mock(return_value=GOOD)

    assert (await read(client)).status == "paid"
    assert payment.call_count == 1


@pytest.mark.parametrize("error", [*NO_CONNECTION, *DOUBT, httpx.DecodingError], ids=lambda e: e.__name__)
async def test_given_a_lost_answer_when_reading_then_it_is_asked_again(
    client: Client, payment: respx.Route, error: type[httpx.RequestError]
) -> None:
    payment.side_effect = [error("invented"), error("invented"), GOOD]

    assert (await read(client)).status == "paid"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(answer(500, refusal(500)), "http_500", id="500"),
        pytest.param(answer(503, EDGE_PAGE), "http_503", id="503-page"),
        pytest.param(answer(403, EDGE_PAGE), "http_403", id="403-page"),
        pytest.param(answer(404, EDGE_PAGE), "http_404", id="404-page"),
        pytest.param(answer(404), "http_404", id="404-empty"),
        pytest.param(answer(500, refusal(404)), "http_500", id="500-and-404-inside"),
        pytest.param(answer(302), "http_302", id="redirect"),
        pytest.param(answer(200, EDGE_PAGE), "http_200", id="200-page"),
        pytest.param(answer(200, envelope(a_payment())[:-30]), "http_200", id="200-cut"),
        pytest.param(answer(200, envelope([])), "unreadable", id="200-and-no-data"),
        pytest.param(answer(200, envelope({"status": "paid"})), "unreadable", id="200-and-no-id"),
        pytest.param(answer(200, b'{"status": 200, "data": {"amount": NaN}}'), "http_200", id="200-nan"),
        pytest.param(answer(201, envelope(a_payment())), "http_201", id="201"),
        pytest.param(answer(429, refusal(429)), "rate_limited", id="429"),
        pytest.param(answer(403, refusal(429)), "rate_limited", id="403-and-429-inside"),
    ],
)
async def test_given_a_partner_that_stays_ill_when_reading_then_it_is_told_after_three_tries(
    client: Client, payment: respx.Route, clock: JumpingClock, bad: httpx.Response, code: str
) -> None:
    payment.mock(return_value=bad)
    with pytest.raises(GatewayUnavailable) as told:
        await read(client)

    assert (told.value.code, payment.call_count, len(clock.waits)) == (code, 3, 2)
    assert all(pause / 2 <= w < 1.5 * pause for w, pause in zip(clock.waits, (0.5, 2.0), strict=True))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        pytest.param(400, refusal(400), "invalid_request", id="400"),
        pytest.param(401, refusal(401), "unauthorized", id="401"),
        pytest.param(403, refusal(401), "unauthorized", id="403-and-401-inside"),
        pytest.param(401, refusal(404), "unauthorized", id="401-and-404-inside"),
        pytest.param(200, refusal(401), "unauthorized", id="200-and-401-inside"),
        pytest.param(403, refusal(403, "forbidden"), "forbidden", id="403"),
        pytest.param(404, refusal(404), "http_404", id="404"),
    ],
)
async def test_given_a_clear_no_when_reading_then_it_is_told_at_once(
    client: Client, payment: respx.Route, status: int, body: bytes, code: str
) -> None:
    payment.mock(return_value=answer(status, body))
    with pytest.raises(GatewayRefused) as told:
        await read(client)

    assert (told.value.code, payment.call_count) == (code, 1)


@pytest.mark.parametrize(
    ("hint", "wait"),
    [("3", 3.0), ("0", 0.0), ("Sat, 05 Apr 2031 12:00:04 GMT", 4.0), ("Sat, 05 Apr 2031 11:00:00 GMT", 0.0)],
)
async def test_given_a_hint_when_too_fast_then_it_goes_before_our_own_pauses(
    client: Client, payment: respx.Route, clock: JumpingClock, hint: str, wait: float
) -> None:
    payment.side_effect = [answer(429, refusal(429), retry_after=hint), GOOD]
    await read(client)

    assert clock.waits == [wait]


@pytest.mark.parametrize(
    "hint", ["soon", "-5", "1e9", "", "٣", "Sat, 99 Foo 2031 12:00:04 GMT", "nan", "9" * 40]
)
async def test_given_a_hint_that_is_none_when_too_fast_then_our_own_pause_holds(
    client: Client, payment: respx.Route, clock: JumpingClock, hint: str
) -> None:
    payment.side_effect = [answer(429, refusal(429), retry_after=hint), GOOD]
    await read(client)

    assert len(clock.waits) == 1
    assert 0.25 <= clock.waits[0] < 0.75


@pytest.mark.parametrize(("hint", "told_s"), [("60", 60), ("999999", 3600)])
async def test_given_a_long_wait_when_too_fast_then_nobody_waits_for_it(
    client: Client, payment: respx.Route, clock: JumpingClock, hint: str, told_s: float
) -> None:
    payment.mock(return_value=answer(503, retry_after=hint))
    with pytest.raises(GatewayUnavailable) as told:
        await read(client)

    assert (told.value.retry_after_s, clock.waits, payment.call_count) == (told_s, [], 1)


async def test_given_tries_that_take_too_long_together_when_reading_then_it_ends(
    client: Client, payment: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(module, "BUDGET_S", 0.01)
    payment.side_effect = hang

    with pytest.raises(GatewayUnavailable):
        await read(client)


async def test_given_somebody_who_gives_up_when_reading_then_he_is_let_go(
    client: Client, payment: respx.Route
) -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    payment.side_effect = hang
    asking = asyncio.create_task(read(client))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_given_no_such_thing_when_finding_then_nothing_is_found(
    client: Client, payment: respx.Route
) -> None:
    payment.mock(return_value=answer(404, refusal(404)))

    assert await client.find("inquire", PATH, wire.Paid) is None


async def test_given_the_connection_when_looked_at_then_limits_are_set_and_nothing_is_followed() -> None:
    async with http_client() as http:
        assert str(http.base_url) == "https://api.oxapay.com/v1/"
        assert http.timeout == httpx.Timeout(connect=5, read=25, write=10, pool=5)
        assert (http.follow_redirects, http.trust_env) == (False, False)


async def test_given_a_cookie_when_answered_then_it_is_not_sent_back(
    client: Client, payment: respx.Route
) -> None:
    cookie = httpx.Response(200, content=envelope(a_payment()), headers={"set-cookie": "session=1"})
    payment.mock(return_value=cookie)
    await read(client)
    await read(client)

    assert "cookie" not in payment.calls.last.request.headers


async def test_given_failures_of_every_kind_when_told_and_logged_then_no_secret_and_nobody_is_in_it(
    client: Client, payment: respx.Route, invoices: respx.Route, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "adapters.oxapay")
    text = f"key {KEY} of canary.person@example.com is not valid"
    told = refusal(400, f"kind_{KEY}", text)
    payment.side_effect = [httpx.ReadError(KEY), answer(500, told), answer(400, told)]
    invoices.side_effect = [
        answer(400, told),
        answer(500, told),
        answer(500, KEY.encode()),
        httpx.ReadError(KEY),
    ]
    errors: list[str] = []
    with pytest.raises(GatewayRefused) as refused:
        await read(client)
    errors.append(f"{refused.value} {refused.value.code}")
    for _ in range(4):
        with pytest.raises(GatewayError) as failed:
            await make(client)
        errors.append(f"{failed.value} {failed.value.code}")

    everything = (caplog.text + " ".join(errors)).casefold()
    assert len(caplog.records) == 7
    assert "is not valid" in everything
    assert "canary" not in everything
