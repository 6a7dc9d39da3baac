"""The gateway's own decisions; what it shares with others is in `contracts.payments`."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx

from adapters.oxapay import gateway as module
from adapters.oxapay.gateway import OxapayGateway
from adapters.oxapay.transport import http_client
from builders import minutes, usd
from shipping_core.domain.ids import Mode
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotFound,
    NoticeRefused,
    OutcomeUnknown,
)
from shipping_core.ports.payments import LinkRequest
from unit.adapters.oxapay.payloads import (
    CREATED,
    KEY,
    TRACK_ID,
    a_notice,
    a_payment,
    envelope,
    refusal,
    signed,
)
from unit.adapters.shipstation.fakes import JumpingClock

BASE = "https://pay.example.com/v1"
LIVE = Mode.PRODUCTION
REQUEST = LinkRequest("inv_7f3a", usd("25.00"), LIVE, minutes(60))
SINCE = dt.datetime(2031, 4, 5, 11, 0, 0, 500000, tzinfo=dt.UTC)
UNTIL = dt.datetime(2031, 4, 5, 12, 0, 0, 500000, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def partner() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def gateway(clock: JumpingClock, partner: respx.MockRouter) -> AsyncIterator[OxapayGateway]:
    async with http_client(BASE) as http:
        yield OxapayGateway(
            http, merchant_key=KEY, previous_keys=["OLD-KEY-0001"], clock=clock, sleep=clock.sleep
        )


def ok(data: Any) -> httpx.Response:
    return httpx.Response(200, content=envelope(data))


async def test_given_a_yes_when_created_then_it_is_the_link_and_one_request(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    route = partner.post("/payment/invoice").mock(return_value=ok(CREATED))
    link = await gateway.create(REQUEST)

    assert (link.track_id, link.order_ref) == (TRACK_ID, "inv_7f3a")
    assert route.call_count == 1
    assert json.loads(route.calls.last.request.content)["order_id"] == "inv_7f3a"


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        None,
        {"track_id": ""},
        {"track_id": TRACK_ID},
        {"payment_url": CREATED["payment_url"]},
        {**CREATED, "track_id": "../x"},
    ],
    ids=str,
)
async def test_given_a_yes_without_a_usable_link_when_created_then_nobody_knows(
    gateway: OxapayGateway, partner: respx.MockRouter, data: object
) -> None:
    route = partner.post("/payment/invoice").mock(return_value=ok(data))
    with pytest.raises(OutcomeUnknown):
        await gateway.create(REQUEST)

    assert route.call_count == 1


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
async def test_given_nothing_to_pay_when_created_then_nothing_is_sent(
    gateway: OxapayGateway, partner: respx.MockRouter, amount: str
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.create(LinkRequest("inv_1", usd(amount), LIVE, minutes(60)))

    assert partner.calls.call_count == 0


@pytest.mark.parametrize("track_id", ["", "..", "a/b", "1?x", "٣", "x" * 65, "1\r\nX: y"])
async def test_given_what_is_no_id_when_inquired_then_it_is_not_found_and_nothing_is_sent(
    gateway: OxapayGateway, partner: respx.MockRouter, track_id: str
) -> None:
    with pytest.raises(NotFound):
        await gateway.inquire(track_id, LIVE)

    assert partner.calls.call_count == 0


async def test_given_no_such_link_when_inquired_then_it_is_not_found(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    partner.get("/payment/5").mock(return_value=httpx.Response(404, content=refusal(404)))

    with pytest.raises(NotFound):
        await gateway.inquire("5", LIVE)


@pytest.mark.parametrize("track_id", ["190000002", "", "../x"])
async def test_given_an_answer_about_another_link_when_inquired_then_it_is_none(
    gateway: OxapayGateway, partner: respx.MockRouter, track_id: str
) -> None:
    partner.get(f"/payment/{TRACK_ID}").mock(return_value=ok(a_payment(track_id=track_id)))

    with pytest.raises(GatewayUnavailable):
        await gateway.inquire(TRACK_ID, LIVE)


def page(number: int, last: object, *ids: int, **meta: object) -> httpx.Response:
    """One page of the history."""
    entries = [a_payment(track_id=str(i), order_id=f"inv_{i}") for i in ids]
    return ok({"list": entries, "meta": {"page": number, "last_page": last, "total": 99, **meta}})


async def test_given_several_pages_when_listed_then_all_come_each_once_oldest_first(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    route = partner.get("/payment")
    route.side_effect = [page(1, 3, 1, 2), page(2, "3", 2, 3), page(3, 3, 4)]
    found = await gateway.history(SINCE, UNTIL, LIVE)

    assert [(link.track_id, paid.order_ref) for link, paid in found] == [
        ("1", "inv_1"),
        ("2", "inv_2"),
        ("3", "inv_3"),
        ("4", "inv_4"),
    ]
    asked = [dict(call.request.url.params) for call in route.calls]
    assert [a["page"] for a in asked] == ["1", "2", "3"]
    assert all((a["size"], a["sort_type"], a["sort_by"]) == ("200", "asc", "create_date") for a in asked)
    assert asked[0]["from_date"] == str(int(SINCE.timestamp()))
    assert asked[0]["to_date"] == str(int(UNTIL.timestamp()) + 1)


@pytest.mark.parametrize("last", [0, 1, None])
async def test_given_no_links_when_listed_then_there_are_none(
    gateway: OxapayGateway, partner: respx.MockRouter, last: object
) -> None:
    partner.get("/payment").mock(return_value=page(1, last))

    assert await gateway.history(SINCE, UNTIL, LIVE) == []


async def test_given_no_word_about_pages_when_listed_then_it_asks_until_a_page_is_empty(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    one = [a_payment(track_id=1)]
    partner.get("/payment").side_effect = [
        ok({"list": one}),
        ok({"list": [a_payment(track_id=2)], "meta": None}),
        ok({"list": [], "meta": {}}),
    ]

    assert len(await gateway.history(SINCE, UNTIL, LIVE)) == 2


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(httpx.Response(500), id="failed"),
        pytest.param(httpx.Response(200, content=b"<html>"), id="a-page-of-the-edge"),
        pytest.param(page(1, 3, 1, 2), id="the-first-again"),
        pytest.param(page(2, 3, 1, 2), id="nothing-new"),
        pytest.param(page(2, 3), id="empty-in-the-middle"),
        pytest.param(page(2, 2, 1), id="last-with-nothing-new"),
        pytest.param(page(7, 3, 9), id="another-than-asked"),
        pytest.param(page(7, 2, 9), id="another-than-asked-and-the-last"),
        pytest.param(ok({"meta": {"page": 2, "last_page": 3}}), id="without-a-list"),
        pytest.param(ok({"list": [{"status": "paid"}]}), id="entry-without-id"),
        pytest.param(ok({"list": [a_payment(track_id="a b")]}), id="entry-with-a-bad-id"),
        pytest.param(ok({"list": {}}), id="object-for-a-list"),
    ],
)
async def test_given_a_page_that_is_missing_or_odd_when_listed_then_there_is_no_history_at_all(
    gateway: OxapayGateway, partner: respx.MockRouter, second: httpx.Response
) -> None:
    route = partner.get("/payment")
    route.side_effect = [page(1, 3, 1, 2), second, second, second]

    with pytest.raises(GatewayUnavailable):
        await gateway.history(SINCE, UNTIL, LIVE)


async def test_given_a_hole_in_the_middle_when_listed_then_there_is_no_history_at_all(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    partner.get("/payment").side_effect = [page(1, 3, 1), page(2, 3), page(3, 3, 5)]

    with pytest.raises(GatewayUnavailable):
        await gateway.history(SINCE, UNTIL, LIVE)


async def test_given_more_pages_than_anybody_has_when_listed_then_it_stops_and_says_so(
    gateway: OxapayGateway, partner: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 3)
    route = partner.get("/payment")
    route.side_effect = [page(n, 10**9, n) for n in range(1, 9)]
    with pytest.raises(GatewayUnavailable) as told:
        await gateway.history(SINCE, UNTIL, LIVE)

    assert (told.value.code, route.call_count) == ("too_many_pages", 3)


async def test_given_the_coins_when_asked_within_an_hour_then_one_call_serves_everybody(
    gateway: OxapayGateway, partner: respx.MockRouter, clock: JumpingClock
) -> None:
    route = partner.get("/payment/accepted-currencies").mock(return_value=ok({"list": ["usdt", "BTC"]}))
    answers = await asyncio.gather(*(gateway.currencies(mode) for mode in [*Mode] * 3))
    clock.passed_s += 3599
    await gateway.currencies(LIVE)

    assert {tuple(a) for a in answers} == {("USDT", "BTC")}
    assert route.call_count == 1

    clock.passed_s += 1
    await gateway.currencies(LIVE)

    assert route.call_count == 2


async def test_given_a_failure_when_asked_for_the_coins_then_it_is_told_and_asked_again_next_time(
    gateway: OxapayGateway, partner: respx.MockRouter
) -> None:
    route = partner.get("/payment/accepted-currencies")
    route.side_effect = [httpx.Response(401, content=refusal(401)), ok({"list": ["USDT"]})]
    with pytest.raises(GatewayRefused) as told:
        await gateway.currencies(LIVE)

    assert told.value.code == "unauthorized"
    assert await gateway.currencies(LIVE) == ("USDT",)


@pytest.mark.parametrize("data", [{}, [], {"list": None}, {"list": [1]}, {"list": {"USDT": 1}}], ids=str)
async def test_given_no_list_when_asked_for_the_coins_then_there_is_no_answer(
    gateway: OxapayGateway, partner: respx.MockRouter, data: object
) -> None:
    partner.get("/payment/accepted-currencies").mock(return_value=ok(data))

    with pytest.raises(GatewayUnavailable):
        await gateway.currencies(LIVE)


async def test_given_a_changed_key_when_a_notice_comes_then_the_old_key_still_signs_and_a_strange_one_not(
    gateway: OxapayGateway,
) -> None:
    raw = json.dumps(a_notice()).encode()

    assert gateway.read_notice(raw, signed(raw)).track_id == TRACK_ID
    assert gateway.read_notice(raw, signed(raw, "OLD-KEY-0001")).track_id == TRACK_ID
    with pytest.raises(NoticeRefused):
        gateway.read_notice(raw, signed(raw, "sandbox"))


@pytest.mark.parametrize("key", ["", "  ", "with space", "ключ", "a\nb", "a\x00", "sandbox", " SandBox "])
@pytest.mark.parametrize("setting", ["OXAPAY_MERCHANT_API_KEY", "OXAPAY_PREVIOUS_KEYS"])
async def test_given_an_unusable_key_when_built_then_the_setting_is_named_and_the_value_is_not(
    clock: JumpingClock, key: str, setting: str
) -> None:
    keys = {"merchant_key": KEY, "previous_keys": [key]} if "PREVIOUS" in setting else {"merchant_key": key}
    async with http_client(BASE) as http:
        with pytest.raises(ValueError, match=setting) as told:
            OxapayGateway(http, clock=clock, **keys)

    assert not key.strip() or key not in str(told.value)


async def test_given_white_space_around_a_key_when_built_then_it_does_not_count(
    clock: JumpingClock, partner: respx.MockRouter
) -> None:
    route = partner.post("/payment/invoice").mock(return_value=ok(CREATED))
    async with http_client(BASE) as http:
        await OxapayGateway(http, merchant_key=f" {KEY}\n", clock=clock).create(REQUEST)

    assert route.calls.last.request.headers["merchant_api_key"] == KEY


@pytest.mark.parametrize("url", ["shop.example.com", "ftp://shop.example.com", "https://", "https://a b"])
async def test_given_no_web_address_for_notices_when_built_then_the_setting_is_named(
    clock: JumpingClock, url: str
) -> None:
    async with http_client(BASE) as http:
        with pytest.raises(ValueError, match="OXAPAY_CALLBACK_URL"):
            OxapayGateway(http, merchant_key=KEY, callback_url=url, clock=clock)
