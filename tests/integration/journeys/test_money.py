"""Money: what is shown, held, spent, and never spent twice."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from dependency_injector import providers

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop, open_shop
from shipping_bot import lifecycle
from shipping_bot.container import Container
from shipping_bot.lifecycle import StartError
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.money import Money
from shipping_core.errors import InsufficientFunds

pytestmark = pytest.mark.asyncio(loop_scope="session")
HALF_AN_HOUR = dt.timedelta(minutes=30)


async def test_given_too_little_money_when_buying_then_the_shortfall_is_said_and_the_order_kept(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(an_order(), "fastest")
    [paid] = await shop.captures(chat.user)
    rosa = somebody()
    await (await chat.writes(an_order(rosa))).chooses("fastest")

    shortfall = paid.amount - (Money.parse("50.00") - paid.amount)
    assert chat.offers(f"Top up ${shortfall.amount} and buy")
    assert not chat.offers("Buy for")
    assert rosa in chat.text
    assert await shop.sold_to(rosa) == []
    assert await shop.captures(chat.user) == [paid]
    assert (await shop.balance(chat.user)).held.minor == 0
    await chat.taps("Other prices")
    await chat.chooses("cheapest")
    await chat.taps("Buy for")
    assert len(await shop.sold_to(rosa)) == 1


async def test_given_prices_that_ran_out_when_one_is_tapped_then_the_carriers_are_asked_again(
    shop: Shop, chat: Chat
) -> None:
    await chat.writes(an_order())
    asked = (await shop.carrier())["calls"]["rates"]
    shop.clock.advance(HALF_AN_HOUR)
    await chat.chooses()
    assert "The price is still $" in chat.text
    assert (await shop.carrier())["calls"]["rates"] == asked + 1
    await chat.chooses()

    assert chat.offers("Buy for")


async def test_given_a_buy_button_that_ran_out_when_tapped_then_nothing_is_bought_before_it_is_asked_again(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.chooses()
    shop.clock.advance(HALF_AN_HOUR)
    await chat.taps("Buy for")
    assert await shop.sold_to(rosa) == []
    assert await shop.captures(chat.user) == []
    await chat.chooses()
    await chat.taps("Buy for")

    assert len(await shop.sold_to(rosa)) == len(await shop.captures(chat.user)) == 1


async def test_given_an_hour_of_silence_when_coming_back_then_the_dialogue_is_over_and_the_draft_is_there(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    old_price = chat.button("cheapest")
    shop.clock.advance(2 * HALF_AN_HOUR)
    await chat.presses(*old_price)
    assert "That button no longer works" in chat.text
    await chat.taps("Continue your order")

    assert rosa in chat.text
    assert chat.offers("cheapest")
    assert await shop.orders(chat.user) == []


async def test_given_a_purchase_under_way_when_another_device_orders_then_exactly_one_label_is_bought(
    shop: Shop, chat: Chat
) -> None:
    rosa, dora = somebody(), somebody()
    await chat.writes(an_order(rosa))
    await chat.chooses("fastest")
    message_id, buy = chat.button("Buy for")
    await shop.accident("buy_label", "delay", delay_s=0.6)
    await chat.post("taps", {"message_id": message_id, "data": buy})
    other = Chat(shop, chat.user)
    for act, body in (
        ("messages", {"text": an_order(dora)}),
        ("taps", {"message_id": message_id, "data": buy}),
        ("messages", {"text": "/new"}),
    ):
        await other.post(act, body)
    await chat.looks()

    assert len(await shop.sold_to(rosa)) == len(await shop.captures(chat.user)) == 1
    assert await shop.sold_to(dora) == []
    assert "Your label is ready." in chat.text


async def test_given_money_for_one_when_two_orders_are_paid_at_the_same_moment_then_one_label_is_sold(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.buys(an_order(rosa))
    shipment = (await shop.orders(chat.user))[0].shipment
    user = UserId(str(chat.user))
    quotes = [await shop.container.quotes()(user, shipment) for _ in range(2)]
    money = (await shop.balance(chat.user)).available
    dearest = [max((r for r in q.rates if r.price <= money), key=lambda r: r.price.minor) for q in quotes]
    buy = shop.container.buy_label()
    outcomes = await asyncio.gather(
        *(
            buy(user_id=user, order_id=OrderId(f"race-{chat.user}-{n}"), quote=q, rate_id=r.rate_id)
            for n, (q, r) in enumerate(zip(quotes, dearest, strict=True))
        ),
        return_exceptions=True,
    )

    assert [type(o) for o in outcomes].count(InsufficientFunds) == 1
    assert len(await shop.sold_to(rosa)) == len(await shop.captures(chat.user)) == 2
    assert (await shop.balance(chat.user)).available.minor >= 0


def in_mode(mode: str, **keys: str) -> Callable[[Container], None]:
    """Override the mode and the V2 keys."""

    def prepare(container: Container) -> None:
        settings = container.settings()
        secret = type(settings.shipstation.api_key)
        changes: dict[str, Any] = {name: secret(value) for name, value in keys.items()}
        ship = evolve(settings.shipstation, **changes)
        container.settings.override(providers.Object(evolve(settings, api_mode=mode, shipstation=ship)))

    return prepare


@pytest.mark.parametrize(
    ("version", "mode", "keys"),
    [
        ("v2", Mode.TEST, {}),
        ("v2", Mode.TEST, {"api_key": "TEST_only", "test_api_key": ""}),
        ("v2", Mode.PRODUCTION, {}),
        ("v1", Mode.TEST, {}),
        ("v1", Mode.PRODUCTION, {}),
    ],
    ids=["V2 test, both keys", "V2 test, a test key alone", "V2 production, both keys", "V1 test", "V1 live"],
)
async def test_given_a_mode_when_a_label_is_bought_then_it_stands_on_everything_whatever_key_is_set(
    version: str, mode: Mode, keys: dict[str, str]
) -> None:
    async with open_shop(version=version, prepare=in_mode(mode.value, **keys)) as shop:
        chat, rosa = Chat(shop, shop.new_user()), somebody()
        await chat.buys(an_order(rosa))
        [sold] = await shop.sold_to(rosa)
        [order] = await shop.orders(chat.user)

        assert sold["test"] is (mode is Mode.TEST)
        assert order.mode is mode
        assert order.reference.startswith(mode.value[0])
        assert {t.mode for t in await shop.container.balances().journal()} == {mode}
        assert ("Test mode" in chat.text) is (mode is Mode.TEST)
        assert rosa.casefold() in await chat.opens()


@pytest.mark.parametrize(
    ("mode", "keys"),
    [
        ("production", {"api_key": "TEST_only", "test_api_key": ""}),
        ("test", {"api_key": "live-only", "test_api_key": ""}),
    ],
    ids=["only a test key in production", "only a live key in test mode"],
)
async def test_given_only_the_other_modes_key_when_starting_then_it_is_not_used_and_nothing_is_sold(
    mode: str, keys: dict[str, str]
) -> None:
    with pytest.raises(StartError, match="SHIPSTATION_"):
        async with open_shop(prepare=in_mode(mode, **keys)):
            pass


@pytest.mark.parametrize("fault", ["refuse", "5xx"])
async def test_given_carriers_in_trouble_when_the_bot_starts_then_it_starts_all_the_same(
    shop: Shop, fault: str
) -> None:
    await shop.accident("carriers", fault=fault, count=3)
    async with lifecycle.opened(Container(settings=shop.container.settings())):
        pass
