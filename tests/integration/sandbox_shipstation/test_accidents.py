"""Every ordered accident, over a real socket, for both versions."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Body = dict[str, Any]
Buy = Callable[[], httpx.Response]


@pytest.fixture(params=["v1", "v2"])
def version(request: pytest.FixtureRequest) -> str:
    """Both doors."""
    return str(request.param)


@pytest.fixture
def buy(version: str, v1: httpx.Client, v2: httpx.Client, order: Body, purchase: Body, shipment: Body) -> Buy:
    """One purchase, ready to be posted."""
    if version == "v1":
        body = {**purchase, "orderId": v1.post("/orders/createorder", json=order).json()["orderId"]}
        return lambda: v1.post("/orders/createlabelfororder", json=body)
    quote = {"rate_options": {"carrier_ids": ["se-11"]}, "shipment": shipment}
    rate = v2.post("/rates", json=quote).json()["rate_response"]["rates"][0]["rate_id"]
    return lambda: v2.post(f"/labels/rates/{rate}", json={})


def bought(controls: Any) -> int:
    """How many labels there are."""
    return len(controls.facts()["purchases"])


@pytest.mark.parametrize(("fault", "labels"), [("lose_answer", 1), ("lose_answer_without_effect", 0)])
def test_given_the_answer_is_lost_when_buying_then_the_client_cannot_tell_but_the_ledger_can(
    buy: Buy, controls: Any, fault: str, labels: int
) -> None:
    controls.order("buy_label", fault)

    with pytest.raises(httpx.TransportError):
        buy()

    assert bought(controls) == labels
    assert buy().status_code == 200


@pytest.mark.parametrize(("fault", "labels"), [("5xx_with_effect", 1), ("5xx", 0)])
def test_given_a_server_error_when_buying_then_only_the_ledger_knows_the_effect(
    buy: Buy, controls: Any, fault: str, labels: int
) -> None:
    controls.order("buy_label", fault, status=503)

    assert buy().status_code == 503
    assert bought(controls) == labels


def test_given_a_cut_answer_when_buying_then_it_is_200_no_json_and_a_label(buy: Buy, controls: Any) -> None:
    controls.order("buy_label", "truncated")

    answer = buy()

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert bought(controls) == 1


def test_given_a_slow_answer_when_the_client_gives_up_then_the_label_exists(
    buy: Buy, controls: Any, v1: httpx.Client, v2: httpx.Client
) -> None:
    controls.order("buy_label", "delay", delay_s=0.6)
    v1.timeout = v2.timeout = httpx.Timeout(0.2)

    with pytest.raises(httpx.ReadTimeout):
        buy()

    assert bought(controls) == 1


def test_given_too_many_requests_when_buying_then_the_hint_is_in_the_version_s_own_header(
    version: str, buy: Buy, controls: Any
) -> None:
    controls.order("buy_label", "429", retry_after=7)

    answer = buy()

    header = {"v1": "x-rate-limit-reset", "v2": "retry-after"}[version]
    assert (answer.status_code, answer.headers[header]) == (429, "7")
    assert bought(controls) == 0


@pytest.mark.parametrize(("fault", "word"), [("refuse", "declined"), ("insufficient_funds", "")])
def test_given_a_refusal_when_buying_then_nothing_is_bought(
    version: str, buy: Buy, controls: Any, fault: str, word: str
) -> None:
    controls.order("buy_label", fault)

    answer = buy()

    assert answer.status_code == {"v1": 500, "v2": 400}[version]
    assert word in answer.text
    assert bought(controls) == 0


def test_given_the_price_changes_when_buying_then_the_label_costs_the_difference_more(
    version: str, buy: Buy, controls: Any
) -> None:
    buy()
    controls.order("buy_label", "cost_changed", delta_minor=37)

    buy()

    first, second = controls.facts()["purchases"]
    assert second["cost_minor"] - first["cost_minor"] == 37


def test_given_a_label_is_processing_when_polled_then_it_completes_with_a_file(
    v2: httpx.Client, controls: Any, shipment: Body
) -> None:
    controls.order("buy_label", "processing", polls=2)
    body = {"shipment": {**shipment, "service_code": "ups_ground"}}

    label = v2.post("/labels", json=body).json()
    polled = [v2.get(f"/labels/{label['label_id']}").json() for _ in range(3)]

    assert (label["status"], label["label_download"]) == ("processing", {})
    assert [x["status"] for x in polled] == ["processing", "processing", "completed"]
    assert polled[-1]["label_download"]["pdf"]


CALLS = {
    "carriers": ("GET", "/carriers"),
    "rates": ("POST", "/rates"),
    "validate": ("POST", "/addresses/validate"),
    "prepare": ("POST", "/shipments"),
    "find": ("GET", "/labels"),
    "void": ("PUT", "/labels/se-1/void"),
    "track": ("GET", "/labels/se-1/track"),
    "document": ("GET", "/downloads/10/x/label-1.pdf"),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", ["5xx", "429", "lose_answer_without_effect"])
def test_given_an_accident_at_any_call_when_made_then_it_happens_there_and_once(
    v2: httpx.Client, controls: Any, operation: str, fault: str
) -> None:
    method, path = CALLS[operation]
    controls.order(operation, fault, status=502)
    others = [name for name in CALLS if name != operation]

    for name in others:
        assert v2.request(*CALLS[name]).status_code not in (429, 502)
    try:
        answer = v2.request(method, path).status_code
    except httpx.TransportError:
        answer = 0

    assert answer == {"5xx": 502, "429": 429, "lose_answer_without_effect": 0}[fault]
    assert v2.request(method, path).status_code not in (429, 502)


def test_given_a_refused_void_when_asked_then_it_is_200_and_not_approved(
    version: str, buy: Buy, controls: Any, v1: httpx.Client, v2: httpx.Client
) -> None:
    label = buy().json()
    controls.order("void", "refuse")

    if version == "v1":
        answer = v1.post("/shipments/voidlabel", json={"shipmentId": label["shipmentId"]})
    else:
        answer = v2.put(f"/labels/{label['label_id']}/void")

    assert (answer.status_code, answer.json()["approved"]) == (200, False)


def test_given_an_order_with_count_skip_and_match_when_calling_then_only_the_wanted_calls_suffer(
    v2: httpx.Client, controls: Any, shipment: Body
) -> None:
    controls.order("prepare", "5xx", count=2, skip=1, match="ord-x")

    statuses = []
    for n, key in enumerate(["ord-x", "other", "ord-x", "ord-x", "ord-x"]):
        body = {"shipments": [{**shipment, "external_shipment_id": f"{key}-{n}"}]}
        statuses.append(v2.post("/shipments", json=body).status_code)

    assert statuses == [200, 200, 500, 500, 200]


def test_given_orders_when_listed_and_cleared_then_nothing_happens_any_more(
    plain: httpx.Client, v2: httpx.Client, controls: Any
) -> None:
    controls.order("*", "5xx", count=None)
    assert v2.get("/carriers").status_code == 500
    assert len(plain.get("/sandbox/faults/shipstation").json()["faults"]) == 1

    assert plain.delete("/sandbox/faults/shipstation").status_code == 204
    assert v2.get("/carriers").status_code == 200


@pytest.mark.parametrize(
    "body", [{"operation": "buy_label", "fault": "flood"}, {"fault": "5xx"}, {"x": 1}], ids=str
)
def test_given_a_misspelt_order_when_posted_then_it_is_refused(plain: httpx.Client, body: Body) -> None:
    assert plain.post("/sandbox/faults/shipstation", json=body).status_code == 400
