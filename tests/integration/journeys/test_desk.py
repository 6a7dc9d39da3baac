"""What a customer keeps for the next order, in the running whole."""

from __future__ import annotations

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import BOX, SENDER, an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_given_a_bought_label_when_saved_as_a_template_then_four_operations_bring_the_next(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.buys(an_order(rosa))
    await chat.taps("Save as template")
    assert chat.said(f"📄 {rosa}")
    begun = chat.operations
    await chat.writes("/start")
    await chat.taps("Templates")
    await chat.taps(f"📄 {rosa}")
    await chat.taps("Buy again anyway")

    assert chat.operations - begun == 4
    assert len(await shop.sold_to(rosa)) == 2
    assert len(await shop.captures(chat.user)) == 2
    assert rosa.casefold() in await chat.opens(1)


async def test_given_an_order_in_progress_when_a_template_is_renamed_then_the_order_can_still_be_bought(
    shop: Shop, chat: Chat
) -> None:
    rosa, ivan = somebody(), somebody()
    await chat.buys(an_order(rosa))
    await chat.taps("Save as template")
    rename = chat.button("Rename")
    await chat.writes(an_order(ivan))
    await chat.presses(*rename)
    assert "called from now on" in chat.text
    await chat.writes("Everybody's <favourite> & more")
    await chat.writes("/templates")
    assert chat.offers("📄 Everybody's <favourite> & more")
    await chat.chooses()
    await chat.taps("Buy for")

    assert len(await shop.sold_to(ivan)) == 1
    assert ivan.casefold() in await chat.opens(1)


async def test_given_a_wrong_zip_when_a_template_is_mended_field_by_field_then_it_is_asked_again_and_used(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.buys(an_order(rosa))
    await chat.taps("Save as template")
    await chat.taps("Change fields")
    await chat.taps("Parcel: weight")
    await chat.writes("a feather")
    assert "I could not read a weight." in chat.text
    await chat.writes("5 lb")
    assert chat.said("5 lb, 10×8×6 in")
    await chat.taps("Order it")
    await chat.taps("Buy for")

    labels = await shop.orders(chat.user)
    assert str(labels[0].shipment.parcel.weight.ounces) == "80"
    assert len(await shop.sold_to(rosa)) == 2


async def test_given_a_default_sender_when_the_rest_is_pasted_then_three_operations_bring_the_label(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes("/addresses")
    await chat.taps("New address")
    await chat.writes(SENDER)
    await chat.taps("Make it my default sender")
    begun = chat.operations
    await chat.writes(f"{rosa}, 742 Summit Ave, Denver CO 80202\n{BOX}")
    assert "your default sender" in chat.text
    await chat.chooses()
    await chat.taps("Buy for")

    assert chat.operations - begun == 3
    label = await chat.opens()
    assert "215 clayton st" in label
    assert rosa.casefold() in label
    await chat.writes("/statement")
    assert "label" in chat.text
    (order,) = await shop.orders(chat.user)
    assert order.order_id in chat.text


async def test_given_a_flat_rate_box_when_only_its_weight_is_known_then_the_label_costs_the_one_price(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa, box="18 lb"))
    await chat.writes("/parcels")
    await chat.taps("Flat-rate boxes")
    await chat.taps("Medium Flat Rate Box")
    assert "Parcel  18 lb, USPS Medium Flat Rate Box" in chat.text
    assert chat.offers("$18.15")
    await chat.taps("$18.15")
    await chat.taps("Buy for $18.15")

    assert len(await shop.sold_to(rosa)) == 1
    assert "priority mail" in await chat.opens()


async def test_given_a_page_below_the_card_when_its_button_goes_on_with_the_order_then_that_is_below_it(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(an_order(somebody()))
    await chat.writes(an_order(somebody(), box="9 lb"))
    card = chat.card.message_id
    await chat.writes("/parcels")
    listed = chat.button("Last:")[0]
    await chat.taps("Last:")

    assert chat.card.message_id > listed > card
    assert "2 lb 3 oz" in chat.text
