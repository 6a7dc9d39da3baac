"""What depends on the clock: quotas, late look-ups, tracking, the time to void."""

from typing import Any

import httpx
import pytest

Body = dict[str, Any]


@pytest.fixture
def label(v2: httpx.Client, shipment: Body) -> Body:
    """A bought UPS label."""
    body = {"shipment": {**shipment, "service_code": "ups_ground"}}
    return dict(v2.post("/labels", json=body).raise_for_status().json())


def test_given_v1_s_quota_when_used_up_then_429_until_the_window_ends(
    v1: httpx.Client, controls: Any
) -> None:
    controls.set("limits", v1_per_minute=3)
    answers = [v1.get("/carriers") for _ in range(4)]
    controls.advance(seconds=int(answers[-1].headers["x-rate-limit-reset"]))

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a.headers["x-rate-limit-remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert "message" in answers[-1].json()
    assert v1.get("/carriers").status_code == 200


def test_given_v2_s_quota_when_used_up_then_429_says_how_long(v2: httpx.Client, controls: Any) -> None:
    controls.set("limits", v2_per_minute=2)
    answers = [v2.get("/carriers") for _ in range(3)]

    last = answers[-1]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert last.json()["errors"][0]["error_code"] == "rate_limit_exceeded"


def test_given_limits_are_on_when_a_test_key_calls_then_twenty_pass(
    v2_test: httpx.Client, controls: Any
) -> None:
    controls.set("limits", v2_per_minute=200)

    statuses = [v2_test.get("/carriers").status_code for _ in range(21)]

    assert statuses == [200] * 20 + [429]


def test_given_no_limit_when_calling_v1_then_the_headers_are_still_there(
    v1: httpx.Client, controls: Any
) -> None:
    controls.set("limits", v1_per_minute=None)

    headers = v1.get("/carriers").headers

    assert {"x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"} <= set(headers)


def test_given_a_lag_in_looks_when_searching_then_the_third_finds_it(
    v2: httpx.Client, controls: Any, shipment: Body
) -> None:
    controls.set("lookup_lag", misses=2)
    v2.post("/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}}).raise_for_status()

    statuses = [v2.get("/labels/external_shipment_id/ord-1-a1").status_code for _ in range(3)]

    assert statuses == [404, 404, 200]


def test_given_a_lag_in_seconds_when_searching_then_time_finds_it(
    v1: httpx.Client, controls: Any, order: Body, purchase: Body
) -> None:
    controls.set("lookup_lag", lag_s=30)
    number = v1.post("/orders/createorder", json=order).json()["orderId"]
    v1.post("/orders/createlabelfororder", json={**purchase, "orderId": number}).raise_for_status()

    before = v1.get("/shipments", params={"orderId": number}).json()["total"]
    controls.advance(seconds=31)

    assert (before, v1.get("/shipments", params={"orderId": number}).json()["total"]) == (0, 1)


def test_given_a_label_when_days_pass_then_tracking_goes_from_nowhere_to_delivered(
    v2: httpx.Client, controls: Any, label: Body
) -> None:
    def state() -> Any:
        return v2.get(f"/labels/{label['label_id']}/track").json()["status_code"]

    seen = [state()]
    controls.advance(hours=5)
    seen.append(state())
    controls.advance(hours=10)
    seen.append(state())
    controls.advance(days=9)
    seen.append(state())

    by_number = v2.get("/tracking", params={"tracking_number": label["tracking_number"]}).json()
    assert seen == ["NY", "AC", "IT", "DE"]
    assert by_number["actual_delivery_date"] is not None
    assert [e["status_code"] for e in by_number["events"]] == ["DE", "IT", "IT", "AC"]
    assert v2.get(f"/labels/{label['label_id']}").json()["tracking_status"] == "delivered"


def test_given_nobody_hands_parcels_over_when_days_pass_then_the_label_stays_unused(
    v2: httpx.Client, controls: Any, label: Body
) -> None:
    controls.set("capabilities", hand_over_after_s=None)
    controls.advance(days=6)

    assert v2.get(f"/labels/{label['label_id']}/track").json()["status_code"] == "NY"
    assert v2.put(f"/labels/{label['label_id']}/void").json()["approved"] is True


@pytest.mark.parametrize("case", ["again", "scanned", "late"])
def test_given_a_label_that_cannot_be_voided_when_asked_then_the_reason_has_a_code(
    v2: httpx.Client, controls: Any, label: Body, case: str
) -> None:
    match case:
        case "again":
            v2.put(f"/labels/{label['label_id']}/void").raise_for_status()
        case "scanned":
            controls.set("hand_over", label_id=label["label_id"])
        case "late":
            controls.set("capabilities", hand_over_after_s=None)
            controls.advance(days=91)

    answer = v2.put(f"/labels/{label['label_id']}/void").json()

    codes = {
        "again": "label_already_voided",
        "scanned": "label_already_used",
        "late": "label_not_found_within_void_period",
    }
    assert (answer["approved"], answer["reason_code"]) == (False, codes[case])


def test_given_a_voided_label_when_listed_then_it_says_so(
    v2: httpx.Client, controls: Any, label: Body
) -> None:
    v2.put(f"/labels/{label['label_id']}/void").raise_for_status()

    shown = v2.get("/labels", params={"label_status": "voided"}).json()["labels"]

    assert [(x["label_id"], x["voided"]) for x in shown] == [(label["label_id"], True)]
    assert controls.facts()["purchases"][0]["voided"] is True


def test_given_a_download_link_when_ninety_days_passed_then_it_is_dead(
    plain: httpx.Client, controls: Any, label: Body
) -> None:
    link = label["label_download"]["pdf"]
    assert plain.get(link).status_code == 200
    controls.advance(days=91)

    assert plain.get(link).status_code == 404


def test_given_validation_is_not_in_the_plan_when_asked_then_404(v2: httpx.Client, controls: Any) -> None:
    controls.set("capabilities", address_validation=False)

    assert v2.post("/addresses/validate", json=[]).status_code == 404


def test_given_calls_when_the_ledger_is_read_then_it_counts_them_and_hides_the_keys(
    plain: httpx.Client, v2: httpx.Client, controls: Any, label: Body
) -> None:
    v2.get("/carriers")

    facts = controls.facts()

    assert facts["calls"] == {"buy_label": 1, "carriers": 1}
    assert facts["purchase_posts_by_reference"] == {"ord-1-a1": 1}
    assert facts["purchases"][0]["ship_to_name"] == "John Smith"
    assert "live-key" not in plain.get("/sandbox/shipstation/ledger").text


def test_given_a_reset_when_buying_again_then_the_ids_are_new(
    plain: httpx.Client, v2: httpx.Client, label: Body, shipment: Body
) -> None:
    plain.post("/sandbox/shipstation/reset").raise_for_status()
    again = v2.post("/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}}).json()

    assert again["label_id"] != label["label_id"]
    assert again["tracking_number"] != label["tracking_number"]
