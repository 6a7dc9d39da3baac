"""Making invoices and reading them: every rule, every refusal."""

from typing import Any

import pytest

from integration.sandbox_oxapay.client import ROOT, Shop, data, refused


async def test_given_an_order_when_posted_then_the_answer_has_what_the_service_gives(shop: Shop) -> None:
    made = await shop.makes(lifetime=30)

    assert made.keys() == {"track_id", "payment_url", "expired_at", "date"}
    assert made["track_id"].isdigit()
    assert made["payment_url"] == f"{str(shop.http.base_url).rstrip('/')}/pay/{made['track_id']}"
    assert made["expired_at"] - made["date"] == 30 * 60
    assert (await shop.http.get(made["payment_url"])).status_code == 200


async def test_given_the_same_order_twice_when_posted_then_two_invoices(shop: Shop) -> None:
    first, second = await shop.sells(order_id="same"), await shop.sells(order_id="same")

    assert first != second
    assert await shop.lists() == [second, first]


async def test_given_every_field_when_read_back_then_it_is_what_was_sent(shop: Shop) -> None:
    sent = {
        "amount": "10.50",
        "currency": "eur",
        "lifetime": "45",
        "fee_paid_by_payer": 1,
        "under_paid_coverage": "2.5",
        "to_currency": "USDT",
        "auto_withdrawal": False,
        "mixed_payment": 0,
        "callback_url": "https://example.com/hook?x=1",
        "return_url": "http://127.0.0.1:8080/",
        "email": "ann@example.com",
        "order_id": 77,
        "thanks_message": "Thank you",
        "description": "A «top-up» <b>",
    }
    seen = await shop.sees(await shop.sells(**sent))

    assert seen.keys() == {
        *("track_id", "type", "amount", "currency", "status", "mixed_payment", "callback_url"),
        *("description", "email", "fee_paid_by_payer", "lifetime", "order_id", "under_paid_coverage"),
        *("return_url", "thanks_message", "expired_at", "date", "txs"),
    }
    assert (str(seen["amount"]), seen["currency"], seen["lifetime"]) == ("10.50", "EUR", 45)
    assert (seen["fee_paid_by_payer"], str(seen["under_paid_coverage"]), seen["mixed_payment"]) == (
        1,
        "2.5",
        False,
    )
    assert (seen["type"], seen["status"], seen["txs"], seen["order_id"]) == ("invoice", "new", [], "77")
    kept = ("callback_url", "return_url", "email", "thanks_message", "description")
    assert {name: seen[name] for name in kept} == {name: sent[name] for name in kept}


async def test_given_only_an_amount_when_read_back_then_the_defaults_hold(shop: Shop) -> None:
    seen = await shop.sees(data(await shop.post({"amount": 5}))["track_id"])

    assert (seen["currency"], seen["lifetime"], seen["order_id"]) == ("USD", 60, "")
    assert (seen["fee_paid_by_payer"], seen["under_paid_coverage"]) == (0, 0)


async def test_given_changed_web_settings_when_an_order_is_silent_then_they_hold(shop: Shop) -> None:
    await shop.turn("settings", fee_paid_by_payer=1, under_paid_coverage=5, mixed_payment=False)
    silent = await shop.sees(await shop.sells())
    explicit = await shop.sees(
        await shop.sells(fee_paid_by_payer=0, under_paid_coverage=0, mixed_payment=True)
    )

    names = ("fee_paid_by_payer", "under_paid_coverage", "mixed_payment")
    assert [silent[n] for n in names] == [1, 5, False]
    assert [explicit[n] for n in names] == [0, 0, True]


WRONG: dict[str, list[Any]] = {
    "amount": [0, -1, "", "x", None, True, [], "NaN", "Infinity", "1e99"],
    "currency": ["XXX", "", 5, None],
    "lifetime": [14, 2881, "abc", 15.5, None, ""],
    "under_paid_coverage": [-1, 60.1, "much"],
    "fee_paid_by_payer": [2, "yes", None],
    "callback_url": ["", "no url", "ftp://x/", "http://", "http://[x/", "http://h:x/"],
    "return_url": ["javascript:alert(1)", 5, None],
    "email": ["ann", "@x.y", ["a"]],
    "to_currency": ["BTC"],
    "mixed_payment": ["maybe"],
    "auto_withdrawal": [3],
    "sandbox": ["x"],
    "order_id": [None, {}],
    "description": ["x" * 1001],
    "thanks_message": [["x"]],
}
BROKEN = [
    pytest.param(field, value, id=f"{field} {value!s:.20}")
    for field, values in WRONG.items()
    for value in values
]


