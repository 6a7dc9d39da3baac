"""The ways to a label, in the messages they take."""

from __future__ import annotations

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import IN_RUSSIAN, SENDER, THE_STEPS, an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_given_everything_in_one_message_when_bought_then_three_operations_bring_the_label(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    card = chat.card
    assert "Prices held until" in card.text
    await chat.chooses()
    assert chat.card.message_id == card.message_id
    price = next(text for text, _ in chat.card.buttons if "Buy for" in text).rpartition(" ")[2]
    await chat.taps("Buy for")

    assert chat.operations == 3
    assert [m.message_id for m in chat.messages if not m.file_id] == [card.message_id]
    assert "Your label is ready." in chat.text
    assert price in chat.text
    [sold] = await shop.sold_to(rosa)
    assert sold["tracking_number"] in chat.text
    assert chat.labels[0].file_name == f"label-{sold['tracking_number']}.pdf"
    label = await chat.opens()
    for line in ("jane doe", "215 clayton st", "94117", rosa.casefold(), "742 summit ave", "denver", "80202"):
        assert line in label
    assert [str(c.amount.amount) for c in await shop.captures(chat.user)] == [price.lstrip("$")]


async def test_given_eighteen_questions_when_answered_one_by_one_then_twenty_three_operations_bring_the_label(
    shop: Shop, chat: Chat
) -> None:
    await chat.writes("/start")
    await chat.taps("Step by step")
    for number, answer in enumerate(THE_STEPS, 1):
        assert f"Step {number} of 18" in chat.text
        await chat.writes(answer)
    assert "Is everything right?" in chat.text
    await chat.taps("Yes, show prices")
    await chat.chooses()
    await chat.taps("Buy for")

    assert chat.operations == 23
    label = await chat.opens()
    for line in ("jane doe", "apt 3", "rosa lomax", "suite 5", "742 summit ave", "80202"):
        assert line in label
    assert len(await shop.captures(chat.user)) == 1


async def test_given_a_russian_customer_when_ordering_in_russian_then_everything_answers_in_russian(
    shop: Shop,
) -> None:
    chat = Chat(shop, shop.new_user(), language="ru")
    await chat.writes("/start")
    assert "Баланс" in chat.text
    await chat.writes(IN_RUSSIAN)
    assert "Цены действуют до" in chat.text
    await chat.taps("дешевле всех")
    await chat.taps("Купить за")

    assert "Этикетка готова." in chat.text
    assert "Тестовый режим" in chat.labels[0].text
    label = await chat.opens()
    assert "ivan petrov" in label
    assert "742 summit ave" in label
    english = ("Balance", "Buy for", "Your label", "Tracking:", "Test mode", "Cancel")
    everything = " ".join(m.text + str(m.buttons) for m in chat.messages)
    assert [word for word in english if word in everything] == []


async def test_given_pieces_in_any_order_when_each_is_sent_then_only_the_rest_is_asked_for(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes("2 lb 3 oz")
    assert "Still missing" in chat.text
    assert "weight" not in chat.text
    assert "• Parcel: size, for example 10x8x6 in" in chat.text
    await chat.writes(f"To {rosa}, 742 Summit Ave, Denver CO 80202")
    assert "• To:" not in chat.text
    assert "• From: name, street and number, city, state, ZIP code" in chat.text
    await chat.writes("10x8x6 in")
    assert "• Parcel:" not in chat.text
    await chat.writes(f"From {SENDER}")
    assert "Still missing" not in chat.text
    await chat.chooses()
    await chat.taps("Buy for")

    assert rosa.casefold() in await chat.opens()
    assert len(await shop.captures(chat.user)) == 1


async def test_given_both_zips_and_a_weight_when_they_are_there_then_a_rough_price_is_shown_early(
    chat: Chat,
) -> None:
    await chat.writes("From San Francisco CA 94117\nTo Denver CO 80202")
    assert "Prices from about" not in chat.text
    await chat.writes("3 lb")

    assert "Prices from about $" in chat.text
    assert "Still missing" in chat.text


async def test_given_a_bought_order_when_it_is_repeated_then_two_taps_bring_the_next_label(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.buys(an_order(rosa))
    await chat.writes("/start")
    assert chat.offers(f"Repeat last: {rosa}")
    begun = chat.operations
    await chat.taps("Repeat last")
    assert "You bought a label for this very parcel" in chat.text
    await chat.taps("Buy again anyway")

    assert chat.operations - begun == 2
    assert len(await shop.sold_to(rosa)) == 2
    assert len({await chat.opens(0), await chat.opens(1)}) == 2
    assert len(await shop.captures(chat.user)) == 2
