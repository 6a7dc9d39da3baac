"""Bringing money in through the chat: the pay page, the notice, the sweep, and what goes otherwise."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop
from shipping_core.domain.ids import UserId
from shipping_core.domain.invoice import Invoice, InvoiceState
from shipping_core.domain.ledger import SUSPENSE, Kind, account_sums
from shipping_core.domain.money import Money

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR = dt.timedelta(minutes=61)
KEY = b"sandbox-merchant-key"


def usd(text: str) -> Money:
    """An amount in dollars."""
    return Money.parse(text)


async def asks_for(chat: Chat, amount: str = "$25.00") -> str:
    """Ask for a payment link; its number."""
    await chat.writes("/start")
    await chat.taps("Top up")
    await chat.taps(amount)
    return chat.track_id


async def pays(shop: Shop, track_id: str, act: str = "pay", **how: Any) -> None:
    """Something happens at the gateway; its notices, if any, have been tried."""
    body = {"confirm_after_s": 0, **how} if act == "pay" else how
    await shop.post(f"/sandbox/oxapay/invoices/{track_id}/{act}", {"wait": True, **body})
    await shop.settled()


async def invoice_of(shop: Shop, chat: Chat) -> Invoice:
    """The customer's newest top-up."""
    invoices = shop.container.invoices()
    found: Invoice = (await invoices.of_user(UserId(str(chat.user)), shop.container.policy().now.mode))[0]
    return found


async def topped_up(shop: Shop, chat: Chat) -> list[Money]:
    """What payments brought in."""
    return [t.amount for t in await shop.journal(chat.user) if t.kind is Kind.TOPUP]


async def test_given_the_pay_page_when_paid_then_the_notice_brings_the_money_and_a_word(
    shop: Shop, chat: Chat
) -> None:
    track_id = await asks_for(chat)
    assert "59 minutes left" in chat.card.text or "60 minutes left" in chat.card.text
    await pays(shop, track_id)
    await chat.looks()

    assert chat.said("$25.00 has arrived")
    assert (await shop.balance(chat.user)).available == usd("75.00")
    assert await topped_up(shop, chat) == [usd("25.00")]


async def test_given_a_payment_link_when_made_then_a_picture_of_it_comes_beside_the_card(
    shop: Shop, chat: Chat
) -> None:
    await asks_for(chat)
    state = await shop.get(f"/sandbox/telegram/bots/default/users/{chat.user}/chat")
    photos = [m for m in state["messages"] if m.get("photo")]

    assert len(photos) == 1
    assert photos[0]["caption"] == "Scan to pay $25.00"
    assert photos[0]["reply_markup"]["inline_keyboard"][0][0]["url"] == chat.pay_page


async def test_given_a_lost_notice_when_the_sweep_asks_then_the_money_is_credited(
    shop: Shop, chat: Chat
) -> None:
    track_id = await asks_for(chat)
    await pays(shop, track_id, lose_webhook=True)
    before = await topped_up(shop, chat)
    shop.clock.advance(dt.timedelta(minutes=2))
    await shop.container.sweep()()
    await chat.looks()

    assert before == []
    assert await topped_up(shop, chat) == [usd("25.00")]
    assert chat.said("$25.00 has arrived")


async def test_given_a_lost_notice_when_the_customer_says_paid_then_it_is_asked_for_at_once(
    shop: Shop, chat: Chat
) -> None:
    track_id = await asks_for(chat)
    await chat.taps("I have paid")
    nothing_yet = chat.said("Nothing has arrived yet")
    await pays(shop, track_id, lose_webhook=True)
    await chat.taps("I have paid")

    assert nothing_yet
    assert await topped_up(shop, chat) == [usd("25.00")]
    assert chat.said("Your payment has arrived")


