"""Webhooks as they arrive: bytes, signature, repetition, and everything that can be wrong with them."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from integration.receiving import Arrival, Web
from integration.sandbox_oxapay.client import CONTROL, Shop


def signature(key: str, body: bytes) -> str:
    """RFC 2104 by hand, so that the sandbox is not checked with its own code."""
    padded = key.encode().ljust(128, b"\0")
    inner = hashlib.sha512(bytes(b ^ 0x36 for b in padded) + body).digest()
    return hashlib.sha512(bytes(b ^ 0x5C for b in padded) + inner).hexdigest()


def told(arrival: Arrival) -> dict[str, Any]:
    """The body of a webhook, decimals kept."""
    body: dict[str, Any] = json.loads(arrival.body, parse_float=Decimal)
    return body


async def arrived(web: Web, count: int) -> list[Arrival]:
    """The next webhooks."""
    return [await web.arrival() for _ in range(count)]


async def states(shop: Shop, track_id: str) -> list[tuple[str, str, int]]:
    """Event, state and attempts of each delivery."""
    return [(d["event"], d["state"], len(d["attempts"])) for d in await shop.deliveries(track_id)]


async def test_given_a_payment_when_seen_and_confirmed_then_two_signed_webhooks(shop: Shop, web: Web) -> None:
    terms = {"description": "Пополнение / <b>", "email": "ann@example.com", "order_id": "topup-7f3a"}
    track_id = await shop.sells(callback_url=web.url, under_paid_coverage=0, **terms)
    await shop.pays(track_id, amount="25.01")
    first, second = await arrived(web, 2)
    body = told(second)

    assert [told(a)["status"] for a in (first, second)] == ["Paying", "Paid"]
    for arrival in (first, second):
        assert arrival.headers["hmac"] == signature("shop-key", arrival.body)
        assert arrival.headers["hmac"] == hmac.new(b"shop-key", arrival.body, "sha512").hexdigest()
        assert arrival.headers["content-type"] == "application/json"
        assert arrival.headers["x-webhook-version"] == "v1"
        assert "\r\nHMAC: " in arrival.head
    assert {k: v for k, v in body.items() if k not in ("date", "txs")} == {
        "track_id": track_id,
        "status": "Paid",
        "type": "invoice",
        "module_name": "api",
        "amount": 25,
        "value": 25,
        "sent_value": Decimal("25.01"),
        "currency": "USD",
        "note": "",
        "fee_paid_by_payer": 0,
        "under_paid_coverage": 0,
        **terms,
    }
    [tx] = body["txs"]
    assert tx.keys() == {
        *(
            "status",
            "tx_hash",
            "sent_amount",
            "sent_value",
            "received_amount",
            "value",
            "currency",
            "network",
        ),
        *("sender_address", "address", "memo", "rate", "confirmations", "auto_convert_amount"),
        *("auto_convert_currency", "network", "date"),
    }
    assert (tx["sent_amount"], tx["received_amount"]) == (Decimal("25.01"), Decimal("24.90996"))
    assert "sandbox" in tx["tx_hash"]
    assert told(first)["txs"][0]["status"] == "confirming"
    assert await states(shop, track_id) == [("paying", "delivered", 1), ("paid", "delivered", 1)]


async def test_given_failing_answers_when_delivering_then_five_attempts_at_the_documented_times(
    shop: Shop, web: Web
) -> None:
    await shop.turn("settings", pushed=["paid"])
    for status, body in [
        ("500 X", b"ok"),
        ("200 OK", b"OK!"),
        ("404 X", b""),
        ("302 X", b"ok"),
        ("200 OK", b""),
    ]:
        web.plan(status, body=body)
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    counts = [len((await shop.deliveries(track_id))[0]["attempts"])]
    for wait_s in (60, 180, 1800, 10800):
        await shop.later(wait_s - 5)
        counts.append(len((await shop.deliveries(track_id))[0]["attempts"]))
        await shop.later(5)
        counts.append(len((await shop.deliveries(track_id))[0]["attempts"]))
    await shop.later(86400)
    [delivery] = await shop.deliveries(track_id)
    arrivals = await arrived(web, 5)

    assert counts == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert (delivery["state"], delivery["next_at"]) == ("given_up", None)
    assert [(a["status"], a["answer"]) for a in delivery["attempts"]] == [
        *((500, "ok"), (200, "OK!"), (404, ""), (302, "ok"), (200, ""))
    ]
    assert len({(a.body, a.headers["hmac"]) for a in arrivals}) == 1
    assert web.arrivals.empty()


async def test_given_a_failure_when_it_works_the_second_time_then_it_stops(shop: Shop, web: Web) -> None:
    await shop.turn("settings", pushed=["paid"])
    web.plan("503 X")
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    await shop.later(60)
    await shop.later(86400)

    assert await states(shop, track_id) == [("paid", "delivered", 2)]


async def test_given_nobody_listens_when_delivering_then_the_attempt_says_so(shop: Shop) -> None:
    track_id = await shop.sells(callback_url="http://127.0.0.1:1/hook")
    await shop.pays(track_id)
    [delivery, _] = await shop.deliveries(track_id)

    assert (delivery["state"], delivery["attempts"][0]["status"]) == ("pending", 0)
    assert "refused" in delivery["attempts"][0]["error"].lower()


async def test_given_a_slow_merchant_when_delivering_then_it_ends_in_time(shop: Shop, web: Web) -> None:
    await shop.turn("settings", webhook_timeout_s=0.05, pushed=["paid"])
    web.plan("200 OK", header="content-length: 100\r\nx-ignore: ")  # promises more than it sends
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)

    assert (await shop.deliveries(track_id))[0]["attempts"][0]["error"]


async def test_given_a_speed_when_a_wait_has_begun_then_it_is_shortened_too(shop: Shop, web: Web) -> None:
    await shop.turn("settings", pushed=["paid"])
    web.plan("500 X")
    web.plan("500 X")
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    await shop.turn("settings", speed=6000)
    await arrived(web, 3)  # in real time: 10 and 30 milliseconds

    while (await states(shop, track_id)) != [("paid", "delivered", 3)]:
        pass


async def test_given_a_lost_webhook_when_paid_then_nothing_arrives_and_the_api_knows(
    shop: Shop, web: Web
) -> None:
    track_id = await shop.sells(callback_url=web.url)
    await shop.act(track_id, "pay", lose_webhook=True, confirm_after_s=10)
    await shop.later(10)
    await shop.later(86400)

    assert await shop.status(track_id) == "paid"
    assert await states(shop, track_id) == [("paying", "lost", 0), ("paid", "lost", 0)]
    assert web.arrivals.empty()


async def test_given_no_callback_when_paid_then_there_is_no_webhook(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id)

    assert await shop.deliveries(track_id) == []


async def test_given_other_statuses_when_nothing_is_switched_then_they_are_not_told(
    shop: Shop, web: Web
) -> None:
    track_id = await shop.sells(callback_url=web.url)
    await shop.act(track_id, "choose")
    await shop.act(track_id, "expire")
    await shop.act(track_id, "accept")

    assert await shop.deliveries(track_id) == []


async def test_given_all_statuses_are_pushed_when_they_come_then_each_is_told_with_a_capital(
    shop: Shop, web: Web
) -> None:
    words = ["waiting", "paying", "underpaid", "expired", "manual_accept", "refunding", "refunded", "odd"]
    await shop.turn("settings", pushed=words)
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id, how="little")
    await shop.act(track_id, "expire")
    await shop.act(track_id, "accept")
    await shop.act(track_id, "refund")
    await shop.later(5)
    await shop.act(track_id, "status", status="odd")
    other = await shop.sells(callback_url=web.url)
    await shop.act(other, "expire")

    assert [told(a)["status"] for a in await arrived(web, 8)] == [
        *("Waiting", "Paying", "Underpaid", "Manual_accept", "Refunding", "Refunded", "Odd", "Expired")
    ]


async def test_given_a_forced_word_when_told_to_push_then_it_goes_out(shop: Shop, web: Web) -> None:
    track_id = await shop.sells(callback_url=web.url)
    await shop.act(track_id, "status", status="frozen", push=True)

    assert told(await web.arrival())["status"] == "Frozen"


async def test_given_a_second_payment_when_confirmed_then_paid_is_told_again_with_both(
    shop: Shop, web: Web
) -> None:
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    await shop.pays(track_id, how="again")
    bodies = [told(a) for a in await arrived(web, 3)]

    assert [(b["status"], len(b["txs"])) for b in bodies] == [("Paying", 1), ("Paid", 1), ("Paid", 2)]


async def test_given_the_legacy_shape_when_delivered_then_camel_case_and_a_good_signature(
    shop: Shop, web: Web
) -> None:
    await shop.turn("settings", shape="legacy")
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    first, second = await arrived(web, 2)
    body = told(second)

    assert (told(first)["status"], body["status"]) == ("Confirming", "Paid")
    assert (body["trackId"], body["orderId"], body["amount"], body["payAmount"]) == (
        *(track_id, "topup-1", "25", "25"),
    )
    assert (body["payCurrency"], body["network"], body["type"]) == ("USDT", "TRC20", "payment")
    assert "track_id" not in body
    assert second.headers["hmac"] == signature("shop-key", second.body)


async def test_given_copies_when_paid_then_each_webhook_comes_so_often(shop: Shop, web: Web) -> None:
    await shop.turn("settings", copies=3)
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    arrivals = await arrived(web, 6)

    assert [told(a)["status"] for a in arrivals] == ["Paying"] * 3 + ["Paid"] * 3
    assert len({a.body for a in arrivals}) == 2


async def test_given_held_webhooks_when_released_in_reverse_then_paid_comes_before_paying(
    shop: Shop, web: Web
) -> None:
    await shop.turn("settings", hold=True)
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    held = await states(shop, track_id)
    quiet = web.arrivals.empty()
    await shop.turn("deliveries/release", order="reversed")

    assert (held, quiet) == ([("paying", "held", 0), ("paid", "held", 0)], True)
    assert [told(a)["status"] for a in await arrived(web, 2)] == ["Paid", "Paying"]


async def test_given_a_delivered_webhook_when_repeated_then_the_same_bytes_come_again(
    shop: Shop, web: Web
) -> None:
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    first = (await arrived(web, 2))[0]
    number = (await shop.deliveries(track_id))[0]["id"]
    again = await shop.turn(f"deliveries/{number}/repeat")
    arrival = await web.arrival()

    assert again["state"] == "delivered"
    assert (arrival.body, arrival.headers["hmac"]) == (first.body, first.headers["hmac"])
    assert (await shop.http.post(f"{CONTROL}/deliveries/999999/repeat")).status_code == 404


async def test_given_a_forged_delivery_when_ordered_then_it_is_unpaid_and_badly_signed(
    shop: Shop, web: Web
) -> None:
    track_id = await shop.sells(callback_url=web.url)
    for wish in ("bad", "missing", "00ff"):
        await shop.turn("deliveries", track_id=track_id, status="paid", signature=wish)
    await shop.turn("deliveries", track_id=track_id, status="paid", key="stolen?")
    await shop.turn("deliveries", track_id=track_id, status="paid", changes={"amount": 9000, "x": [1]})
    bad, missing, odd, stolen, changed = await arrived(web, 5)

    true = signature("shop-key", bad.body)
    assert bad.headers["hmac"] != true
    assert (len(bad.headers["hmac"]), bad.headers["hmac"][:-1]) == (128, true[:-1])
    assert ("hmac" in missing.headers, odd.headers["hmac"]) == (False, "00ff")
    assert stolen.headers["hmac"] == signature("stolen?", stolen.body)
    assert (told(changed)["amount"], told(changed)["x"], told(changed)["status"]) == (9000, [1], "Paid")
    assert changed.headers["hmac"] == signature("shop-key", changed.body)
    assert await shop.status(track_id) == "new"


@pytest.mark.parametrize(
    ("order", "body"),
    [
        ({"raw": "not json"}, b"not json"),
        ({"raw": ""}, b""),
        ({"raw_base64": base64.b64encode(b"\xff\x00").decode()}, b"\xff\x00"),
        ({"raw": '{"track_id": "1"}'}, b'{"track_id": "1"}'),
    ],
    ids=str,
)
async def test_given_raw_bytes_when_ordered_then_they_arrive_signed(
    shop: Shop, web: Web, order: dict[str, str], body: bytes
) -> None:
    done = await shop.turn("deliveries", url=web.url, key="shop-key", **order)
    arrival = await web.arrival()

    assert (arrival.body, arrival.headers["hmac"]) == (body, signature("shop-key", body))
    assert (done["state"], len(done["attempts"])) == ("delivered", 1)


async def test_given_an_order_for_nothing_when_posted_then_it_is_refused(shop: Shop) -> None:
    track_id = await shop.sells()
    orders: list[dict[str, Any]] = [
        {"track_id": track_id},  # no callback_url
        {"track_id": "1"},
        {"raw": "x"},
        {"url": "http://127.0.0.1:1/", "raw_base64": "%"},
    ]
    answers = [(await shop.http.post(f"{CONTROL}/deliveries", json=o)).status_code for o in orders]

    assert answers == [409, 400, 400, 400]


async def test_given_decimals_as_strings_when_delivered_then_the_body_has_texts(shop: Shop, web: Web) -> None:
    await shop.turn("settings", decimals="string")
    await shop.pays(await shop.sells(amount="25.50", callback_url=web.url))
    body = told(await web.arrival())

    assert (body["amount"], body["sent_value"]) == ("25.50", "25.5")


async def test_given_an_ordered_delivery_with_attempts_when_it_fails_then_they_follow_the_usual_waits(
    shop: Shop, web: Web
) -> None:
    web.plan("500 X")
    web.plan("500 X")
    done = await shop.turn("deliveries", url=web.url, raw="x", attempts=3)
    await shop.later(60)
    await shop.later(180)
    [delivery] = (await shop.http.get(f"{CONTROL}/deliveries")).json()["deliveries"]

    assert (done["state"], len(done["attempts"])) == ("pending", 1)
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 3)
