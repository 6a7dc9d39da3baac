"""V1's answers in our words, and the other way round."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from adapters.shipstation import translate_v1 as translate
from adapters.shipstation import wire_v1 as wire
from adapters.shipstation.outcomes import Body
from adapters.shipstation.wire import decode
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from unit.adapters.shipstation.fakes import BOX, JANE, JOHN, NOON, SHIPMENT, V1_RATE, prepared
from unit.adapters.shipstation.payloads import as_json, v1_label, v1_shipment

POST = wire.Carrier("stamps_com", "Stamps.com", primary=True)


def offer(**changes: Any) -> wire.Rate:
    told = {"serviceName": "USPS Ground Advantage - Package", "serviceCode": "usps_ground_advantage"}
    return decode(as_json({**told, "shipmentCost": 7.31, "otherCost": 0.55, **changes}), wire.Rate)


def test_given_an_offer_when_read_then_price_is_both_costs_and_buying_needs_only_the_rate() -> None:
    (rate,) = translate.rates([offer()], POST, BOX, reference="t-42")

    assert rate.price == rate.cost == Money(786)
    assert (rate.carrier, rate.service) == ("USPS", "Ground Advantage")
    assert translate.chosen(rate) == {
        "carrierCode": "stamps_com",
        "serviceCode": "usps_ground_advantage",
        "packageCode": "package",
    }


def test_given_two_quotes_when_read_then_their_rates_have_short_ids_of_their_own() -> None:
    (one,) = translate.rates([offer()], POST, BOX, reference="t-42")
    (two,) = translate.rates([offer()], POST, BOX, reference="t-43")

    assert one.rate_id != two.rate_id
    assert len(one.rate_id) <= 20


def test_given_one_service_twice_when_read_then_the_dearer_stands_for_we_cannot_choose_at_purchase() -> None:
    rates = translate.rates(
        [offer(), offer(shipmentCost=9), offer(shipmentCost=8)], POST, BOX, reference="t-42"
    )

    assert [r.cost for r in rates] == [Money(955)]


@pytest.mark.parametrize("cost", [None, 0, -1, 10**9], ids=str)
def test_given_an_offer_without_a_sane_price_when_read_then_it_is_no_offer(cost: int | None) -> None:
    assert translate.rates([offer(shipmentCost=cost, otherCost=0)], POST, BOX, reference="t-42") == ()


def test_given_two_accounts_of_one_carrier_when_listed_then_the_primary_one_speaks() -> None:
    second = wire.Carrier("stamps_com", "The other", primary=False)
    other = wire.Carrier("fedex", "FedEx")

    assert translate.carriers([second, POST, other]) == (POST, other)


@pytest.mark.parametrize(("mode", "flag"), [(Mode.TEST, True), (Mode.PRODUCTION, False)])
def test_given_a_mode_when_a_label_is_asked_for_then_the_flag_follows_it_as_a_json_truth(
    mode: Mode, flag: bool
) -> None:
    purchase = prepared(mode=mode, rate=V1_RATE).purchase

    assert translate.label_request(purchase, 7, NOON)["testLabel"] is flag


def test_given_a_purchase_when_ordered_then_our_reference_is_its_key_and_its_number() -> None:
    order = translate.order_request(prepared(rate=V1_RATE).purchase, 5, NOON)

    assert (order["orderKey"], order["orderNumber"]) == ("t-42", "t-42")
    assert order["advancedOptions"] == {"warehouseId": 5}
    assert order["shipTo"] == {
        "name": "John Smith",
        "street1": "123 Main St",
        "street2": "Apt 4",
        "city": "Los Angeles",
        "state": "CA",
        "postalCode": "90012",
        "country": "US",
    }
    assert order["weight"] == {"value": Decimal(35), "units": "ounces"}


def test_given_a_sender_when_a_place_is_made_then_its_name_tells_nothing_and_depends_on_all_of_it() -> None:
    name = translate.warehouse_name(JANE)

    assert "Jane" not in name
    assert name == translate.warehouse_name(JANE)
    assert name != translate.warehouse_name(evolve(JANE, street2="Apt 1"))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        pytest.param(None, True, id="unknown"),
        pytest.param(True, True, id="yes"),
        pytest.param(False, False, id="no"),
    ],
)
def test_given_no_word_about_the_door_when_quoting_then_the_dearer_is_asked_for(
    said: bool | None, asked: bool
) -> None:
    shipment = evolve(SHIPMENT, recipient=evolve(JOHN, residential=said))

    assert translate.rates_request(shipment, "ups")["residential"] is asked


def test_given_an_answer_to_a_purchase_when_read_then_the_rate_fills_what_it_leaves_out() -> None:
    body, bought = translate.judge_label(as_json(v1_label()))

    assert body is Body.WANTED
    assert bought is not None
    label = translate.label(bought, V1_RATE, "70010001")
    assert (label.label_id, label.cost, label.shipment_ref) == ("90010001", Money(786), "70010001")
    assert (label.carrier_code, label.service_code) == ("stamps_com", "usps_ground_advantage")


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", as_json(v1_label())[:-9], b"<html>"])
def test_given_anything_else_when_judged_then_it_is_unreadable(answer: bytes) -> None:
    assert translate.judge_label(answer) == (Body.UNREADABLE, None)


def test_given_a_listed_label_when_read_then_void_is_told() -> None:
    label = translate.label(decode(as_json(v1_shipment(voided=True)), wire.Shipment), V1_RATE, "")

    assert (label.voided, label.cost, label.shipment_ref) == (True, Money(731), "70010001")


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        pytest.param({"message": "Too many requests."}, "", "Too many requests.", id="too fast"),
        pytest.param(
            {"Message": "The request is invalid.", "ModelState": {"request.weight": ["Bad.", "Worse."]}},
            "invalid_request",
            "The request is invalid. request.weight: Bad.; Worse.",
            id="validation",
        ),
        pytest.param(
            {
                "Message": "An error has occurred.",
                "ExceptionMessage": "Invalid packageCode",
                "StackTrace": "at Secret.Place()",
            },
            "exception",
            "Invalid packageCode",
            id="an exception without its trace",
        ),
        pytest.param(
            {"ExceptionMessage": "Execution Timeout Expired."},
            "timeout",
            "Execution Timeout Expired.",
            id="passing",
        ),
    ],
)
def test_given_v1s_error_shapes_when_read_then_operators_get_the_text_and_nobody_the_trace(
    body: dict[str, Any], code: str, reason: str
) -> None:
    fault = wire.fault(as_json(body))

    assert (fault.body, fault.code, fault.reason) == (Body.ERROR, code, reason)


@pytest.mark.parametrize(
    ("body", "kind"), [(b"", Body.EMPTY), (b"<html>", Body.UNREADABLE), (b'"text"', Body.UNREADABLE)]
)
def test_given_no_error_of_theirs_when_read_then_that_is_known_too(body: bytes, kind: Body) -> None:
    assert wire.fault(body).body is kind
