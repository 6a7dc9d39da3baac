"""Buttons: old, doubled, invented, somebody else's."""

from __future__ import annotations

import asyncio

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
STALE = "That button no longer works, and nothing has changed."


async def test_given_buy_when_tapped_twice_at_once_then_one_label_is_bought_and_the_second_tap_is_answered(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.chooses()
    message_id, data = chat.button("Buy for")
    tap = {"message_id": message_id, "data": data}
    await asyncio.gather(*(chat.post("taps", tap) for _ in range(2)))
    await chat.looks()

    [sold] = await shop.sold_to(rosa)
    ledger = await shop.carrier()
    assert ledger["purchase_posts_by_reference"][sold["external_shipment_id"]] == 1
    assert len(await shop.captures(chat.user)) == 1
    assert len({await chat.fetches(label) for label in chat.labels}) == 1
    assert "Your label is ready." in chat.text


async def test_given_a_bought_label_when_buy_is_tapped_again_then_the_same_label_comes_free_of_charge(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.chooses()
    buy = chat.button("Buy for")
    await chat.taps("Buy for")
    await chat.presses(*buy)

    assert "already bought, and paid only once" in " ".join(m.text for m in chat.messages)
    assert len(await shop.sold_to(rosa)) == 1
    assert len(await shop.captures(chat.user)) == 1
    first, second = [await chat.fetches(label) for label in chat.labels]
    assert first == second


async def test_given_an_old_card_when_its_button_is_tapped_then_nothing_changes_and_the_present_one_comes(
    shop: Shop, chat: Chat
) -> None:
    rosa, dora = somebody(), somebody()
    await chat.writes(an_order(rosa))
    old = chat.button("cheapest")
    await chat.taps("✏️ To")
    await chat.writes(f"{dora}, 742 Summit Ave, Denver CO 80202")
    await chat.presses(*old)

    assert STALE in chat.text
    assert dora in chat.text
    assert await shop.orders(chat.user) == []


@pytest.mark.parametrize(
    "data",
    [
        "x", "e:", "e:99:rate:se-1", "e:-1:price", "e:1:rate:", "b:", "b:ord_1", "b:../../etc", "m:nothing",
        "l:xx", "o:label:", "o:label:ord_1", "o:steal:ord_1", "o:repeat:ord_1", "p:-1", "p:99999999999",
        "x:1:CA", "e:2:field:from.nothing", "e:2:use:both", "\u202ee:1:price", "😀" * 16, "0" * 64,
    ],
)  # fmt: skip
async def test_given_an_order_when_a_forged_button_is_pressed_then_nothing_is_bought_and_the_draft_is_kept(
    shop: Shop, chat: Chat, data: str
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.presses(chat.card.message_id, data)

    assert STALE in chat.text
    await chat.writes("/start")
    await chat.taps("Continue your order")
    assert rosa in chat.text
    assert await shop.orders(chat.user) == []


@pytest.mark.parametrize("action", ["label", "show", "track", "repeat"])
async def test_given_another_customers_order_when_its_id_is_forged_then_nothing_of_it_is_told(
    shop: Shop, chat: Chat, action: str
) -> None:
    victim, rosa = Chat(shop, shop.new_user()), somebody()
    await victim.buys(an_order(rosa))
    order_id = (await shop.orders(victim.user))[0].order_id
    await chat.writes("/start")
    await chat.presses(chat.card.message_id, f"o:{action}:{order_id}")

    assert STALE in chat.text
    assert chat.labels == []
    assert rosa not in " ".join(m.text for m in chat.messages)


async def test_given_another_customers_buy_button_when_forged_then_nobody_is_charged(
    shop: Shop, chat: Chat
) -> None:
    victim, rosa = Chat(shop, shop.new_user()), somebody()
    await victim.writes(an_order(rosa))
    await victim.chooses()
    _, data = victim.button("Buy for")
    await chat.writes(an_order())
    await chat.chooses()
    await chat.presses(chat.card.message_id, data)

    assert STALE in chat.text
    assert await shop.sold_to(rosa) == []
    for user in (victim.user, chat.user):
        assert (await shop.balance(user)).held.minor == 0