async def test_given_too_little_money_when_the_shortfall_is_paid_then_the_label_comes_by_itself(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(an_order(), "fastest")
    rosa = somebody()
    await (await chat.writes(an_order(rosa))).chooses("fastest")
    await chat.taps("Top up")
    invoice = await invoice_of(shop, chat)
    before = await shop.sold_to(rosa)
    await pays(shop, chat.track_id)
    await chat.looks()

    assert before == []
    assert len(await shop.sold_to(rosa)) == 1
    assert rosa.casefold() in await chat.opens()
    assert (await shop.balance(chat.user)).posted.minor == 0
    assert await topped_up(shop, chat) == [invoice.amount]


async def test_given_a_late_payment_for_a_purchase_when_prices_are_the_same_then_it_is_bought_all_the_same(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(an_order(), "fastest")
    rosa = somebody()
    await (await chat.writes(an_order(rosa))).chooses("fastest")
    await chat.taps("Top up")
    shop.clock.advance(dt.timedelta(minutes=40))
    await pays(shop, chat.track_id)
    await chat.looks()

    assert len(await shop.sold_to(rosa)) == 1
    assert (await shop.balance(chat.user)).posted.minor == 0


@pytest.mark.parametrize(
    ("how", "reason", "held"),
    [("little", "underpaid", "15.00"), ("much", "overpaid", "5.00")],
    ids=["too little", "too much"],
)
async def test_given_another_amount_when_paid_then_an_operator_decides_and_the_customer_knows(
    shop: Shop, chat: Chat, how: str, reason: str, held: str
) -> None:
    track_id = await asks_for(chat)
    await pays(shop, track_id, how=how)
    if how == "little":
        await pays(shop, track_id, "expire")
        await chat.taps("I have paid")
    await chat.looks()
    invoice = await invoice_of(shop, chat)
    in_suspense = account_sums(await shop.container.balances().journal())
    resolve = shop.container.resolve_review()
    await resolve.credit(invoice.invoice_id, track_id, usd(held), actor="operator:ola", reason="looked at it")
    await chat.looks()

    assert invoice.reviews == {track_id: reason}
    assert in_suspense[invoice.mode, SUSPENSE] == usd(held).minor
    whole = usd("25.00") if how == "much" else usd("0")
    assert (await shop.balance(chat.user)).available == usd("50.00") + whole + usd(held)
    assert chat.said(f"added ${held} to your balance")
    assert account_sums(await shop.container.balances().journal())[invoice.mode, SUSPENSE] == 0


async def test_given_a_credited_payment_when_the_gateway_gives_it_back_then_the_balance_follows(
    shop: Shop, chat: Chat
) -> None:
    track_id = await asks_for(chat, "$100.00")
    await pays(shop, track_id)
    await chat.buys(an_order(), "fastest")
    await chat.buys(an_order(somebody()), "fastest")
    await pays(shop, track_id, "refund")
    shop.clock.advance(HOUR)
    await shop.container.sweep()()
    await chat.looks()
    [first, second] = await shop.captures(chat.user)

    assert (await invoice_of(shop, chat)).state is InvoiceState.REVERSED
    assert (await shop.balance(chat.user)).available == usd("50.00") - first.amount - second.amount
    assert chat.said("has taken $100.00 back")


async def test_given_a_link_that_nobody_paid_when_its_time_is_over_then_the_customer_hears_and_may_begin_anew(
    shop: Shop, chat: Chat
) -> None:
    track_id = await asks_for(chat)
    await pays(shop, track_id, "expire")
    shop.clock.advance(HOUR)
    await shop.container.sweep()()
    await chat.looks()

    assert chat.said("The time to pay $25.00 is over")
    assert await topped_up(shop, chat) == []
    await asks_for(chat, "$10.00")


async def test_given_three_unpaid_links_when_a_fourth_is_wanted_then_it_is_refused_kindly(
    shop: Shop, chat: Chat
) -> None:
    for _ in range(3):
        await asks_for(chat)
    await chat.writes("/start")
    await chat.taps("Top up")
    await chat.taps("$25.00")

    assert chat.said("You have some unpaid top-ups already")


@pytest.mark.parametrize("words", ["a lot", "0", "-5", "0.5", "1e30", "NaN", "12.345", "100000", "💰", "$"])
async def test_given_no_amount_when_written_then_it_is_asked_for_again(
    shop: Shop, chat: Chat, words: str
) -> None:
    await chat.writes("/start")
    await chat.taps("Top up")
    await chat.writes(words)

    assert "write an amount in dollars" in chat.text
    assert chat.offers("$25.00")


async def test_given_an_amount_of_ones_own_when_written_then_the_link_is_for_just_that(
    shop: Shop, chat: Chat
) -> None:
    await chat.writes("/start")
    await chat.taps("Top up")
    await chat.writes("$12.34")

    assert "Pay $12.34" in chat.text


@pytest.mark.parametrize("accident", ["lose_answer", "5xx", "html", "truncated"])
async def test_given_a_gateway_in_trouble_when_a_link_is_wanted_then_nothing_is_lost_and_a_retry_works(
    shop: Shop, chat: Chat, accident: str
) -> None:
    await shop.post("/sandbox/faults/oxapay", {"operation": "create", "fault": accident})
    await chat.writes("/start")
    await chat.taps("Top up")
    await chat.taps("$25.00")
    sorry = "The payment service does not answer" in chat.text
    await chat.taps("$25.00")
    await pays(shop, chat.track_id)

    assert sorry
    assert await topped_up(shop, chat) == [usd("25.00")]


async def test_given_forged_notices_when_they_come_then_none_is_believed(shop: Shop, chat: Chat) -> None:
    track_id = await asks_for(chat)
    invoice = await invoice_of(shop, chat)
    body = {"track_id": track_id, "status": "Paid", "amount": 25, "currency": "USD", "type": "invoice"}
    raw = json.dumps({**body, "order_id": invoice.invoice_id}).encode()
    good = hmac.new(KEY, raw, hashlib.sha512).hexdigest()
    answers = {}
    url = f"{shop.container.listening_on()}/api/oxapay/webhook"
    for name, signature, sent in (
        ("none", None, raw),
        ("wrong", "0" * 128, raw),
        ("of other bytes", good, raw + b" "),
        ("not hex", "ы" * 128, raw),
        ("signed, but not paid", good, raw),
        ("too long", good, raw + b" " * 70_000),
    ):
        headers = {"HMAC": signature.encode().decode("latin-1")} if signature else {}
        async with shop.http.post(url, data=sent, headers=headers) as answer:
            answers[name] = (answer.status, await answer.text())
    await shop.settled()

    assert answers == {
        "none": (401, ""),
        "wrong": (401, ""),
        "of other bytes": (401, ""),
        "not hex": (401, ""),
        "signed, but not paid": (200, "ok"),
        "too long": (413, ""),
    }
    assert await topped_up(shop, chat) == []
