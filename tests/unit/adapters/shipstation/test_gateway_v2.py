"""What V2's gateway asks for, in which order, with which key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx
from attrs import evolve

from adapters.shipstation.gateway_v2 import ShipStationV2
from adapters.shipstation.transport import http_client
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Label
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import Prepared, Purchase, Verdict, VoidAnswer
from unit.adapters.shipstation.fakes import JANE, JOHN, SHIPMENT, JumpingClock, a_rate, prepared
from unit.adapters.shipstation.payloads import (
    PDF,
    PDF_DATA,
    as_json,
    v2_carriers,
    v2_error,
    v2_label,
    v2_rate,
    v2_rates,
)

BASE = "https://api.shipstation.com"
LABEL = Label("se-800400", "ZZ1", "stamps_com", "usps_ground_advantage", Money(786))
NO_LIMIT = {"per_minute": None, "test_per_minute": None}
EXTERNAL = "/v2/labels/external_shipment_id/t-42"


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def partner() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        router.get("/v2/carriers").respond(content=as_json(v2_carriers()))
        yield router


@pytest.fixture
async def http(partner: respx.MockRouter) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(BASE) as client:
        yield client


@pytest.fixture
def gateway(http: httpx.AsyncClient, clock: JumpingClock) -> ShipStationV2:
    return a_gateway(http, clock)


def a_gateway(http: httpx.AsyncClient, clock: JumpingClock, **settings: Any) -> ShipStationV2:
    keys = {"api_key": "real", "test_api_key": "TEST_free", **NO_LIMIT, **settings}
    return ShipStationV2(http, clock=clock, sleep=clock.sleep, **keys)


def ok(body: object) -> httpx.Response:
    return httpx.Response(200, content=as_json(body))


def page(*labels: dict[str, Any], pages: int = 1) -> httpx.Response:
    return ok({"labels": list(labels), "total": len(labels), "page": 1, "pages": pages, "links": {}})


@pytest.mark.parametrize(("mode", "key"), [(Mode.TEST, "TEST_free"), (Mode.PRODUCTION, "real")])
async def test_given_a_mode_when_calling_then_its_own_key_goes_along(
    gateway: ShipStationV2, partner: respx.MockRouter, mode: Mode, key: str
) -> None:
    await gateway.services(mode)

    assert partner.calls.last.request.headers["api-key"] == key


@pytest.mark.parametrize(
    ("keys", "mode"),
    [
        pytest.param({"test_api_key": None}, Mode.TEST, id="no test key"),
        pytest.param({"api_key": "TEST_free", "test_api_key": None}, Mode.PRODUCTION, id="only a test key"),
    ],
)
async def test_given_a_mode_without_a_key_when_doing_anything_then_nothing_is_sent(
    http: httpx.AsyncClient, clock: JumpingClock, partner: respx.MockRouter, keys: dict[str, Any], mode: Mode
) -> None:
    gateway = a_gateway(http, clock, **keys)
    acts = [
        gateway.services(mode),
        gateway.rates(SHIPMENT, reference="t-42", mode=mode),
        gateway.check_address(JOHN, mode),
        gateway.prepare(prepared(mode=mode).purchase),
        gateway.buy(prepared(mode=mode)),
        gateway.find(prepared(mode=mode)),
        gateway.document(LABEL, mode),
        gateway.void(LABEL, mode),
        gateway.track(LABEL, mode),
    ]
    for act in acts:
        with pytest.raises(GatewayRefused) as told:
            await act
        assert told.value.code == "no_credentials"

    assert not partner.calls


@pytest.mark.parametrize(("phone", "required"), [(None, True), (" ", True), ("+15125550100", False)])
async def test_given_a_phone_of_our_own_or_none_when_asked_then_the_senders_is_required_or_not(
    http: httpx.AsyncClient, clock: JumpingClock, phone: str | None, required: bool
) -> None:
    assert a_gateway(http, clock, shipper_phone=phone).requires_sender_phone is required


async def test_given_a_carrier_without_services_when_listing_then_they_are_asked_for_unless_it_is_closed(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    listed = v2_carriers()
    listed["carriers"][1].pop("services")
    listed["carriers"].append(
        {**listed["carriers"][0], "carrier_id": "se-33", "disabled_by_billing_plan": True}
    )
    partner.get("/v2/carriers").mock(return_value=ok(listed))
    asked = partner.get("/v2/carriers/se-22/services").mock(
        return_value=ok({"services": [{"service_code": "ups_ground", "name": "UPS Ground"}]})
    )
    services = await gateway.services(Mode.PRODUCTION)
    await gateway.services(Mode.PRODUCTION)

    assert [(s.carrier, s.service) for s in services] == [("USPS", "Ground Advantage"), ("UPS", "Ground")]
    assert asked.call_count == 1


@pytest.mark.parametrize(
    ("answer", "boxes"),
    [
        (ok({"packages": [{"package_code": "flat_rate_envelope"}]}), ["USPS Flat Rate Envelope"]),
        (httpx.Response(404), []),
    ],
    ids=["told when asked", "no such list"],
)
async def test_given_a_carrier_without_packages_when_boxes_are_wanted_then_they_are_asked_for(
    gateway: ShipStationV2, partner: respx.MockRouter, answer: httpx.Response, boxes: list[str]
) -> None:
    listed = v2_carriers()
    listed["carriers"][0].pop("packages")
    listed["carriers"][1]["packages"] = []
    partner.get("/v2/carriers").mock(return_value=ok(listed))
    partner.get("/v2/carriers/se-11/packages").mock(return_value=answer)

    assert [str(box) for box in await gateway.boxes(Mode.PRODUCTION)] == boxes


async def test_given_a_shipment_when_quoting_then_one_call_asks_all_carriers_under_our_reference(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    route = partner.post("/v2/rates").mock(return_value=ok(v2_rates(v2_rate())))
    offers = await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.TEST)
    sent = json.loads(route.calls.last.request.content)

    assert sent["rate_options"]["carrier_ids"] == ["se-11", "se-22"]
    assert sent["shipment"]["external_shipment_id"] == "t-42"
    assert offers.rates[0].carrier_reference == "se-500100|se-700300"
    assert offers.silent == (("UPS", "no rates"),)


async def test_given_an_earlier_try_that_got_through_when_quoting_again_then_its_shipment_is_priced(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    rates = partner.post("/v2/rates")
    rates.side_effect = [
        httpx.ReadTimeout("invented"),
        httpx.Response(400, content=v2_error("identifier_conflict")),
        ok(v2_rates(v2_rate())),
    ]
    stored = {
        "shipment_id": "se-500100",
        "ship_from": _place(JANE.name, "94117-0001"),
        "ship_to": _place("JOHN  SMITH", "90012"),
    }
    partner.get("/v2/shipments/external_shipment_id/t-42").mock(return_value=ok(stored))
    offers = await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.TEST)

    assert len(offers.rates) == 1
    assert json.loads(rates.calls.last.request.content)["shipment_id"] == "se-500100"


@pytest.mark.parametrize("postal_code", ["10001", None])
async def test_given_another_shipment_under_our_reference_when_quoting_then_its_prices_are_not_taken(
    gateway: ShipStationV2, partner: respx.MockRouter, postal_code: str | None
) -> None:
    partner.post("/v2/rates").mock(return_value=httpx.Response(400, content=v2_error("identifier_conflict")))
    stored = {
        "shipment_id": "se-1",
        "ship_from": _place(JANE.name, "94117"),
        "ship_to": _place(JOHN.name, postal_code),
    }
    partner.get("/v2/shipments/external_shipment_id/t-42").mock(return_value=ok(stored))

    with pytest.raises(GatewayRefused) as told:
        await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.TEST)

    assert told.value.code == "identifier_conflict"


def _place(name: str, postal_code: str | None) -> dict[str, str | None]:
    return {"name": name, "postal_code": postal_code}


async def test_given_rates_still_in_the_making_when_quoting_then_it_may_be_asked_again(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    partner.post("/v2/rates").mock(return_value=ok(v2_rates(status="working")))

    with pytest.raises(GatewayUnavailable):
        await gateway.rates(SHIPMENT, reference="t-42", mode=Mode.TEST)


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(s) for s in (402, 403, 404)]
    + [httpx.Response(400, content=v2_error("invalid_billing_plan"))],
)
async def test_given_a_plan_without_the_address_check_when_checking_then_it_is_asked_once_an_hour(
    gateway: ShipStationV2, partner: respx.MockRouter, clock: JumpingClock, answer: httpx.Response
) -> None:
    route = partner.post("/v2/addresses/validate").mock(return_value=answer)
    first = [await gateway.check_address(JOHN, Mode.TEST) for _ in range(3)]
    calls = route.call_count
    clock.passed_s += 3600
    await gateway.check_address(JOHN, Mode.TEST)

    assert {c.verdict for c in first} == {Verdict.UNAVAILABLE}
    assert (calls, route.call_count) == (1, 2)


async def test_given_a_refused_key_when_checking_an_address_then_it_is_not_mistaken_for_a_small_plan(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    partner.post("/v2/addresses/validate").respond(401)

    with pytest.raises(GatewayRefused) as told:
        await gateway.check_address(JOHN, Mode.TEST)
    assert told.value.code == "unauthorized"


async def test_given_a_rate_when_bought_then_label_and_document_come_with_one_call(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    partner.post("/v2/labels/rates/se-700300").mock(return_value=ok(v2_label()))
    bought = await gateway.buy(prepared())

    assert (bought.label.label_id, bought.label.cost, bought.document) == ("se-800400", Money(786), PDF)
    assert len(partner.calls) == 1
    assert json.loads(partner.calls.last.request.content)["label_layout"] == "4x6"


@pytest.mark.parametrize("reference", ["", "se-1", "se-1|"])
async def test_given_an_offer_without_a_rate_id_when_buying_then_nothing_is_sent(
    gateway: ShipStationV2, partner: respx.MockRouter, reference: str
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.buy(prepared(rate=a_rate(reference)))

    assert not partner.calls


async def test_given_a_label_in_the_making_when_it_is_done_soon_then_it_was_bought(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    partner.post("/v2/labels/rates/se-700300").mock(return_value=ok(v2_label(status="processing")))
    partner.get("/v2/labels/se-800400").side_effect = [ok(v2_label(status="processing")), ok(v2_label())]

    assert (await gateway.buy(prepared())).document == PDF


@pytest.mark.parametrize(
    ("later", "raised", "code"),
    [
        pytest.param(ok(v2_label(status="error")), GatewayRefused, "label_error", id="it could not be made"),
        pytest.param(ok(v2_label(status="processing")), OutcomeUnknown, "processing", id="it takes too long"),
        pytest.param(httpx.Response(401), OutcomeUnknown, "processing", id="nobody tells"),
        pytest.param(ok({}), OutcomeUnknown, "processing", id="unreadable"),
    ],
)
async def test_given_a_label_in_the_making_when_it_is_not_done_soon_then_money_stays_held_unless_it_failed(
    gateway: ShipStationV2,
    partner: respx.MockRouter,
    later: httpx.Response,
    raised: type[Exception],
    code: str,
) -> None:
    purchase = partner.post("/v2/labels/rates/se-700300").mock(return_value=ok(v2_label(status="processing")))
    partner.get("/v2/labels/se-800400").mock(return_value=later)
    with pytest.raises(raised) as told:
        await gateway.buy(prepared())

    assert getattr(told.value, "code", None) == code
    assert purchase.call_count == 1


async def test_given_labels_on_two_pages_and_by_reference_when_finding_then_each_is_told_once_earliest_first(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    late = v2_label(label_id="se-3", created_at="2031-04-05T10:20:00Z")
    early = v2_label(label_id="se-1", created_at="2031-04-05T10:00:00Z", status="voided", voided=True)
    middle = v2_label(label_id="se-2", created_at="2031-04-05T12:10:00+02:00")
    failed = v2_label(label_id="se-4", status="error")
    stranger = v2_label(label_id="se-5", shipment_id="se-9", external_shipment_id="t-4")
    listed = partner.get("/v2/labels")
    listed.side_effect = [page(late, stranger, pages=2), page(failed, middle, pages=2)]
    partner.get(EXTERNAL).mock(return_value=ok(early))
    found = await gateway.find(prepared())

    assert [(label.label_id, label.voided) for label in found] == [
        ("se-1", True),
        ("se-2", False),
        ("se-3", False),
    ]
    assert [dict(c.request.url.params)["page"] for c in listed.calls] == ["1", "2"]
    assert dict(listed.calls.last.request.url.params)["shipment_id"] == "se-500100"


@pytest.mark.parametrize(
    ("listed", "external"),
    [
        pytest.param(httpx.Response(500), httpx.Response(404), id="the list is broken"),
        pytest.param(page(), httpx.Response(503), id="the look-up is broken"),
        pytest.param(httpx.Response(401), httpx.Response(404), id="our key is refused"),
        pytest.param(ok({"labels": []}), httpx.Response(404), id="the list does not say how long it is"),
        pytest.param(page(v2_label(status="processing")), httpx.Response(404), id="a label is being made"),
        pytest.param(page(pages=9999), httpx.Response(404), id="a list without end"),
    ],
)
async def test_given_a_look_up_that_is_not_whole_when_finding_then_it_is_no_evidence(
    gateway: ShipStationV2, partner: respx.MockRouter, listed: httpx.Response, external: httpx.Response
) -> None:
    partner.get("/v2/labels").mock(return_value=listed)
    partner.get(EXTERNAL).mock(return_value=external)

    with pytest.raises(GatewayUnavailable):
        await gateway.find(prepared())


async def test_given_nothing_when_both_look_ups_say_so_then_there_is_no_label(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    partner.get("/v2/labels").mock(return_value=page())
    partner.get(EXTERNAL).respond(404)

    assert await gateway.find(prepared()) == []


@pytest.mark.parametrize(
    ("place", "key_sent"),
    [
        pytest.param(f"{BASE}/v2/downloads/10/abc/label.pdf", True, id="the partner's own host"),
        pytest.param("https://files.shipengine.com/label.pdf", False, id="the partner's other host"),
    ],
)
async def test_given_a_url_instead_of_a_file_when_fetched_then_the_key_stays_at_home(
    gateway: ShipStationV2, partner: respx.MockRouter, place: str, key_sent: bool
) -> None:
    partner.get("/v2/labels/se-800400").mock(return_value=ok(v2_label(label_download={"pdf": place})))
    partner.get(url=place).mock(return_value=httpx.Response(200, content=PDF))
    document = await gateway.document(LABEL, Mode.PRODUCTION)

    assert document == PDF
    assert ("api-key" in partner.calls.last.request.headers) is key_sent


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example.com/label.pdf",
        "https://shipstation.com.evil.example/label.pdf",
        "https://files.shipstation.com.evil.example/label.pdf",
        "https://evilshipstation.com/label.pdf",
        "http://files.shipstation.com/label.pdf",
        "https://files.shipstation.com:8443/label.pdf",
        "http://api.shipstation.com/v2/downloads/label.pdf",
        "file:///etc/passwd",
        "https://[bad",
    ],
)
async def test_given_a_file_with_a_stranger_when_fetched_then_nobody_goes_there(
    gateway: ShipStationV2, partner: respx.MockRouter, place: str
) -> None:
    partner.get("/v2/labels/se-800400").mock(return_value=ok(v2_label(label_download={"href": place})))
    with pytest.raises(GatewayRefused) as told:
        await gateway.document(LABEL, Mode.PRODUCTION)

    assert told.value.code == "unexpected_host"
    assert len(partner.calls) == 1


@pytest.mark.parametrize(
    ("changes", "raised", "code"),
    [
        pytest.param({"label_download": None}, GatewayRefused, "no_document", id="no file"),
        pytest.param({"status": "processing"}, GatewayUnavailable, "processing", id="still in the making"),
        pytest.param(
            {"label_download": {"pdf": f"data:application/pdf;base64,{PDF_DATA[4:]}"}},
            GatewayUnavailable,
            "unreadable",
            id="no PDF",
        ),
    ],
)
async def test_given_no_document_when_wanted_then_it_is_told_whether_to_come_again(
    gateway: ShipStationV2,
    partner: respx.MockRouter,
    changes: dict[str, Any],
    raised: type[Exception],
    code: str,
) -> None:
    partner.get("/v2/labels/se-800400").mock(return_value=ok(v2_label(**changes)))
    with pytest.raises(raised) as told:
        await gateway.document(LABEL, Mode.PRODUCTION)

    assert getattr(told.value, "code", None) == code


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"approved": True, "message": "Done."}, VoidAnswer(True, "Done.")),
        (
            {"approved": False, "message": "Used.", "reason_code": "label_already_used"},
            VoidAnswer(False, "Used.", "label_already_used"),
        ),
    ],
)
async def test_given_http_200_when_voiding_then_the_verdict_decides(
    gateway: ShipStationV2, partner: respx.MockRouter, said: dict[str, Any], answer: VoidAnswer
) -> None:
    partner.put("/v2/labels/se-800400/void").mock(return_value=ok(said))

    assert await gateway.void(LABEL, Mode.PRODUCTION) == answer


async def test_given_ids_that_look_like_paths_when_used_then_they_stay_one_part_of_the_path(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    route = partner.route().mock(return_value=httpx.Response(404))
    with pytest.raises(GatewayRefused):
        await gateway.buy(prepared(rate=a_rate("se-1|../../x?y=1")))

    assert route.calls.last.request.url.raw_path == b"/v2/labels/rates/..%2F..%2Fx%3Fy%3D1"


async def test_given_a_purchase_when_prepared_then_no_call_is_made_and_the_shipment_is_named(
    gateway: ShipStationV2, partner: respx.MockRouter
) -> None:
    purchase = Purchase("t-42", a_rate(), evolve(SHIPMENT), Mode.TEST)

    assert await gateway.prepare(purchase) == Prepared(purchase, "se-500100")
    assert not partner.calls
