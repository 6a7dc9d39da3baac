"""An invoice's life: by the payer, by the merchant, by time."""

from decimal import Decimal
from typing import Any

import pytest

from integration.sandbox_oxapay.client import CONTROL, Shop


async def history(shop: Shop, track_id: str) -> list[str]:
    """Every status it had."""
    entry = (await shop.http.get(f"{CONTROL}/invoices/{track_id}")).json()
    return [change["status"] for change in entry["history"]]


async def test_given_a_payer_when_everything_goes_well_then_new_waiting_paying_paid(shop: Shop) -> None:
    track_id = await shop.sells()
    seen = [await shop.status(track_id)]
    await shop.act(track_id, "choose", coin="USDT", network="TRC20")
    seen.append(await shop.status(track_id))
    await shop.act(track_id, "pay", confirm_after_s=20)
    seen.append(await shop.status(track_id))
    [confirming] = (await shop.sees(track_id))["txs"]
    await shop.later(20)
    seen.append(await shop.status(track_id))
    [confirmed] = (await shop.sees(track_id))["txs"]

    assert seen == ["new", "waiting", "paying", "paid"]
    assert confirmed.keys() == {
        *("tx_hash", "amount", "currency", "network", "address", "status", "confirmations"),
        *("auto_convert", "auto_withdrawal", "date"),
    }
    assert (confirming["status"], confirming["confirmations"]) == ("confirming", 1)
    assert (confirmed["status"], confirmed["confirmations"]) == ("confirmed", 20)
    assert (confirmed["amount"], confirmed["currency"], confirmed["network"]) == (25, "USDT", "Tron Network")
    assert confirmed["auto_convert"] == {"processed": False, "amount": 0, "currency": None}


async def test_given_real_time_when_paid_then_it_is_confirmed_by_itself(shop: Shop) -> None:
    await shop.turn("settings", confirm_after_s=0.05)
    track_id = await shop.sells()
    await shop.act(track_id, "pay")
    while await shop.status(track_id) == "paying":
        pass

    assert await history(shop, track_id) == ["new", "waiting", "paying", "paid"]


@pytest.mark.parametrize("paid", [False, True], ids=["nothing came", "a part came"])
async def test_given_the_lifetime_is_over_when_looked_at_then_expired_or_underpaid(
    shop: Shop, paid: bool
) -> None:
    track_id = await shop.sells(lifetime=15)
    if paid:
        await shop.pays(track_id, how="little")
    await shop.later(15 * 60 - 5)
    before = await shop.status(track_id)
    await shop.later(6)

    assert before == ("paying" if paid else "new")
    assert await shop.status(track_id) == ("underpaid" if paid else "expired")


async def test_given_a_part_when_the_rest_follows_then_paid(shop: Shop) -> None:
    track_id = await shop.sells()
    first = await shop.pays(track_id, how="little")
    after = await shop.pays(track_id)

    assert (first["status"], first["due"]) == ("paying", 10)
    assert [tx["amount"] for tx in after["txs"]] == [15, 10]
    assert after["status"] == "paid"


@pytest.mark.parametrize(
    ("wish", "sent"),
    [({}, "25"), ({"how": "much"}, "30"), ({"amount": "25.5"}, "25.5"), ({"coin": "TRX"}, "100")],
    ids=str,
)
async def test_given_enough_when_paid_then_paid_with_what_was_sent(
    shop: Shop, wish: dict[str, Any], sent: str
) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id, **wish)
    seen = await shop.sees(track_id)

    assert (seen["status"], seen["txs"][0]["amount"]) == ("paid", Decimal(sent))


@pytest.mark.parametrize(
    ("coverage", "status"), [(0, "paying"), (40, "paid"), (39.9, "paying"), (60, "paid")], ids=str
)
async def test_given_a_coverage_when_a_part_comes_then_the_shortfall_decides(
    shop: Shop, coverage: float, status: str
) -> None:
    track_id = await shop.sells(under_paid_coverage=coverage)

    assert (await shop.pays(track_id, how="little"))["status"] == status


