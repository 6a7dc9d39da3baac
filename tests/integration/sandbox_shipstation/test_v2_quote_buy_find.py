"""V2 from the first rate to the label in hand."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

ALL = ["se-11", "se-12", "se-13"]
Shipment = dict[str, Any]


def quote(v2: httpx.Client, shipment: Shipment, carriers: list[str] | None = None) -> dict[str, Any]:
    """The rates answer for a shipment."""
    body = {"rate_options": {"carrier_ids": carriers or ALL}, "shipment": shipment}
    return dict(v2.post("/rates", json=body).raise_for_status().json())


def buy(v2: httpx.Client, shipment: Shipment, **options: Any) -> dict[str, Any]:
    """A label for the cheapest rate."""
    rate = quote(v2, shipment)["rate_response"]["rates"][0]
    return dict(v2.post(f"/labels/rates/{rate['rate_id']}", json=options).raise_for_status().json())


def test_given_three_carriers_when_quoting_then_every_offer_is_complete_and_repeatable(
    v2: httpx.Client, shipment: Shipment
) -> None:
    first = quote(v2, shipment)["rate_response"]
    again = quote(v2, {**shipment, "external_shipment_id": "ord-1-a2"})["rate_response"]

    assert first["status"] == "completed"
    assert {r["carrier_code"] for r in first["rates"]} == {"stamps_com", "ups_walleted", "fedex"}
    assert [r["shipping_amount"] for r in first["rates"]] == [r["shipping_amount"] for r in again["rates"]]
    assert all(r["delivery_days"] >= 1 and r["estimated_delivery_date"] for r in first["rates"])


def test_given_a_shipment_when_bought_by_rate_then_the_price_is_the_one_quoted(
    v2: httpx.Client, shipment: Shipment
) -> None:
    for rate in quote(v2, shipment)["rate_response"]["rates"]:
        label = v2.post(f"/labels/rates/{rate['rate_id']}", json={}).json()
        parts = ("shipping_amount", "insurance_amount", "confirmation_amount", "other_amount")
        quoted = sum(Decimal(str(rate[part]["amount"])) for part in parts)

        assert Decimal(str(label["shipment_cost"]["amount"])) == quoted
        assert label["service_code"] == rate["service_code"]


def test_given_a_bought_label_when_its_link_is_opened_then_the_page_says_who_gets_what(
    v2: httpx.Client, plain: httpx.Client, shipment: Shipment
) -> None:
    label = buy(v2, shipment)

    document = plain.get(label["label_download"]["pdf"])

    text = PdfReader(BytesIO(document.content)).pages[0].extract_text()
    assert document.headers["content-type"] == "application/pdf"
    for line in ("Jane Doe", "215 Clayton St", "John Smith", "123 N Main St", "Los Angeles CA 90001"):
        assert line in text
    assert label["tracking_number"] in text
    assert "NOT FOR POSTAGE" in text


def test_given_a_label_when_asked_inline_then_the_file_comes_inside(
    v2: httpx.Client, shipment: Shipment
) -> None:
    label = buy(v2, shipment, label_download_type="inline")

    again = v2.get(f"/labels/{label['label_id']}", params={"label_download_type": "inline"}).json()

    assert label["label_download"]["href"].startswith("data:application/pdf;base64,JVBERi0")
    assert again["label_download"] == label["label_download"]


def test_given_one_rate_when_bought_twice_then_there_are_two_labels_and_the_earliest_is_found(
    v2: httpx.Client, shipment: Shipment
) -> None:
    rate = quote(v2, shipment)["rate_response"]["rates"][0]["rate_id"]
    first, second = (v2.post(f"/labels/rates/{rate}", json={}).json() for _ in range(2))

    by_external_id = v2.get("/labels/external_shipment_id/ord-1-a1").json()
    by_rate = v2.get("/labels", params={"rate_id": rate}).json()

    assert first["label_id"] != second["label_id"]
    assert by_external_id["label_id"] == first["label_id"]
    assert [x["label_id"] for x in by_rate["labels"]] == [second["label_id"], first["label_id"]]


@pytest.mark.parametrize("filter_name", ["external_shipment_id", "shipment_id", "tracking_number"])
def test_given_two_labels_when_listed_by_a_key_then_only_one_fits(
    v2: httpx.Client, shipment: Shipment, filter_name: str
) -> None:
    label = buy(v2, shipment)
    buy(v2, {**shipment, "external_shipment_id": "ord-2-a1"})

    found = v2.get("/labels", params={filter_name: label[filter_name]}).json()["labels"]

    assert [x["label_id"] for x in found] == [label["label_id"]]


def test_given_three_labels_when_paged_by_two_then_the_links_lead_on(
    v2: httpx.Client, shipment: Shipment
) -> None:
    bought = [buy(v2, {**shipment, "external_shipment_id": f"ord-{n}"})["label_id"] for n in range(3)]

    page = v2.get("/labels", params={"page_size": 2, "sort_dir": "asc"}).json()
    rest = v2.get(page["links"]["next"]["href"]).json()

    assert (page["total"], page["pages"]) == (3, 2)
    assert [x["label_id"] for x in page["labels"] + rest["labels"]] == bought
    assert rest["links"]["next"] == {}


@pytest.mark.parametrize(
    "path",
    ["/labels/external_shipment_id/nobody", "/shipments/external_shipment_id/nobody"],
    ids=["label", "shipment"],
)
def test_given_an_unknown_external_id_when_looked_up_then_404_has_no_body(
    v2: httpx.Client, path: str
) -> None:
    answer = v2.get(path)

    assert (answer.status_code, answer.content) == (404, b"")


def test_given_a_used_external_id_when_quoting_again_then_it_is_a_conflict(
    v2: httpx.Client, shipment: Shipment
) -> None:
    quote(v2, shipment)

    answer = v2.post("/rates", json={"rate_options": {"carrier_ids": ALL}, "shipment": shipment})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error_code"] == "identifier_conflict"


def test_given_an_external_id_of_sixty_letters_when_stored_then_fifty_are_kept(
    v2: httpx.Client, shipment: Shipment
) -> None:
    stored = quote(v2, {**shipment, "external_shipment_id": "x" * 60})

    assert stored["external_shipment_id"] == "x" * 50
    assert v2.get(f"/shipments/external_shipment_id/{'x' * 50}").status_code == 200


@pytest.mark.parametrize(
    ("end", "field", "value"),
    [
        ("ship_from", "phone", None),
        ("ship_from", "phone", ""),
        ("ship_from", "name", None),
        ("ship_to", "address_line1", ""),
        ("ship_to", "postal_code", None),
        ("ship_to", "address_residential_indicator", None),
    ],
)
def test_given_an_address_lacks_a_field_when_quoting_then_the_error_names_it(
    v2: httpx.Client, shipment: Shipment, end: str, field: str, value: str | None
) -> None:
    shipment[end] = {**shipment[end], field: value}

    answer = v2.post("/rates", json={"rate_options": {"carrier_ids": ALL}, "shipment": shipment})

    error = answer.json()["errors"][0]
    assert answer.status_code == 400
    assert error["error_code"] == "field_value_required"
    assert f"shipment.{end}.{field}" in error["message"]
    assert error["field_name"] == f"shipment.{end}.{field}"


def test_given_an_empty_optional_line_when_quoting_then_it_is_refused(
    v2: httpx.Client, shipment: Shipment
) -> None:
    shipment["ship_to"]["address_line2"] = ""

    answer = v2.post("/rates", json={"rate_options": {"carrier_ids": ALL}, "shipment": shipment})

    assert (answer.status_code, answer.json()["errors"][0]["error_code"]) == (400, "invalid_field_value")


def test_given_eighty_pounds_when_quoting_then_the_post_says_no_and_the_others_offer(
    v2: httpx.Client, shipment: Shipment
) -> None:
    shipment["packages"][0]["weight"] = {"value": 80, "unit": "pound"}

    response = quote(v2, shipment)["rate_response"]

    assert response["status"] == "partial"
    assert "stamps_com" not in {r["carrier_code"] for r in response["rates"]}
    assert response["errors"][0]["carrier_code"] == "stamps_com"
    assert all(r["error_messages"] for r in response["invalid_rates"])


def test_given_an_unknown_zip_when_quoting_then_200_tells_errors_and_no_rates(
    v2: httpx.Client, shipment: Shipment
) -> None:
    shipment["ship_to"]["postal_code"] = "00000"

    response = quote(v2, shipment)["rate_response"]

    assert (response["status"], response["rates"]) == ("error", [])
    assert {e["error_code"] for e in response["errors"]} == {"invalid_address"}


def test_given_two_places_when_estimating_then_offers_have_no_id_and_nothing_is_stored(
    v2: httpx.Client,
) -> None:
    offers = v2.post("/rates/estimate", json=an_estimate()).json()

    assert offers
    assert all("rate_id" not in offer for offer in offers)
    assert v2.get("/shipments").json()["total"] == 0


def test_given_an_unknown_zip_when_estimating_then_it_is_an_invalid_address(v2: httpx.Client) -> None:
    answer = v2.post("/rates/estimate", json={**an_estimate(), "to_postal_code": "00000"})

    assert (answer.status_code, answer.json()["errors"][0]["error_code"]) == (400, "invalid_address")


def test_given_a_whole_shipment_when_posted_to_labels_then_it_is_bought_each_time(
    v2: httpx.Client, shipment: Shipment
) -> None:
    body = {"shipment": {**shipment, "carrier_id": "se-12", "service_code": "ups_ground"}}
    labels = [v2.post("/labels", json=body).json() for _ in range(2)]

    assert labels[0]["label_id"] != labels[1]["label_id"]
    assert {x["external_shipment_id"] for x in labels} == {"ord-1-a1"}
    assert v2.get("/labels/external_shipment_id/ord-1-a1").json()["label_id"] == labels[0]["label_id"]


def test_given_duplicates_are_switched_off_when_posted_again_then_it_is_a_conflict(
    v2: httpx.Client, controls: Any, shipment: Shipment
) -> None:
    controls.set("capabilities", refuse_duplicate_labels=True)
    body = {"shipment": {**shipment, "service_code": "ups_ground"}}

    statuses = [v2.post("/labels", json=body).status_code for _ in range(2)]

    assert statuses == [200, 400]


def test_given_some_shipments_are_bad_when_created_then_200_has_errors(
    v2: httpx.Client, shipment: Shipment
) -> None:
    bad = {**shipment, "external_shipment_id": "bad", "packages": []}

    body = v2.post("/shipments", json={"shipments": [shipment, bad]}).json()

    assert body["has_errors"] is True
    assert body["shipments"][0]["shipment_status"] == "pending"
    assert "packages" in body["shipments"][1]["errors"][0]


def test_given_a_stored_shipment_with_a_service_when_bought_then_the_label_is_its(
    v2: httpx.Client, shipment: Shipment
) -> None:
    wanted = {**shipment, "carrier_id": "se-13", "service_code": "fedex_ground"}
    stored = v2.post("/shipments", json={"shipments": [wanted]}).json()["shipments"][0]["shipment_id"]

    label = v2.post(f"/labels/shipment/{stored}", json={}).json()

    assert (label["shipment_id"], label["service_code"]) == (stored, "fedex_ground")
    assert v2.get(f"/shipments/{stored}/labels").json()["labels"][0]["label_id"] == label["label_id"]


def test_given_a_leftover_quote_when_cancelled_then_it_is_204_and_a_label_forbids_it(
    v2: httpx.Client, shipment: Shipment
) -> None:
    leftover = quote(v2, shipment)["shipment_id"]
    bought = buy(v2, {**shipment, "external_shipment_id": "ord-2"})["shipment_id"]

    assert v2.put(f"/shipments/{leftover}/cancel").status_code == 204
    assert v2.get(f"/shipments/{leftover}").json()["shipment_status"] == "cancelled"
    assert v2.put(f"/shipments/{bought}/cancel").status_code == 400


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"label_format": "png"}, "label_format"),
        ({"label_layout": "letter", "label_format": "zpl"}, "label_layout"),
    ],
    ids=["no-png", "letter-is-pdf"],
)
def test_given_a_format_nobody_prints_when_buying_then_nothing_is_bought(
    v2: httpx.Client, controls: Any, shipment: Shipment, options: dict[str, str], field: str
) -> None:
    rate = quote(v2, shipment)["rate_response"]["rates"][0]["rate_id"]

    answer = v2.post(f"/labels/rates/{rate}", json=options)

    assert (answer.status_code, answer.json()["errors"][0]["field_name"]) == (400, field)
    assert controls.facts()["purchases"] == []


def test_given_a_day_old_rate_when_bought_then_it_is_gone(
    v2: httpx.Client, controls: Any, shipment: Shipment
) -> None:
    rate = quote(v2, shipment)["rate_response"]["rates"][0]["rate_id"]
    controls.advance(hours=25)

    assert v2.post(f"/labels/rates/{rate}", json={}).status_code == 404


def test_given_a_test_key_when_buying_then_the_worlds_stay_apart(
    v2: httpx.Client, v2_test: httpx.Client, controls: Any, shipment: Shipment
) -> None:
    before = controls.facts()["balances_minor"]
    label = buy(v2_test, shipment)

    assert label["label_id"].startswith("se-test-")
    assert v2.get(f"/labels/{label['label_id']}").status_code == 404
    assert v2_test.get(f"/labels/{label['label_id']}").status_code == 200
    assert controls.facts()["purchases"][0]["test"] is True
    assert controls.facts()["balances_minor"] == before


def test_given_a_live_label_when_bought_then_the_wallet_pays_for_it(
    v2: httpx.Client, controls: Any, shipment: Shipment
) -> None:
    before = controls.facts()["balances_minor"]["stamps_com"]
    buy(v2, shipment)

    facts = controls.facts()

    assert facts["balances_minor"]["stamps_com"] == before - facts["purchases"][0]["cost_minor"]
    assert v2.get("/carriers/se-11").json()["balance"] * 100 == pytest.approx(
        facts["balances_minor"]["stamps_com"]
    )


def test_given_an_empty_wallet_when_buying_then_it_is_refused_by_name(
    v2: httpx.Client, controls: Any, shipment: Shipment
) -> None:
    controls.set("wallet", carrier_code="stamps_com", balance_minor=100)
    rate = quote(v2, shipment)["rate_response"]["rates"][0]["rate_id"]

    answer = v2.post(f"/labels/rates/{rate}", json={})

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["error_code"], error["error_source"]) == (
        400,
        "insufficient_funds",
        "carrier",
    )
    assert controls.facts()["purchases"] == []


@pytest.mark.parametrize("key", ["", "revoked-key", "wrong"])
def test_given_a_bad_key_when_calling_then_401_in_the_standard_shape(plain: httpx.Client, key: str) -> None:
    answer = plain.get("/shipstation/v2/carriers", headers={"API-Key": key})

    assert (answer.status_code, answer.json()["errors"][0]["error_code"]) == (401, "unauthorized")


def an_estimate() -> dict[str, Any]:
    """A question of the estimate call."""
    ends = {"from": ("94117", "San Francisco"), "to": ("90001", "Los Angeles")}
    places = {
        f"{end}_{part}": value
        for end, (zip_code, city) in ends.items()
        for part, value in {
            "country_code": "US",
            "postal_code": zip_code,
            "city_locality": city,
            "state_province": "CA",
        }.items()
    }
    weight = {"value": 35, "unit": "ounce"}
    return {**places, "carrier_ids": ALL, "weight": weight, "ship_date": "2031-04-05T00:00:00Z"}
