"""V2's answers in our words; our requests against the vendor's OpenAPI document."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from adapters.shipstation import translate_v2 as translate
from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.outcomes import Body
from adapters.shipstation.statuses import status_word
from adapters.shipstation.wire import decode, encode
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Parcel, Shipment, Size, Weight
from shipping_core.ports.shipping import Estimate, Offers
from unit.adapters.shipstation import openapi
from unit.adapters.shipstation.fakes import BOX, JANE, JOHN, NOON, SHIPMENT, a_rate
from unit.adapters.shipstation.payloads import as_json, usd, v2_carriers, v2_label, v2_rate, v2_rates

ESTIMATE = Estimate("94117", "San Francisco", "CA", "90012", "Los Angeles", "CA", BOX)
ACCOUNTS = [
    translate.account(c, c.services or (), c.packages or ())
    for c in decode(as_json(v2_carriers()), wire.Carriers).carriers
]


def rates_body(shipment: Shipment = SHIPMENT, shipper_phone: str = "") -> dict[str, Any]:
    return translate.rates_request(
        shipment, reference="t-42", carrier_ids=["se-11"], shipper_phone=shipper_phone, now=NOON
    )


def offers(*rates: dict[str, Any], **changes: Any) -> Offers:
    answer = decode(as_json(v2_rates(*rates, **changes)), wire.Rates)
    return translate.offers(answer.rate_response, ACCOUNTS, BOX, shipment_id="se-500100")


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        pytest.param("calculate_rates_request_body", rates_body(), id="rates"),
        pytest.param(
            "calculate_rates_request_body",
            translate.stored_rates_request("se-1", ["se-11"]),
            id="rates again",
        ),
        pytest.param(
            "estimate_rates_request_body",
            translate.estimate_request(ESTIMATE, ["se-11"], NOON),
            id="estimate",
        ),
        pytest.param("create_label_from_rate_request_body", translate.LABEL_OPTIONS, id="buy"),
    ],
)
def test_given_our_requests_when_held_against_the_contract_then_it_has_nothing_to_say(
    schema: str, body: dict[str, Any]
) -> None:
    assert openapi.problems(schema, encode(body)) == []


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        pytest.param("rate", v2_rate(), id="rate"),
        pytest.param(
            "error_response_body",
            as_json({"request_id": "5f0c1a52-1111-4222-8333-944455556666", "errors": []}),
            id="error",
        ),
    ],
)
def test_given_our_invented_answers_when_held_against_the_contract_then_it_has_nothing_to_say(
    schema: str, answer: object
) -> None:
    assert openapi.problems(schema, answer) == []


@pytest.mark.parametrize("value", [None, "", 5], ids=["missing", "empty", "a number"])
def test_given_a_bad_name_in_a_request_when_held_against_the_contract_then_it_is_noticed(
    value: object,
) -> None:
    body = rates_body()
    body["shipment"]["ship_to"]["name"] = value
    if value is None:
        del body["shipment"]["ship_to"]["name"]

    assert len(openapi.problems("calculate_rates_request_body", encode(body))) == 1


def test_given_a_stranger_in_a_request_when_held_against_the_contract_then_it_is_noticed() -> None:
    body = rates_body()
    body["shipment"]["ship_to"]["zip"] = "90012"

    assert openapi.problems("calculate_rates_request_body", encode(body)) == [
        "$.shipment.ship_to.zip: not in the document"
    ]


sizes = st.none() | st.builds(
    Size,
    *[st.decimals(min_value="0.01", max_value=300, places=3)] * 3,
    st.sampled_from(["in", "cm"]),
)
weights = st.builds(
    Weight, st.decimals(min_value="0.001", max_value=70000, places=3), st.sampled_from(["oz", "g"])
)


@given(parcel=st.builds(Parcel, weights, sizes), residential=st.sampled_from([True, False, None]))
def test_given_any_parcel_when_written_then_it_keeps_to_the_contract(
    parcel: Parcel, residential: bool | None
) -> None:
    shipment = Shipment(JANE, evolve(JOHN, residential=residential), parcel)

    assert openapi.problems("calculate_rates_request_body", encode(rates_body(shipment))) == []


@pytest.mark.parametrize(
    ("own", "shippers", "sent"),
    [
        pytest.param("+14155550134", "+15125550100", "+14155550134", id="the sender's own goes first"),
        pytest.param("", "+15125550100", "+15125550100", id="ours stands in"),
        pytest.param("", "", None, id="none is made up"),
    ],
)
def test_given_a_senders_phone_or_none_when_written_then_nothing_is_invented(
    own: str, shippers: str, sent: str | None
) -> None:
    shipment = evolve(SHIPMENT, sender=evolve(JANE, phone=own))
    written = rates_body(shipment, shippers)["shipment"]

    assert written["ship_from"].get("phone") == sent
    assert "phone" not in written["ship_to"]


def test_given_empty_parts_when_an_address_is_written_then_they_are_left_out() -> None:
    written = translate.address(evolve(JOHN, street2="", company=""), "")

    assert "" not in written.values()
    assert written["address_residential_indicator"] == "unknown"


def test_given_a_rate_when_read_then_all_its_parts_are_added_and_its_names_are_tidy() -> None:
    rate = offers(
        v2_rate(insurance_amount=usd(1), confirmation_amount=usd(0.1), tax_amount=usd(0.004))
    ).rates[0]

    assert rate.cost == rate.price == Money(896)
    assert (rate.carrier, rate.service) == ("USPS", "Ground Advantage")
    assert (rate.delivery_days, rate.delivery_date) == (3, dt.date(2031, 4, 8))
    assert translate.references(rate) == ("se-500100", "se-700300")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param(
            {"shipping_amount": {"currency": "cad", "amount": 7}}, "priced in CAD", id="another currency"
        ),
        pytest.param(
            {"other_amount": {"currency": "eur", "amount": 1}}, "priced in EUR", id="mixed currencies"
        ),
        pytest.param({"shipping_amount": None}, "an offer without a price", id="no price"),
        pytest.param(
            {"shipping_amount": usd(0), "other_amount": usd(0)}, "an offer without a price", id="for nothing"
        ),
        pytest.param({"shipping_amount": usd(-9)}, "an offer without a price", id="below nothing"),
        pytest.param({"shipping_amount": usd(10**9)}, "amount out of bounds", id="absurd"),
        pytest.param({"rate_id": None}, "an offer without an id", id="no id"),
        pytest.param({"validation_status": "invalid"}, "an invalid offer", id="invalid"),
        pytest.param({"error_messages": ["Too\nheavy."]}, "Too heavy.", id="with an error"),
        pytest.param(
            {"package_type": "flat_rate_box"}, "only in another box, flat_rate_box", id="a carrier's box"
        ),
    ],
)
def test_given_an_offer_that_cannot_be_sold_when_read_then_its_carrier_is_silent_and_the_others_are_not(
    changes: dict[str, Any], reason: str
) -> None:
    good = v2_rate(rate_id="se-9", carrier_id="se-22", carrier_code="ups_walleted", service_code="ups_ground")
    read = offers(v2_rate(**changes), good)

    assert [r.carrier for r in read.rates] == ["UPS"]
    assert read.silent == (("USPS", reason),)


def test_given_partial_rates_when_read_then_who_failed_is_told_once_with_the_reason() -> None:
    read = offers(
        v2_rate(),
        v2_rate(rate_id="se-9", service_code="usps_priority_mail", validation_status="invalid"),
        status="partial",
        errors=[
            {"message": "The account is asleep.", "carrier_id": "se-22", "error_source": "carrier"},
            {"message": "The account is asleep.", "carrier_code": "ups_walleted"},
        ],
    )

    assert [r.service_code for r in read.rates] == ["usps_ground_advantage"]
    assert read.silent == (("UPS", "The account is asleep."),)


def test_given_a_carrier_that_says_nothing_at_all_when_read_then_it_is_silent_too() -> None:
    assert offers(v2_rate()).silent == (("UPS", "no rates"),)


def test_given_rates_in_any_order_when_read_then_the_cheapest_comes_first() -> None:
    read = offers(v2_rate(shipping_amount=usd(30)), v2_rate(rate_id="se-2", shipping_amount=usd(3)))

    assert [r.price.minor for r in read.rates] == [355, 3055]


@given(st.decimals(min_value="0.01", max_value=9999, places=2))
def test_given_any_price_on_the_wire_when_read_then_not_a_cent_is_lost(amount: Decimal) -> None:
    answer = as_json(v2_rates(v2_rate(shipping_amount=usd("#"), other_amount=None))).replace(
        b'"#"', str(amount).encode()
    )
    read = translate.offers(decode(answer, wire.Rates).rate_response, ACCOUNTS, BOX, shipment_id="se-1")

    assert read.rates[0].cost.amount == amount


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        pytest.param(v2_label(), Body.WANTED, id="completed"),
        pytest.param(v2_label(status="COMPLETED"), Body.WANTED, id="in capitals"),
        pytest.param(v2_label(status="processing"), Body.PENDING, id="processing"),
        pytest.param(v2_label(status="error"), Body.FAILED, id="error"),
        pytest.param(v2_label(status="voided"), Body.UNREADABLE, id="voided at birth"),
        pytest.param(v2_label(status=None), Body.UNREADABLE, id="no status"),
        pytest.param(v2_label(label_id=""), Body.UNREADABLE, id="an empty id"),
        pytest.param({"status": "completed"}, Body.UNREADABLE, id="no id"),
        pytest.param([], Body.UNREADABLE, id="another shape"),
        pytest.param({"label_id": "se-1", "status": "completed"}, Body.WANTED, id="the least a label is"),
    ],
)
def test_given_an_answer_to_a_purchase_when_judged_then_only_a_whole_label_counts(
    answer: object, body: Body
) -> None:
    assert translate.judge_label(as_json(answer))[0] is body


@given(st.integers(min_value=0, max_value=len(as_json(v2_label())) - 1))
def test_given_a_cut_answer_when_judged_then_it_is_never_taken_for_a_label(cut: int) -> None:
    assert translate.judge_label(as_json(v2_label())[:cut])[0] is Body.UNREADABLE


def test_given_a_label_when_read_then_insurance_is_part_of_its_cost() -> None:
    label = translate.label(decode(as_json(v2_label(insurance_cost=usd(1))), wire.Label), a_rate())

    assert (label.cost, label.shipment_ref, label.voided) == (Money(886), "se-500100", False)


@pytest.mark.parametrize(
    "cost", [None, {"currency": "cad", "amount": 1}, {"currency": "usd", "amount": None}]
)
def test_given_a_label_without_a_readable_cost_when_read_then_it_is_still_ours_at_the_quoted_cost(
    cost: dict[str, Any] | None,
) -> None:
    label = translate.label(decode(as_json(v2_label(shipment_cost=cost)), wire.Label), a_rate(cents=786))

    assert label.cost == Money(786)


def test_given_a_test_label_when_read_then_costing_nothing_is_no_gap() -> None:
    label = translate.label(decode(as_json(v2_label(shipment_cost=usd(0))), wire.Label), a_rate())

    assert label.cost == Money(0)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("UN", "unknown"),
        ("NY", "label_created"),
        ("AC", "accepted"),
        ("it", "in_transit"),
        ("SP", "in_transit"),
        ("DE", "delivered"),
        ("EX", "exception"),
        ("AT", "exception"),
        ("DELIVERED_TO_NEIGHBOUR", "delivered"),
        ("RETURN_TO_SENDER", "exception"),
        ("something_new", "unknown"),
        (None, "unknown"),
    ],
)
def test_given_a_tracking_code_when_translated_then_it_is_one_of_our_words(
    code: str | None, word: str
) -> None:
    assert status_word(code) == word


SAY_NOTHING = {"INFORMATION", "POST_TRANSIT_STATUS", "CARRIER_STATUS_NOT_MAPPED"}


def test_given_every_code_of_the_contract_when_translated_then_only_three_say_nothing() -> None:
    codes = openapi._document()["components"]["schemas"]["tracking_status_detail_code"]["enum"]

    assert {c for c in codes if status_word(c) == "unknown"} == SAY_NOTHING


def test_given_scans_when_read_then_the_newest_comes_first_and_a_scan_without_time_is_left_out() -> None:
    answer = {
        "status_code": "IT",
        "status_description": "In transit",
        "estimated_delivery_date": "2031-04-08T00:00:00Z",
        "events": [
            {
                "occurred_at": "2031-04-05T10:00:00Z",
                "description": "Accepted",
                "city_locality": "Oakland",
                "state_province": "CA",
            },
            {
                "occurred_at": "2031-04-06T10:00:00Z",
                "description": "Departed",
                "city_locality": "",
                "state_province": None,
            },
            {"occurred_at": None, "description": "Nobody knows when"},
        ],
    }
    tracking = translate.tracking(decode(as_json(answer), wire.Track))

    assert [(e.description, e.place) for e in tracking.events] == [
        ("Departed", ""),
        ("Accepted", "Oakland, CA"),
    ]
    assert (tracking.status, tracking.estimated_delivery) == ("in_transit", dt.date(2031, 4, 8))


@pytest.mark.parametrize(
    ("body", "kind", "code", "reason"),
    [
        pytest.param(b"", Body.EMPTY, "", "", id="empty"),
        pytest.param(b" \r\n", Body.EMPTY, "", "", id="blank"),
        pytest.param(b"<html>", Body.UNREADABLE, "", "", id="a stranger's page"),
        pytest.param(b'{"errors":[{"mess', Body.UNREADABLE, "", "", id="cut"),
        pytest.param(b"{}", Body.UNREADABLE, "", "", id="says nothing"),
        pytest.param(b"\xff\xfe", Body.UNREADABLE, "", "", id="no text"),
        pytest.param(b'{"message":"Too fast."}', Body.ERROR, "", "Too fast.", id="a gateway's own"),
        pytest.param(b'{"errors":[]}', Body.ERROR, "", "", id="an empty list"),
        pytest.param(b'{"errors":[{"message":"No."}]}', Body.ERROR, "", "No.", id="only a message"),
        pytest.param(
            b'{"errors":[{"message":"No.","error_source":"Carrier","error_code":"x y\\n"}]}',
            Body.CARRIER,
            "x_y",
            "No.",
            id="the carrier's",
        ),
        pytest.param(
            b'{"errors":[{"message":"Missing.","field_name":"ship_from.phone"}]}',
            Body.ERROR,
            "",
            "Missing. (ship_from.phone)",
            id="names its field",
        ),
    ],
)
def test_given_an_error_body_when_read_then_its_kind_and_its_words_are_known(
    body: bytes, kind: Body, code: str, reason: str
) -> None:
    fault = wire.fault(body)

    assert (fault.body, fault.code, fault.reason) == (kind, code, reason)


def test_given_a_long_text_when_read_then_operators_get_two_hundred_characters_of_it() -> None:
    fault = wire.fault(as_json({"errors": [{"message": "x" * 999}]}))

    assert len(fault.reason) == 200
