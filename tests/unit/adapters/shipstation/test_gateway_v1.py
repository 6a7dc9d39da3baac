"""What V1's gateway asks for, in which order."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx
from attrs import evolve

from adapters.shipstation.gateway_v1 import ShipStationV1
from adapters.shipstation.translate_v1 import warehouse_name
from adapters.shipstation.transport import http_client
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Label
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import Prepared, VoidAnswer
from unit.adapters.shipstation.fakes import JANE, SHIPMENT, V1_RATE, JumpingClock, a_rate, prepared
from unit.adapters.shipstation.payloads import PDF, as_json, v1_label, v1_shipment

BASE = "https://ssapi.shipstation.com"
READY = prepared(rate=V1_RATE, carrier_order="70010001")
LABEL = Label("90010001", "ZZ1", "stamps_com", "usps_ground_advantage", Money(731))
OFFER = {"serviceName": "USPS Ground Advantage", "serviceCode": "usps_ground_advantage", "shipmentCost": 7.31}
CRASH = {"Message": "An error has occurred.", "ExceptionMessage": "Invalid packageCode", "StackTrace": "at X"}


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def partner() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        router.get("/carriers").mock(
            return_value=ok([{"code": "stamps_com", "name": "Stamps.com"}, {"code": "ups", "name": "UPS"}])
        )
        router.get("/warehouses").mock(return_value=ok([]))
        router.post("/warehouses/createwarehouse").mock(return_value=ok({"warehouseId": 5}))
        router.post("/orders/createorder").mock(return_value=ok({"orderId": 70010001}))
        yield router


@pytest.fixture
async def http(partner: respx.MockRouter) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(BASE) as client:
        yield client


@pytest.fixture
def gateway(http: httpx.AsyncClient, clock: JumpingClock) -> ShipStationV1:
    return a_gateway(http, clock)


def a_gateway(http: httpx.AsyncClient, clock: JumpingClock, **settings: Any) -> ShipStationV1:
    pair = {"api_key": " key\n", "api_secret": "secret", "per_minute": None, **settings}
    return ShipStationV1(http, clock=clock, sleep=clock.sleep, **pair)


def ok(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=as_json(body))


def page(*shipments: dict[str, Any], pages: int = 1) -> httpx.Response:
    return ok({"shipments": list(shipments), "total": len(shipments), "page": 1, "pages": pages})


@pytest.mark.parametrize(
    ("pair", "names"),
    [
        ({"api_secret": ""}, "SHIPSTATION_API_SECRET"),
        ({"api_key": ""}, "SHIPSTATION_API_KEY"),
        ({"api_key": "TEST_x"}, "SHIPSTATION_API_KEY"),
    ],
)
async def test_given_half_a_pair_when_made_then_the_setting_is_named(
    http: httpx.AsyncClient, clock: JumpingClock, pair: dict[str, str], names: str
) -> None:
    with pytest.raises(ValueError, match=names):
        a_gateway(http, clock, **pair)


async def test_given_the_pair_when_calling_then_it_goes_along_without_its_white_space(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    partner.get("/carriers/listservices").mock(return_value=ok([]))
    await gateway.services(Mode.TEST)
    kind, _, token = partner.calls.last.request.headers["authorization"].partition(" ")

    assert (kind, base64.b64decode(token)) == ("Basic", b"key:secret")


async def test_given_two_carriers_when_one_fails_then_the_other_is_still_offered(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    def by_carrier(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        assert body["packageCode"] == "package"
        return ok([OFFER]) if body["carrierCode"] == "stamps_com" else ok(CRASH, 500)

    route = partner.post("/shipments/getrates").mock(side_effect=by_carrier)
    offers = await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.PRODUCTION)

    assert [r.carrier for r in offers.rates] == ["USPS"]
    assert offers.silent == (("UPS", "Invalid packageCode"),)
    assert route.call_count == 2


async def test_given_carriers_without_a_service_when_quoting_then_they_are_silent(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    partner.post("/shipments/getrates").mock(return_value=ok([]))
    offers = await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.PRODUCTION)

    assert (offers.rates, offers.silent) == ((), (("USPS", "no rates"), ("UPS", "no rates")))


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        pytest.param(httpx.Response(401), GatewayRefused, id="our key"),
        pytest.param(httpx.Response(503), GatewayUnavailable, id="nobody is there"),
    ],
)
async def test_given_the_same_trouble_with_all_carriers_when_quoting_then_it_is_told_once(
    gateway: ShipStationV1, partner: respx.MockRouter, answer: httpx.Response, raised: type[Exception]
) -> None:
    partner.post("/shipments/getrates").mock(return_value=answer)

    with pytest.raises(raised):
        await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.PRODUCTION)


async def test_given_a_new_sender_when_prepared_then_a_place_is_made_once_and_the_order_names_it(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    first = await gateway.prepare(READY.purchase)
    second = await gateway.prepare(READY.purchase)
    made = partner.post("/warehouses/createwarehouse")
    order = json.loads(partner.post("/orders/createorder").calls.last.request.content)

    assert first == second == READY
    assert made.call_count == 1
    assert json.loads(made.calls.last.request.content)["originAddress"]["street1"] == JANE.street1
    assert order["advancedOptions"] == {"warehouseId": 5}


async def test_given_a_sender_known_to_the_account_when_prepared_then_no_place_is_made(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    known = [
        {"warehouseId": 1, "warehouseName": None},
        {"warehouseId": 9, "warehouseName": warehouse_name(JANE)},
    ]
    partner.get("/warehouses").mock(return_value=ok(known))
    await gateway.prepare(READY.purchase)

    assert partner.post("/warehouses/createwarehouse").call_count == 0


async def test_given_a_place_removed_by_an_operator_when_prepared_again_then_it_is_made_anew(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    partner.post("/orders/createorder").side_effect = [ok(CRASH, 500), ok({"orderId": 70010001})]
    with pytest.raises(GatewayRefused):
        await gateway.prepare(READY.purchase)

    assert await gateway.prepare(READY.purchase) == READY
    assert partner.post("/warehouses/createwarehouse").call_count == 2


@pytest.mark.parametrize(("mode", "flag"), [(Mode.TEST, True), (Mode.PRODUCTION, False)])
async def test_given_a_mode_when_bought_then_the_test_flag_is_forced_by_it(
    gateway: ShipStationV1, partner: respx.MockRouter, mode: Mode, flag: bool
) -> None:
    route = partner.post("/orders/createlabelfororder").mock(return_value=ok(v1_label()))
    bought = await gateway.buy(Prepared(evolve(READY.purchase, mode=mode), "70010001"))

    assert json.loads(route.calls.last.request.content)["testLabel"] is flag
    assert (bought.label.cost, bought.document) == (Money(786), PDF)


async def test_given_label_data_that_is_no_pdf_when_bought_then_the_label_counts_all_the_same(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    partner.post("/orders/createlabelfororder").mock(return_value=ok(v1_label(labelData="bm8=")))
    bought = await gateway.buy(READY)

    assert (bought.label.label_id, bought.document) == ("90010001", None)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_given_v1s_500_with_a_clear_text_when_buying_then_it_is_unknown_all_the_same(
    gateway: ShipStationV1, partner: respx.MockRouter, status: int
) -> None:
    route = partner.post("/orders/createlabelfororder").mock(return_value=ok(CRASH, status))
    with pytest.raises(OutcomeUnknown) as told:
        await gateway.buy(READY)

    assert told.value.reason == "Invalid packageCode"
    assert route.call_count == 1


@pytest.mark.parametrize(
    "ready",
    [
        pytest.param(evolve(READY, carrier_order=""), id="not prepared"),
        pytest.param(prepared(rate=a_rate(), carrier_order="7"), id="an offer of V2"),
    ],
)
async def test_given_a_purchase_that_is_not_v1s_when_bought_then_nothing_is_sent(
    gateway: ShipStationV1, partner: respx.MockRouter, ready: Prepared
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.buy(ready)

    assert not partner.calls


async def test_given_a_list_of_carriers_that_make_test_labels_when_another_is_chosen_then_it_is_refused(
    http: httpx.AsyncClient, clock: JumpingClock, partner: respx.MockRouter
) -> None:
    gateway = a_gateway(http, clock, test_label_carriers={"ups"})
    test = evolve(READY.purchase, mode=Mode.TEST)
    for act in (gateway.prepare(test), gateway.buy(Prepared(test, "7"))):
        with pytest.raises(GatewayRefused) as told:
            await act
        assert told.value.code == "no_test_labels"

    assert not partner.calls
    assert await gateway.prepare(READY.purchase) == READY


async def test_given_loose_matches_when_finding_then_only_our_labels_are_told_earliest_first(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    longer = v1_shipment(shipmentId=1, orderId=8, orderKey="t-422", orderNumber="t-422")
    late = v1_shipment(shipmentId=3, createDate="2031-04-05T11:00:00.0000000", voided=True)
    early = v1_shipment(
        shipmentId=4, createDate="2031-04-05T10:00:00.0000000", orderNumber=None, orderKey=None
    )
    route = partner.get("/shipments")
    route.side_effect = [page(longer, late, pages=2), page(pages=2), page(late, early)]
    found = await gateway.find(READY)

    assert [(label.label_id, label.voided) for label in found] == [("4", False), ("3", True)]
    assert [dict(c.request.url.params).get("orderId") for c in route.calls] == [None, None, "70010001"]


@pytest.mark.parametrize(
    "answer", [ok(CRASH, 500), httpx.Response(401), ok({"shipments": []}), page(pages=999)]
)
async def test_given_a_look_up_that_is_not_whole_when_finding_then_it_is_no_evidence(
    gateway: ShipStationV1, partner: respx.MockRouter, answer: httpx.Response
) -> None:
    partner.get("/shipments").mock(return_value=answer)

    with pytest.raises(GatewayUnavailable):
        await gateway.find(READY)


async def test_given_http_200_when_voiding_then_the_verdict_decides(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    route = partner.post("/shipments/voidlabel").mock(
        return_value=ok({"approved": False, "message": "Used."})
    )

    assert await gateway.void(LABEL, Mode.TEST) == VoidAnswer(False, "Used.")
    assert json.loads(route.calls.last.request.content) == {"shipmentId": 90010001}


async def test_given_a_label_of_v2_when_voided_by_v1_then_nothing_is_sent(
    gateway: ShipStationV1, partner: respx.MockRouter
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.void(evolve(LABEL, label_id="se-1"), Mode.TEST)

    assert not partner.calls
