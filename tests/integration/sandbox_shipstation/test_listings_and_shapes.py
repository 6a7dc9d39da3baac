"""Filters of the listings, and the answers to what cannot be read."""

from typing import Any

import httpx
import pytest

Body = dict[str, Any]


@pytest.fixture
def shipped(v1: httpx.Client, order: Body, purchase: Body) -> Body:
    """A bought V1 label."""
    number = v1.post("/orders/createorder", json=order).json()["orderId"]
    return dict(v1.post("/orders/createlabelfororder", json={**purchase, "orderId": number}).json())


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"orderNumber": "ord"}, 1),
        ({"orderNumber": "other"}, 0),
        ({"recipientName": "John Smith"}, 1),
        ({"carrierCode": "fedex"}, 0),
        ({"createDateStart": "2020-01-01"}, 1),
        ({"createDateEnd": "2020-01-01T00:00:00.0000000"}, 0),
        ({"shipDateStart": "2031-04-04", "shipDateEnd": "2031-04-06"}, 1),
        ({"voidDateStart": "2020-01-01"}, 0),
        ({"sortDir": "DESC", "pageSize": "1"}, 1),
    ],
    ids=str,
)
def test_given_a_v1_label_when_listed_by_a_filter_then_it_fits_or_not(
    v1: httpx.Client, shipped: Body, params: dict[str, str], found: int
) -> None:
    listed = v1.get("/shipments", params=params).json()["shipments"]

    assert [x["shipmentId"] for x in listed] == [shipped["shipmentId"]] * found


@pytest.mark.parametrize(
    "params", [{"page": "0"}, {"pageSize": "501"}, {"createDateStart": "soon"}], ids=["page", "size", "date"]
)
def test_given_a_bad_filter_when_v1_lists_then_400(
    v1: httpx.Client, shipped: Body, params: dict[str, str]
) -> None:
    assert v1.get("/shipments", params=params).status_code == 400


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"created_at_start": "2020-01-01"}, 1),
        ({"created_at_end": "2020-01-01T00:00:00Z"}, 0),
        ({"label_status": "voided"}, 0),
        ({"carrier_id": "se-12", "service_code": "ups_ground"}, 1),
    ],
    ids=str,
)
def test_given_a_v2_label_when_listed_by_a_filter_then_it_fits_or_not(
    v2: httpx.Client, shipment: Body, params: dict[str, str], found: int
) -> None:
    v2.post("/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}}).raise_for_status()

    assert v2.get("/labels", params=params).json()["total"] == found


@pytest.mark.parametrize("params", [{"page": "x"}, {"created_at_start": "soon"}], ids=["page", "date"])
def test_given_a_bad_filter_when_v2_lists_then_400(
    v2: httpx.Client, shipment: Body, params: dict[str, str]
) -> None:
    v2.post("/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}}).raise_for_status()

    assert v2.get("/labels", params=params).status_code == 400


def test_given_pending_shipments_when_listed_by_status_or_key_then_only_they_come(
    v2: httpx.Client, shipment: Body
) -> None:
    v2.post("/shipments", json={"shipments": [shipment, {**shipment, "external_shipment_id": "other"}]})

    by_key = v2.get("/shipments", params={"external_shipment_id": "other"}).json()["shipments"]

    assert [x["external_shipment_id"] for x in by_key] == ["other"]
    assert v2.get("/shipments", params={"shipment_status": "pending"}).json()["total"] == 2
    assert v2.get("/shipments", params={"shipment_status": "cancelled"}).json()["total"] == 0


def test_given_a_shipped_order_when_changed_then_v1_refuses(
    v1: httpx.Client, shipped: Body, order: Body
) -> None:
    answer = v1.post("/orders/createorder", json=order)

    assert answer.status_code == 500
    assert "cannot be changed" in answer.json()["ExceptionMessage"]


@pytest.mark.parametrize("field", ["orderNumber", "orderDate", "orderStatus"])
def test_given_an_order_lacks_a_field_when_created_then_400_names_it(
    v1: httpx.Client, order: Body, field: str
) -> None:
    del order[field]

    answer = v1.post("/orders/createorder", json=order)

    assert (answer.status_code, list(answer.json()["ModelState"])) == (400, [f"request.{field}"])


def test_given_a_warehouse_when_asked_for_then_it_is_listed_and_a_stranger_is_404(
    v1: httpx.Client, order: Body
) -> None:
    made = v1.post("/warehouses/createwarehouse", json={"originAddress": order["shipTo"]}).json()

    assert v1.get(f"/warehouses/{made['warehouseId']}").json() == made
    assert made in v1.get("/warehouses").json()
    assert v1.get("/warehouses/999").status_code == 404


def test_given_an_empty_wallet_when_v1_buys_then_500_says_so(
    v1: httpx.Client, controls: Any, order: Body, purchase: Body
) -> None:
    controls.set("wallet", carrier_code="stamps_com", balance_minor=1)
    number = v1.post("/orders/createorder", json=order).json()["orderId"]

    answer = v1.post("/orders/createlabelfororder", json={**purchase, "orderId": number})

    assert (answer.status_code, controls.facts()["purchases"]) == (500, [])
    assert "Insufficient funds" in answer.json()["ExceptionMessage"]


def test_given_no_json_when_posted_then_each_version_says_400_its_own_way(
    v1: httpx.Client, v2: httpx.Client
) -> None:
    old, new = v1.post("/orders/createorder", content=b"{"), v2.post("/rates", content=b"{")

    assert (old.status_code, new.status_code) == (400, 400)
    assert "Message" in old.json()
    assert new.json()["errors"][0]["error_code"] == "invalid_object"


def test_given_an_unknown_zip_when_a_whole_shipment_is_bought_then_the_carrier_refuses(
    v2: httpx.Client, controls: Any, shipment: Body
) -> None:
    shipment["ship_to"]["postal_code"] = "00000"

    answer = v2.post("/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}})

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["error_code"], error["error_source"]) == (
        400,
        "invalid_address",
        "carrier",
    )
    assert controls.facts()["purchases"] == []


def test_given_an_undeliverable_address_when_validation_is_wanted_then_the_quote_is_refused(
    v2: httpx.Client, shipment: Body
) -> None:
    shipment["ship_to"]["address_line1"] = "Main St"
    shipment["validate_address"] = "validate_only"

    answer = v2.post("/rates", json={"rate_options": {"carrier_ids": ["se-11"]}, "shipment": shipment})

    assert (answer.status_code, answer.json()["errors"][0]["error_code"]) == (400, "invalid_address")


@pytest.mark.parametrize(
    "path", ["/labels/se-1/void", "/labels/se-1/track", "/carriers/se-99", "/rates/se-1"]
)
def test_given_an_unknown_id_when_used_then_404_with_the_standard_body(v2: httpx.Client, path: str) -> None:
    answer = v2.request("PUT" if path.endswith("void") else "GET", path)

    assert (answer.status_code, answer.json()["errors"][0]["error_code"]) == (404, "invalid_identifier")
