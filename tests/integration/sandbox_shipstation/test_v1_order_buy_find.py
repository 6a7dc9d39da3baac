"""V1 from the order to the label, and what it says when something is wrong."""

import base64
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

Body = dict[str, Any]


def a_question(**changes: Any) -> Body:
    """A question for rates."""
    return {
        "carrierCode": "stamps_com",
        "packageCode": "package",
        "fromPostalCode": "94117",
        "toCountry": "US",
        "toPostalCode": "90001",
        "toState": "CA",
        "weight": {"value": 35, "units": "ounces"},
        **changes,
    }


def make_order(v1: httpx.Client, order: Body) -> int:
    """The id of a stored order."""
    return int(v1.post("/orders/createorder", json=order).raise_for_status().json()["orderId"])


def test_given_a_known_key_when_the_order_is_created_again_then_it_is_updated(
    v1: httpx.Client, order: Body
) -> None:
    first = make_order(v1, order)
    second = make_order(v1, {**order, "internalNotes": "again"})

    assert first == second
    assert v1.get(f"/orders/{first}").json()["internalNotes"] == "again"
    assert v1.get("/orders").json()["total"] == 1


def test_given_no_key_when_the_order_is_created_again_then_there_are_two(
    v1: httpx.Client, order: Body
) -> None:
    del order["orderKey"]

    assert make_order(v1, order) != make_order(v1, order)


def test_given_numbers_with_one_beginning_when_listed_then_both_are_found(
    v1: httpx.Client, order: Body
) -> None:
    make_order(v1, order)
    make_order(v1, {**order, "orderNumber": "ord-12", "orderKey": "other"})

    found = v1.get("/orders", params={"orderNumber": "ord-1"}).json()["orders"]

    assert [x["orderNumber"] for x in found] == ["ord-1", "ord-12"]


def test_given_a_warehouse_when_the_order_is_bought_then_the_label_is_a_pdf_with_both_ends(
    v1: httpx.Client, order: Body, purchase: Body
) -> None:
    origin = {
        **order["shipTo"],
        "name": "Jane Doe",
        "street1": "215 Clayton St",
        "city": "San Francisco",
        "postalCode": "94117",
    }
    made = v1.post(
        "/warehouses/createwarehouse", json={"warehouseName": "Jane", "originAddress": origin}
    ).json()
    options = {"advancedOptions": {"warehouseId": made["warehouseId"]}}

    bought = v1.post(
        "/orders/createlabelfororder", json={**purchase, "orderId": make_order(v1, order), **options}
    )

    pdf = base64.b64decode(bought.json()["labelData"])
    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert pdf.startswith(b"%PDF-")
    for line in (
        "Jane Doe",
        "215 Clayton St",
        "John Smith",
        "123 N Main St",
        bought.json()["trackingNumber"],
    ):
        assert line in text


def test_given_an_order_when_bought_twice_then_two_shipments_are_found_without_files(
    v1: httpx.Client, order: Body, purchase: Body
) -> None:
    number = make_order(v1, order)
    bought = [
        v1.post("/orders/createlabelfororder", json={**purchase, "orderId": number}).json() for _ in range(2)
    ]

    found = v1.get("/shipments", params={"orderId": number}).json()

    assert [x["shipmentId"] for x in found["shipments"]] == [x["shipmentId"] for x in bought]
    assert all(x["labelData"] is None for x in found["shipments"])
    assert found["shipments"][0]["shipmentCost"] == bought[0]["shipmentCost"]


def test_given_a_v1_label_when_v2_asks_for_its_mapped_id_then_the_file_is_there_again(
    v1: httpx.Client, v2: httpx.Client, order: Body, purchase: Body
) -> None:
    body = {**purchase, "orderId": make_order(v1, order)}
    shipment_id = v1.post("/orders/createlabelfororder", json=body).json()["shipmentId"]

    label = v2.get(f"/labels/se-{shipment_id}", params={"label_download_type": "inline"}).json()

    assert label["label_download"]["href"].startswith("data:application/pdf;base64,JVBERi0")


def test_given_no_order_when_a_label_is_created_then_the_answer_is_a_shipment_with_its_file(
    v1: httpx.Client, controls: Any, order: Body, purchase: Body
) -> None:
    ends = {"shipTo": order["shipTo"], "shipFrom": {**order["shipTo"], "name": "Jane Doe"}, "testLabel": True}
    marks = {"weight": order["weight"], "advancedOptions": {"customField1": "ord-9-a1"}}

    made = v1.post("/shipments/createlabel", json={**purchase, **ends, **marks}).json()

    assert made["orderId"] is None
    assert made["labelData"]
    assert controls.facts()["purchases"][0]["test"] is True
    assert controls.facts()["purchase_posts_by_reference"] == {"ord-9-a1": 1}