async def test_given_the_payer_bears_the_fee_when_only_the_price_comes_then_it_is_not_enough(
    shop: Shop,
) -> None:
    track_id = await shop.sells(fee_paid_by_payer=1)
    price_only = await shop.pays(track_id, amount=25)
    whole = await shop.pays(track_id)

    assert (price_only["status"], price_only["due"]) == ("paying", 0.1)
    assert whole["status"] == "paid"


@pytest.mark.parametrize("coin", ["USDT", "BTC", "ETH", "LTC", "TRX", "TON", "BNB", "SOL", "DOGE", "USDC"])
@pytest.mark.parametrize(
    "price", [{"amount": "9.99", "currency": "EUR"}, {"amount": "1000", "currency": "JPY"}]
)
async def test_given_any_coin_when_paid_exactly_then_paid(
    shop: Shop, coin: str, price: dict[str, str]
) -> None:
    track_id = await shop.sells(**price, fee_paid_by_payer=1)

    assert (await shop.pays(track_id, coin=coin))["status"] == "paid"


async def test_given_money_in_flight_when_the_time_ends_then_it_still_counts(shop: Shop) -> None:
    track_id = await shop.sells(lifetime=15)
    await shop.later(14 * 60)
    await shop.act(track_id, "pay", confirm_after_s=300)
    await shop.later(120)
    during = await shop.status(track_id)
    await shop.later(200)

    assert (during, await shop.status(track_id)) == ("paying", "paid")


async def test_given_an_expired_invoice_when_money_comes_then_it_stays_expired_with_the_money(
    shop: Shop,
) -> None:
    track_id = await shop.sells(lifetime=15)
    await shop.later(16 * 60)
    await shop.pays(track_id)
    seen = await shop.sees(track_id)

    assert (seen["status"], seen["txs"][0]["status"], seen["txs"][0]["amount"]) == (
        "expired",
        "confirmed",
        25,
    )


async def test_given_late_money_that_counts_when_it_comes_then_paid(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id, late=True, late_counts=True)

    assert await history(shop, track_id) == ["new", "expired", "paying", "paid"]


async def test_given_late_money_that_is_too_little_when_it_comes_then_underpaid(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id, late=True, late_counts=True, how="little")

    assert await shop.status(track_id) == "underpaid"


async def test_given_a_paid_invoice_when_paid_again_then_two_transactions(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id)
    await shop.pays(track_id, how="again")
    seen = await shop.sees(track_id)

    assert (seen["status"], [tx["amount"] for tx in seen["txs"]]) == ("paid", [25, 25])
    assert len({tx["tx_hash"] for tx in seen["txs"]}) == 2


async def test_given_an_underpaid_invoice_when_accepted_then_manual_accept(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id, how="little")
    await shop.act(track_id, "expire")
    await shop.act(track_id, "accept")

    assert await history(shop, track_id) == ["new", "waiting", "paying", "underpaid", "manual_accept"]


