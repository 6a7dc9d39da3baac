"""What a customer sees, and what the books say, when a carrier stumbles."""

from __future__ import annotations

import datetime as dt

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop, open_shop
from shipping_core.domain.order import OrderState

pytestmark = pytest.mark.asyncio(loop_scope="session")
MINUTE = dt.timedelta(minutes=1)
EVERYTHING = 50_00
"""What a new customer starts with, in cents."""


async def ready_to_buy(chat: Chat) -> str:
    """One tap away; the recipient's name."""
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.chooses()
    return rosa


NOT_BOUGHT = "Nothing was charged, and the money is free again."


def all_texts(chat: Chat) -> str:
    return "\n".join(m.text for m in chat.messages)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"fault": "refuse"}, NOT_BOUGHT),
        ({"fault": "refuse", "source": "carrier"}, NOT_BOUGHT),
        ({"fault": "insufficient_funds"}, "Labels cannot be sold at the moment"),
        ({"fault": "429"}, NOT_BOUGHT),
    ],
    ids=["refused", "refused by the carrier", "our wallet is empty", "too fast"],
)
async def test_given_a_purchase_that_surely_failed_when_told_then_the_money_is_free_and_the_draft_kept(
    shop: Shop, chat: Chat, fault: dict[str, str], told: str
) -> None:
    rosa = await ready_to_buy(chat)
    await shop.accident("buy_label", **fault)
    await chat.taps("Buy for")

    assert told in chat.text
    assert rosa in chat.text
    balance = await shop.balance(chat.user)
    assert (balance.available.minor, balance.held.minor) == (EVERYTHING, 0)
    assert chat.labels == []
    await chat.taps("Yes, show prices")
    await chat.chooses()
    await chat.taps("Buy for")
    assert len(chat.labels) == len(await shop.sold_to(rosa)) == len(await shop.captures(chat.user)) == 1


@pytest.mark.parametrize(
    "fault",
    [{"fault": "lose_answer"}, {"fault": "truncated"}, {"fault": "5xx_with_effect"}],
    ids=["lost answer", "half an answer", "error after the effect"],
)
async def test_given_a_bought_label_without_an_answer_when_looked_up_then_it_comes_once_and_is_paid_once(
    shop: Shop, chat: Chat, fault: dict[str, str]
) -> None:
    rosa = await ready_to_buy(chat)
    await shop.accident("buy_label", **fault)
    await chat.taps("Buy for")
    assert "The carrier has not answered yet." in chat.text
    assert "stays held" in chat.text
    assert (await shop.balance(chat.user)).held.minor > 0
    assert chat.labels == []
    await shop.reconciled(after=2 * MINUTE)
    await shop.reconciled(after=2 * MINUTE)
    await chat.looks()

    [sold] = await shop.sold_to(rosa)
    ledger = await shop.carrier()
    assert ledger["purchase_posts_by_reference"][sold["external_shipment_id"]] == 1
    assert len(chat.labels) == len(await shop.captures(chat.user)) == 1
    assert rosa.casefold() in await chat.opens()
    assert "Your label is ready." in chat.text
    assert (await shop.balance(chat.user)).held.minor == 0


@pytest.mark.parametrize(
    "fault", [{"fault": "5xx"}, {"fault": "lose_answer_without_effect"}], ids=["error", "lost request"]
)
async def test_given_no_label_after_all_when_three_looks_and_a_quarter_hour_have_passed_then_money_is_free(
    shop: Shop, chat: Chat, fault: dict[str, str]
) -> None:
    rosa = await ready_to_buy(chat)
    await shop.accident("buy_label", **fault)
    await chat.taps("Buy for")
    assert "The carrier has not answered yet." in chat.text
    for _ in range(3):
        await shop.reconciled(after=4 * MINUTE)
    await chat.looks()
    assert (await shop.balance(chat.user)).held.minor > 0, "three looks, but not a quarter of an hour"
    await shop.reconciled(after=4 * MINUTE)
    await chat.looks()

    balance = await shop.balance(chat.user)
    assert (balance.available.minor, balance.held.minor) == (EVERYTHING, 0)
    assert "The carrier did not sell this label. Nothing was charged, and the money is free again." in (
        all_texts(chat)
    )
    assert await shop.sold_to(rosa) == []
    assert chat.labels == []
    assert (await shop.orders(chat.user))[0].state is OrderState.FAILED