def test_given_one_carrier_when_asked_for_rates_then_prices_have_no_ids(v1: httpx.Client) -> None:
    rates = v1.post("/shipments/getrates", json=a_question()).json()

    assert [r["serviceCode"] for r in rates] == [
        "usps_ground_advantage",
        "usps_priority_mail",
        "usps_priority_mail_express",
    ]
    assert set(rates[0]) == {"serviceName", "serviceCode", "shipmentCost", "otherCost"}


def test_given_no_package_code_when_asked_for_rates_then_a_service_comes_once_per_box(
    v1: httpx.Client,
) -> None:
    rates = v1.post("/shipments/getrates", json=a_question(packageCode=None)).json()

    names = [r["serviceName"] for r in rates if r["serviceCode"] == "usps_priority_mail"]
    assert "USPS Priority Mail - Package" in names
    assert "USPS Priority Mail - Small Flat Rate Box" in names


def test_given_too_much_weight_when_asked_for_rates_then_the_list_is_empty(v1: httpx.Client) -> None:
    answer = v1.post("/shipments/getrates", json=a_question(weight={"value": 90, "units": "pounds"}))

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"toPostalCode": "00000"}, "postal code"),
        ({"packageCode": "barrel"}, "Invalid packageCode"),
        ({"carrierCode": "pigeons"}, "No carrier"),
        ({"carrierCode": "ups_walleted", "toState": None}, "toState"),
        ({"toCountry": "USA"}, "two-letter"),
        ({"weight": None}, "Object reference"),
    ],
    ids=["zip", "package", "carrier", "state-for-ups", "country", "weight"],
)
def test_given_a_bad_question_when_asked_for_rates_then_500_carries_an_exception(
    v1: httpx.Client, changes: Body, text: str
) -> None:
    answer = v1.post("/shipments/getrates", json=a_question(**changes))

    assert answer.status_code == 500
    assert set(answer.json()) == {"Message", "ExceptionMessage", "ExceptionType", "StackTrace"}
    assert text in answer.json()["ExceptionMessage"]


def test_given_zero_for_false_when_buying_then_400_has_a_model_state(
    v1: httpx.Client, order: Body, purchase: Body
) -> None:
    body = {**purchase, "orderId": make_order(v1, order), "testLabel": 0}

    answer = v1.post("/orders/createlabelfororder", json=body)

    assert answer.status_code == 400
    assert "request.testLabel" in answer.json()["ModelState"]


@pytest.mark.parametrize(
    "changes",
    [{"orderId": 1}, {"confirmation": None}, {"serviceCode": "owl"}],
    ids=["order", "confirmation", "service"],
)
def test_given_a_purchase_that_cannot_be_when_posted_then_500_and_nothing_bought(
    v1: httpx.Client, controls: Any, order: Body, purchase: Body, changes: Body
) -> None:
    answer = v1.post(
        "/orders/createlabelfororder", json={**purchase, "orderId": make_order(v1, order), **changes}
    )

    assert answer.status_code == 500
    assert controls.facts()["purchases"] == []


def test_given_an_unknown_order_when_fetched_then_404(v1: httpx.Client) -> None:
    assert v1.get("/orders/1").status_code == 404


@pytest.mark.parametrize("auth", [None, ("", "s"), ("k", ""), ("k", "wrong"), ("revoked", "s")], ids=str)
def test_given_bad_credentials_when_calling_then_401_with_the_quota_headers(
    plain: httpx.Client, auth: tuple[str, str] | None
) -> None:
    answer = plain.get("/shipstation/v1/carriers", auth=auth)

    assert answer.status_code == 401
    assert "x-rate-limit-reset" in answer.headers


def test_given_the_account_when_listed_then_carriers_services_and_packages_agree(v1: httpx.Client) -> None:
    for carrier in v1.get("/carriers").json():
        params = {"carrierCode": carrier["code"]}

        assert v1.get("/carriers/getcarrier", params=params).json() == carrier
        assert {s["carrierCode"] for s in v1.get("/carriers/listservices", params=params).json()} == {
            carrier["code"]
        }
        assert "package" in {p["code"] for p in v1.get("/carriers/listpackages", params=params).json()}


def test_given_a_label_when_voided_twice_then_the_second_is_not_approved_and_it_shows_voided(
    v1: httpx.Client, order: Body, purchase: Body
) -> None:
    body = {**purchase, "orderId": make_order(v1, order)}
    label = v1.post("/orders/createlabelfororder", json=body).json()["shipmentId"]

    answers = [v1.post("/shipments/voidlabel", json={"shipmentId": label}).json() for _ in range(2)]

    shown = v1.get("/shipments").json()["shipments"][0]
    assert [a["approved"] for a in answers] == [True, False]
    assert shown["voided"] is True
    assert shown["voidDate"] is not None


def test_given_stamps_when_shown_then_they_have_seven_digits_and_no_offset(
    v1: httpx.Client, order: Body
) -> None:
    stamp = v1.post("/orders/createorder", json=order).json()["createDate"]

    day, _, fraction = stamp.partition(".")
    assert len(day) == len("2031-04-05T10:11:12")
    assert len(fraction) == 7
    assert fraction.isdecimal()
