"""Mending an order before it is paid for."""

from __future__ import annotations

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import BOX, SENDER, an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
MAIN_ST = "123 Main St, Los Angeles CA 90001"


async def test_given_prices_when_one_field_is_written_again_then_the_label_carries_the_new_one(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.taps("✏️ To")
    await chat.taps("street and number")
    assert "Now: 742 Summit Ave" in chat.text
    await chat.writes("9 Birch Rd")
    assert "9 Birch Rd" in chat.text
    await chat.chooses()
    await chat.taps("Buy for")

    label = await chat.opens()
    assert "9 birch rd" in label
    assert "742 summit ave" not in label


async def test_given_prices_when_a_whole_part_is_written_again_then_only_that_part_changes(
    chat: Chat,
) -> None:
    rosa, dora = somebody(), somebody()
    await chat.writes(an_order(rosa))
    await chat.taps("✏️ To")
    await chat.writes(f"{dora}, 18 Harbor Dr, Seattle WA 98101")
    await chat.chooses()
    await chat.taps("Buy for")

    label = await chat.opens()
    for line in (dora.casefold(), "18 harbor dr", "seattle", "98101", "jane doe", "215 clayton st"):
        assert line in label
    assert rosa.casefold() not in label


async def test_given_a_doubtful_field_when_its_fix_button_is_tapped_then_just_that_field_is_asked_for(
    chat: Chat,
) -> None:
    await chat.writes(f"From {SENDER}\nTo rosa lomax 742 summit denver 80202\n{BOX}")
    fixes = [text for text, _ in chat.card.buttons if text.startswith("⚠️")]
    assert fixes
    assert "I am not sure of what is underlined" in chat.text
    await chat.taps(fixes[0])

    assert "Now: " in chat.text
    assert "Step " not in chat.text


async def test_given_a_better_spelling_when_it_is_used_then_the_label_carries_it(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa, to=MAIN_ST))
    assert "did you mean 123 N Main St, Los Angeles CA 90001?" in chat.text
    await chat.taps("To: use it")
    assert "did you mean" not in chat.text
    await chat.chooses()
    await chat.taps("Buy for")

    assert "123 n main st" in await chat.opens()
    assert (await shop.orders(chat.user))[0].kept_as_entered == ()


async def test_given_a_better_spelling_when_mine_is_kept_then_the_order_remembers_the_consent(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa, to=MAIN_ST))
    await chat.chooses()
    assert "Please say which to use" in chat.text
    assert await shop.sold_to(rosa) == []
    await chat.taps("To: keep mine")
    await chat.chooses()
    assert "Used as you wrote it" in chat.text
    await chat.taps("Buy for")

    assert "123 main st" in await chat.opens()
    assert (await shop.orders(chat.user))[0].kept_as_entered == ("to",)


async def test_given_a_zip_of_another_state_when_pasted_then_it_is_said_and_no_carrier_is_asked(
    shop: Shop, chat: Chat
) -> None:
    before = await shop.carrier_calls()
    await chat.writes(an_order(to="742 Summit Ave, Denver CO 90001"))
    assert "this ZIP code is in CA" in chat.text
    assert not chat.offers("cheapest")
    assert await shop.carrier_calls() == before
    await chat.taps("✏️ To")
    await chat.taps("ZIP code")
    await chat.writes("80202")

    assert chat.offers("cheapest")
    assert await shop.carrier_calls() > before
