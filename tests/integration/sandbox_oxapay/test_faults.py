"""Every accident that can be ordered, over a real socket."""

import json
from typing import Any

import httpx
import pytest

from integration.sandbox_oxapay.client import ROOT, Shop, refused

CREATE: dict[str, Any] = {"amount": 25}


@pytest.mark.parametrize(("fault", "made"), [("lose_answer", 1), ("lose_answer_without_effect", 0)])
async def test_given_the_answer_is_lost_when_creating_then_only_the_list_knows(
    shop: Shop, fault: str, made: int
) -> None:
    await shop.breaks("create", fault)

    with pytest.raises(httpx.TransportError):
        await shop.post(CREATE)

    assert len(await shop.lists()) == made


@pytest.mark.parametrize(("fault", "made"), [("5xx", 0), ("5xx_with_effect", 1)])
async def test_given_a_server_error_when_creating_then_the_envelope_says_so(
    shop: Shop, fault: str, made: int
) -> None:
    await shop.breaks("create", fault, status=503)

    refused(await shop.post(CREATE), 503, "")
    assert len(await shop.lists()) == made


@pytest.mark.parametrize(("fault", "made"), [("html", 0), ("html_with_effect", 1)])
async def test_given_a_page_from_the_edge_when_creating_then_it_is_no_json(
    shop: Shop, fault: str, made: int
) -> None:
    await shop.breaks("create", fault)
    answer = await shop.post(CREATE)

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(await shop.lists()) == made


async def test_given_a_cut_answer_when_creating_then_200_no_json_and_an_invoice(shop: Shop) -> None:
    await shop.breaks("create", "truncated")
    answer = await shop.post(CREATE)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(await shop.lists()) == 1


async def test_given_a_slow_answer_when_the_client_gives_up_then_the_invoice_exists(shop: Shop) -> None:
    await shop.breaks("create", "delay", delay_s=5)

    with pytest.raises(httpx.ReadTimeout):
        await shop.http.post(
            f"{ROOT}/payment/invoice", json=CREATE, headers={"merchant_api_key": shop.key}, timeout=0.2
        )

    assert len(await shop.lists()) == 1


async def test_given_a_refusal_when_creating_then_400_blames_the_key(shop: Shop) -> None:
    await shop.breaks("create", "refuse", key="currency")

    refused(await shop.post(CREATE), 400, "currency")
    assert await shop.lists() == []


async def test_given_a_401_that_is_403_on_the_wire_when_asked_then_body_and_wire_differ(shop: Shop) -> None:
    await shop.breaks("history", "401", wire_status=403)
    answer = await shop.ask("/payment")

    assert (answer.status_code, answer.json()["status"]) == (403, 401)


async def test_given_a_500_that_is_200_on_the_wire_when_asked_then_body_and_wire_differ(shop: Shop) -> None:
    await shop.breaks("history", "5xx", wire_status=200)
    answer = await shop.ask("/payment")

    assert (answer.status_code, answer.json()["status"]) == (200, 500)


CALLS = {
    "create": ("POST", "/payment/invoice"),
    "inquire": ("GET", "/payment/1"),
    "history": ("GET", "/payment"),
    "currencies": ("GET", "/payment/accepted-currencies"),
    "monitor": ("GET", "/common/monitor"),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("fault", "status"), [("5xx", 502), ("429", 429), ("401", 401), ("html", 502), ("refuse", 400)]
)
async def test_given_an_accident_at_any_call_when_made_then_it_happens_there_and_once(
    shop: Shop, operation: str, fault: str, status: int
) -> None:
    async def call(name: str) -> int:
        method, path = CALLS[name]
        body = CREATE if method == "POST" else None
        headers = {"merchant_api_key": shop.key}
        return (await shop.http.request(method, ROOT + path, json=body, headers=headers)).status_code

    usual = {name: await call(name) for name in CALLS}
    await shop.breaks(operation, fault, status=502)
    others = {name: await call(name) for name in CALLS if name != operation}

    assert others == {name: usual[name] for name in others}
    assert (await call(operation), await call(operation)) == (status, usual[operation])


async def test_given_an_order_with_count_skip_and_match_when_calling_then_only_the_wanted_suffer(
    shop: Shop,
) -> None:
    await shop.breaks("*", "429", count=2, skip=1, match="topup-x", retry_after=7)
    answers = [await shop.post({"amount": 1, "order_id": f"topup-{n}"}) for n in "xyxxx"]

    assert [a.status_code for a in answers] == [200, 200, 429, 429, 200]
    assert answers[2].headers["retry-after"] == "7"


async def test_given_orders_when_listed_and_cleared_then_nothing_happens_any_more(shop: Shop) -> None:
    await shop.breaks("*", "5xx", count=None)
    failed = (await shop.ask("/payment")).status_code
    [order] = (await shop.http.get("/sandbox/faults/oxapay")).json()["faults"]
    cleared = await shop.http.delete("/sandbox/faults/oxapay")

    assert (failed, order["operation"], order["fault"], cleared.status_code) == (500, "*", "5xx", 204)
    assert (await shop.ask("/payment")).status_code == 200


@pytest.mark.parametrize(
    "order", [{"operation": "create", "fault": "flood"}, {"fault": "5xx"}, {"operation": "buy"}], ids=str
)
async def test_given_a_misspelt_order_when_posted_then_it_is_refused(
    shop: Shop, order: dict[str, str]
) -> None:
    assert (await shop.http.post("/sandbox/faults/oxapay", json=order)).status_code == 400