@pytest.mark.parametrize(("field", "value"), BROKEN)
async def test_given_a_field_that_breaks_a_rule_when_posted_then_400_names_it(
    shop: Shop, field: str, value: Any
) -> None:
    answer = await shop.post({"amount": 25, field: value})

    assert refused(answer, 400, field)["error"]["message"].startswith(field)
    assert await shop.lists() == []


@pytest.mark.parametrize("lifetime", [15, 2880, "15"])
async def test_given_a_lifetime_at_the_edge_when_posted_then_it_is_taken(shop: Shop, lifetime: Any) -> None:
    assert (await shop.sees(await shop.sells(lifetime=lifetime)))["lifetime"] == int(lifetime)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', "[" * 100_000], ids=lambda b: b[:6] or "nothing"
)
async def test_given_a_body_that_is_no_object_when_posted_then_400(shop: Shop, body: str) -> None:
    refused(await shop.post(body), 400, "body")


async def test_given_no_amount_when_posted_then_400_says_it_is_required(shop: Shop) -> None:
    assert refused(await shop.post({}), 400, "amount")["error"]["message"] == "amount is required"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/payment/invoice"),
        ("GET", "/payment"),
        ("GET", "/payment/1"),
        ("GET", "/payment/accepted-currencies"),
    ],
)
async def test_given_no_key_when_calling_then_401(shop: Shop, method: str, path: str) -> None:
    for headers in ({}, {"merchant_api_key": ""}):
        answer = await shop.http.request(method, ROOT + path, headers=headers)
        refused(answer, 401, "merchant_api_key")


async def test_given_a_list_of_keys_when_calling_with_another_then_401(shop: Shop) -> None:
    await shop.turn("settings", keys=["good"])

    refused(await shop.ask("/payment"), 401, "merchant_api_key")
    data(await Shop(shop.http, "good").ask("/payment"))


async def test_given_somebody_elses_or_no_invoice_when_read_then_404(shop: Shop) -> None:
    track_id = await shop.sells()
    rival = Shop(shop.http, "rival-key")

    for answer in (await rival.ask(f"/payment/{track_id}"), await shop.ask("/payment/1")):
        refused(answer, 404, "track_id")
    assert await rival.lists() == []


async def test_given_an_unknown_path_when_called_then_404_in_the_envelope(shop: Shop) -> None:
    refused(await shop.ask("/nothing/here"), 404, "path")
    refused(await shop.http.post(f"{ROOT}/payment/white-label", json={}), 404, "path")


async def test_given_public_paths_when_called_without_a_key_then_they_answer(shop: Shop) -> None:
    currencies = data(await shop.http.get(f"{ROOT}/common/currencies"))
    monitor = data(await shop.http.get(f"{ROOT}/common/monitor"))

    tron = currencies["USDT"]["networks"]["Tron Network"]
    assert (tron["required_confirmations"], str(tron["deposit_min"])) == (20, "0.1")
    assert monitor == {"status": "OK"}


async def test_given_accepted_coins_when_asked_then_all_or_the_chosen_ones(shop: Shop) -> None:
    everything = data(await shop.ask("/payment/accepted-currencies"))["list"]
    await shop.turn("settings", accepted=["USDT", "TRX"])
    chosen = data(await shop.ask("/payment/accepted-currencies"))["list"]

    assert {"USDT", "BTC", "TRX"} < set(everything)
    assert chosen == ["USDT", "TRX"]


async def test_given_a_limit_when_too_many_calls_come_then_429_until_the_minute_is_over(shop: Shop) -> None:
    await shop.turn("settings", requests_per_minute=2)
    statuses = [(await shop.ask("/payment")).status_code for _ in range(3)]
    answer = await shop.ask("/payment")
    other = await Shop(shop.http, "other").ask("/payment")
    await shop.later(61)

    assert statuses == [200, 200, 429]
    refused(answer, 429, "")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert other.status_code == 200
    assert (await shop.ask("/payment")).status_code == 200


async def test_given_decimals_as_strings_when_read_then_amounts_are_texts(shop: Shop) -> None:
    track_id = await shop.sells(amount="25.10")
    await shop.turn("settings", decimals="string")

    assert (await shop.sees(track_id))["amount"] == "25.10"


@pytest.mark.parametrize("sandbox", [True, False])
async def test_given_a_sandbox_flag_when_paid_then_only_a_sandbox_invoice_has_the_word(
    shop: Shop, sandbox: bool
) -> None:
    track_id = await shop.sells(sandbox=sandbox)
    await shop.pays(track_id)
    [tx] = (await shop.sees(track_id))["txs"]

    assert ("sandbox" in tx["tx_hash"], "sandbox" in tx["address"]) == (sandbox, sandbox)
