"""Commands and pages beside the order."""

from __future__ import annotations

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_given_two_zips_and_a_weight_when_quoting_then_prices_come_and_nothing_is_kept(
    shop: Shop, chat: Chat
) -> None:
    await chat.writes("/quote 94117 80202 2 lb 10x8x6")

    assert "94117 → 80202" in chat.text
    assert "USPS" in chat.text
    assert "These prices are rough" in chat.text
    assert await shop.orders(chat.user) == []


@pytest.mark.parametrize(
    "text", ["/quote", "/quote 94117", "/quote 00000 00000 2 lb", "/quote ✨"],
    ids=["nothing", "one ZIP", "unknown ZIPs", "nonsense"],
)  # fmt: skip
async def test_given_too_little_when_quoting_then_an_example_shows_how(chat: Chat, text: str) -> None:
    await chat.writes(text)

    assert "/quote 94117 90001 2 lb 10x8x6" in chat.text


async def test_given_a_bought_label_when_looking_through_the_orders_then_it_comes_again_and_is_tracked(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.buys(an_order(rosa))
    first = await chat.fetches(chat.labels[0])
    await chat.writes("/orders")
    assert "label bought" in chat.text
    assert rosa in chat.text
    await chat.taps("1")
    assert "742 Summit Ave" in chat.text
    await chat.taps("Send label")
    assert len(chat.labels) == 2
    assert await chat.fetches(chat.labels[1]) == first
    await chat.taps("Track")

    assert "Waiting for the first scan" in chat.text
    assert len(await shop.sold_to(rosa)) == 1
    assert len(await shop.captures(chat.user)) == 1


async def test_given_no_order_yet_when_asking_for_orders_then_the_way_in_is_shown(chat: Chat) -> None:
    await chat.writes("/orders")

    assert "You have no orders yet" in chat.text
    assert chat.offers("New order")


async def test_given_an_english_chat_when_russian_is_chosen_then_the_same_order_goes_on_in_russian(
    chat: Chat,
) -> None:
    await chat.writes(an_order())
    await chat.writes("/language")
    await chat.taps("Русский")
    assert "Цены действуют до" in chat.text
    await chat.writes("/help")

    assert "Как это работает" in chat.text


async def test_given_somebody_lost_when_asking_for_help_then_every_command_is_named(chat: Chat) -> None:
    await chat.writes("/help")

    for command in ("/new", "/orders", "/quote", "/language", "/cancel"):
        assert command in chat.text


async def test_given_an_unknown_command_when_sent_then_help_comes(chat: Chat) -> None:
    await chat.writes("/frobnicate")

    assert "How it works" in chat.text


async def test_given_an_order_when_cancelling_then_it_is_asked_first_and_a_no_keeps_it(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.writes("/cancel")
    assert "Cancel this order?" in chat.text
    await chat.taps("No, go on")
    assert rosa in chat.text
    await chat.writes("/cancel")
    await chat.taps("Yes, cancel")
    assert "The order is cancelled" in chat.text
    await chat.writes("/start")

    assert not chat.offers("Continue your order")
    assert (await shop.balance(chat.user)).held.minor == 0


async def test_given_nothing_written_when_cancelling_then_there_is_nothing_to_cancel(chat: Chat) -> None:
    await chat.writes("/cancel")

    assert "There is no order to cancel" in chat.text


async def test_given_an_unfinished_order_when_starting_then_it_can_be_continued(chat: Chat) -> None:
    rosa = somebody()
    await chat.writes(f"To {rosa}, 742 Summit Ave, Denver CO 80202")
    await chat.writes("/start")
    await chat.taps("Continue your order")

    assert rosa in chat.text
    assert "• From:" in chat.text


async def test_given_an_unfinished_order_when_another_is_pasted_then_the_customer_chooses(
    chat: Chat,
) -> None:
    rosa, dora = somebody(), somebody()
    await chat.writes(f"To {rosa}, 742 Summit Ave, Denver CO 80202")
    await chat.writes("/start")
    await chat.writes(an_order(dora))
    assert "You have an unfinished order" in chat.text
    await chat.taps("Start a new one")

    assert dora in chat.text
    assert rosa not in chat.text
    assert chat.offers("cheapest")


async def test_given_a_bot_that_serves_when_asked_for_its_commands_then_they_come_in_both_languages(
    shop: Shop,
) -> None:
    path = "/sandbox/telegram/bots/default/commands?language_code="
    english, russian = [(await shop.bench.get(path + code))["commands"] for code in ("en", "ru")]

    wanted = {
        "start", "new", "orders", "refund", "quote", "templates", "addresses", "parcels", "statement",
        "language", "contact", "help", "cancel",
    }  # fmt: skip
    assert {c["command"] for c in english} == {c["command"] for c in russian} == wanted
    assert all(e["description"] != r["description"] for e, r in zip(english, russian, strict=True))