async def test_given_an_unanswered_purchase_when_another_is_wanted_then_the_held_money_cannot_be_spent_again(
    shop: Shop, chat: Chat
) -> None:
    await chat.writes(an_order())
    await chat.chooses("fastest")
    await shop.accident("buy_label", "lose_answer")
    await chat.taps("Buy for")
    dora = somebody()
    await chat.writes(an_order(dora))
    await chat.chooses("fastest")
    buy = f"b:{chat.button('Top up')[1].rpartition(':')[2]}"
    await chat.presses(chat.card.message_id, buy)

    assert "Your balance is short by $" in chat.text
    assert dora in chat.text
    assert await shop.sold_to(dora) == []


async def test_given_look_ups_that_fail_for_an_hour_when_reconciling_then_the_order_is_parked_and_money_stays(
    shop: Shop, chat: Chat
) -> None:
    await ready_to_buy(chat)
    await shop.accident("buy_label", "lose_answer")
    await chat.taps("Buy for")
    await shop.accident("find", "5xx", count=None)
    await shop.reconciled(after=61 * MINUTE)

    assert (await shop.orders(chat.user))[0].state is OrderState.PARKED
    assert (await shop.balance(chat.user)).held.minor > 0


async def test_given_carriers_that_do_not_answer_when_pricing_then_it_is_said_and_can_be_tried_again(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await shop.accident("rates", "5xx", count=None)
    await chat.writes(an_order(rosa))
    assert "The carriers are not answering at the moment." in chat.text
    assert rosa in chat.text
    await shop.calm()
    await chat.taps("Yes, show prices")

    assert chat.offers("cheapest")


async def test_given_a_carrier_in_a_hurry_when_pricing_then_a_moment_later_the_prices_come(
    shop: Shop, chat: Chat
) -> None:
    await shop.accident("rates", "429", retry_after=1)
    await chat.writes(an_order())

    assert chat.offers("cheapest")


async def test_given_no_address_check_when_pricing_then_the_prices_come_without_it(
    shop: Shop, chat: Chat
) -> None:
    await shop.accident("validate", "refuse", count=None)
    await chat.writes(an_order(to="123 Main St, Los Angeles CA 90001"))

    assert chat.offers("cheapest")
    assert "did you mean" not in chat.text


async def test_given_a_slow_label_when_it_is_still_being_made_then_it_comes_when_it_is_done(
    shop: Shop, chat: Chat
) -> None:
    await ready_to_buy(chat)
    await shop.accident("buy_label", "processing", polls=1)
    await chat.taps("Buy for")
    for _ in range(2):
        await shop.reconciled(after=2 * MINUTE)
    await chat.looks()

    assert len(chat.labels) == len(await shop.captures(chat.user)) == 1


async def test_given_one_carrier_down_of_three_when_pricing_then_the_others_offers_are_shown() -> None:
    async with open_shop(version="v1") as shop:
        chat = Chat(shop, shop.new_user())
        await shop.accident("rates", "refuse", count=None, match="stamps_com")
        await chat.writes(an_order())
        await chat.taps("more price")
        offered = " ".join(text for text, _ in chat.card.buttons)

        assert "UPS" in offered
        assert "FedEx" in offered
        assert "USPS" not in offered
        await chat.chooses()
        await chat.taps("Buy for")
        assert len(chat.labels) == 1
        assert (await shop.carrier())["purchases"][0]["test"]


async def test_given_a_day_of_accidents_when_it_is_over_then_the_journal_sums_to_zero(
    shop: Shop, chat: Chat
) -> None:
    for fault in ("refuse", "lose_answer", "5xx"):
        await ready_to_buy(chat)
        await shop.accident("buy_label", fault)
        await chat.taps("Buy for")
        for _ in range(5):
            await shop.reconciled(after=5 * MINUTE)
        await chat.writes("/start")
        if chat.offers("Continue your order"):
            await chat.writes("/cancel")
            await chat.taps("Yes, cancel")

    assert (await shop.books())[0] == 0
    balance = await shop.balance(chat.user)
    assert balance.held.minor == 0
    assert balance.available.minor == EVERYTHING - sum(c.amount.minor for c in await shop.captures(chat.user))
    assert len(await shop.captures(chat.user)) == len(chat.labels) == 1