async def test_given_a_paid_invoice_when_refunded_then_refunding_and_later_refunded(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.pays(track_id)
    await shop.act(track_id, "refund")
    during = await shop.status(track_id)
    await shop.later(5)

    assert (during, await shop.status(track_id)) == ("refunding", "refunded")


async def test_given_an_unknown_word_when_forced_then_the_api_says_it(shop: Shop) -> None:
    track_id = await shop.sells()
    await shop.act(track_id, "status", status="half_paid")

    assert await shop.status(track_id) == "half_paid"
    assert await shop.lists(status="half_paid") == [track_id]


async def test_given_conversion_when_paid_in_another_coin_then_it_is_processed(shop: Shop) -> None:
    track_id = await shop.sells(to_currency="USDT", auto_withdrawal=True)
    await shop.pays(track_id, coin="TRX")
    [tx] = (await shop.sees(track_id))["txs"]

    assert tx["auto_convert"] == {"processed": True, "amount": 25, "currency": "USDT"}
    assert tx["auto_withdrawal"] == {"processed": True}


@pytest.mark.parametrize("mixed", [True, False])
async def test_given_a_part_when_the_rest_comes_in_another_coin_then_the_terms_decide(
    shop: Shop, mixed: bool
) -> None:
    track_id = await shop.sells(mixed_payment=mixed)
    await shop.pays(track_id, how="little")
    answer = await shop.http.post(
        f"{CONTROL}/invoices/{track_id}/pay", json={"coin": "LTC", "confirm_after_s": 0}
    )

    assert answer.status_code == (200 if mixed else 409)
    assert await shop.status(track_id) == ("paid" if mixed else "paying")


@pytest.mark.parametrize(
    ("before", "act", "wish", "why"),
    [
        ([], "refund", {}, "nothing to refund"),
        (["pay"], "expire", {}, "cannot expire"),
        (["pay"], "accept", {}, "cannot be accepted"),
        (["pay"], "pay", {}, "everything is paid"),
        (["pay", "refund"], "refund", {}, "nothing to refund"),
        (["expire"], "expire", {}, "cannot expire"),
        ([], "pay", {"coin": "GOLD"}, "no coin to pay with"),
        ([], "pay", {"coin": "BTC", "network": "TRC20"}, "not on TRC20"),
        ([], "pay", {"amount": 0}, "more than zero"),
    ],
    ids=str,
)
async def test_given_an_act_that_does_not_fit_when_tried_then_409_and_nothing_changes(
    shop: Shop, before: list[str], act: str, wish: dict[str, Any], why: str
) -> None:
    track_id = await shop.sells()
    for name in before:
        await shop.act(track_id, name, **({"confirm_after_s": 0} if name == "pay" else {}))
    was = (await shop.sees(track_id))["txs"], await shop.status(track_id)
    answer = await shop.http.post(f"{CONTROL}/invoices/{track_id}/{act}", json=wish)

    assert answer.status_code == 409
    assert why in answer.json()["detail"]
    assert was[0] == (await shop.sees(track_id))["txs"]


async def test_given_a_misspelt_or_unknown_control_when_used_then_it_is_refused(shop: Shop) -> None:
    track_id = await shop.sells()
    answers = [
        await shop.http.post(f"{CONTROL}/invoices/{track_id}/pay", json={"amuont": 5}),
        await shop.http.post(f"{CONTROL}/invoices/{track_id}/pay", json={"how": "gladly"}),
        await shop.http.post(f"{CONTROL}/settings", json={"sped": 60}),
        await shop.http.post(f"{CONTROL}/settings", json={"speed": 0}),
        await shop.http.post(f"{CONTROL}/clock", json={"advance_s": -1}),
        await shop.http.post(f"{CONTROL}/invoices/1/pay", json={}),
        await shop.http.get(f"{CONTROL}/invoices/1"),
    ]

    assert [a.status_code for a in answers] == [400, 400, 400, 400, 400, 404, 404]
    assert all("detail" in a.json() for a in answers)


async def test_given_two_merchants_when_the_ledger_is_read_then_it_has_both_and_no_key(shop: Shop) -> None:
    mine, theirs = await shop.sells(), await Shop(shop.http, "rival-key").sells()
    await shop.pays(mine)
    answer = await shop.http.get(f"{CONTROL}/ledger")
    ledger = answer.json()

    assert [entry["track_id"] for entry in ledger["invoices"]] == [mine, theirs]
    assert len({entry["merchant"] for entry in ledger["invoices"]}) == 2
    assert ledger["invoices"][0]["txs"][0]["amount"] == 25
    assert ledger["calls"] == {"create": 2}
    assert "rival-key" not in answer.text


async def test_given_a_reset_when_made_then_invoices_and_time_are_as_at_the_start_but_ids_go_on(
    shop: Shop,
) -> None:
    old = await shop.makes()
    await shop.later(86400)
    (await shop.http.post(f"{CONTROL}/reset")).raise_for_status()
    new = await shop.makes()

    assert await shop.lists() == [new["track_id"]]
    assert new["date"] - old["date"] < 60
    assert int(new["track_id"]) > int(old["track_id"])
