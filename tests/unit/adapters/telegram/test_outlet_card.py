"""One message in the chat, edited in place, is the whole order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from telegram.error import (
    BadRequest,
)

from adapters.telegram.cards import KEPT_S, Cards
from adapters.telegram.outlet import ChatOutlet, Delivery, Limits, Message

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ANN = 1001


def an_outlet(chats: FakeChats) -> ChatOutlet:
    return ChatOutlet(chats, limits=Limits(chat=None, overall=None))


async def test_given_no_card_when_shown_twice_then_it_is_sent_once_and_edited_in_place(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("one"))
    await outlet.card(ANN, Message("two"))

    assert chats.methods() == ["sendMessage", "editMessageText"]
    assert list(chats.texts.values()) == ["two"]


async def test_given_a_slow_telegram_when_the_card_changes_often_then_only_the_newest_is_sent(
    chats: FakeChats,
) -> None:
    outlet, chats.latency_s = an_outlet(chats), 1.0
    outlet.card(ANN, Message("first"))
    await asyncio.sleep(0.5)
    deliveries = [outlet.card(ANN, Message(f"version {number}")) for number in range(50)]
    await asyncio.gather(*deliveries)

    assert chats.methods() == ["sendMessage", "editMessageText"]
    assert list(chats.texts.values()) == ["version 49"]


async def test_given_the_same_content_when_shown_again_then_nothing_is_sent(chats: FakeChats) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("same"))
    delivery = await outlet.card(ANN, Message("same"))

    assert delivery is Delivery.SENT
    assert chats.methods() == ["sendMessage"]


async def test_given_an_older_message_when_its_button_is_tapped_then_it_is_the_card(chats: FakeChats) -> None:
    outlet, chats.texts[7] = an_outlet(chats), "an old card"
    await outlet.card(ANN, Message("new"))
    outlet.seen_tap(ANN, 7)
    await outlet.card(ANN, Message("tapped"))

    assert chats.texts[7] == "tapped"


async def test_given_a_fresh_card_when_changed_then_the_old_one_stays_and_the_new_one_is_edited(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    outlet.card(ANN, Message("old"))
    outlet.fresh_card(ANN, Message("new"))
    await outlet.drain(60)
    await outlet.card(ANN, Message("newer"))

    assert list(chats.texts.values()) == ["old", "newer"]


async def test_given_a_fresh_card_on_its_way_when_its_content_changes_then_it_is_edited_and_not_doubled(
    chats: FakeChats,
) -> None:
    outlet, chats.latency_s = an_outlet(chats), 1.0
    outlet.fresh_card(ANN, Message("working"))
    await asyncio.sleep(0.5)
    await outlet.card(ANN, Message("done"))

    assert chats.methods() == ["sendMessage", "editMessageText"]
    assert list(chats.texts.values()) == ["done"]


@pytest.mark.parametrize(("texts", "anew"), [(3, False), (4, True)], ids=["three-below", "four-below"])
async def test_given_messages_below_the_card_when_it_changes_then_more_than_three_bring_it_down(
    chats: FakeChats, texts: int, anew: bool
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("card"))
    for _ in range(texts):
        outlet.seen_text(ANN)
    await outlet.card(ANN, Message("changed"))

    assert chats.methods() == (
        ["sendMessage", "sendMessage", "deleteMessage"] if anew else ["sendMessage", "editMessageText"]
    )
    assert list(chats.texts.values()) == ["changed"]


async def test_given_a_buried_card_that_cannot_be_deleted_when_it_changes_then_nobody_notices(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    chats.failures["deleteMessage"] = [BadRequest("Bad Request: message can't be deleted")]
    await outlet.card(ANN, Message("card"))
    for _ in range(4):
        outlet.seen_text(ANN)

    assert await outlet.card(ANN, Message("changed")) is Delivery.SENT


async def test_given_a_forgotten_card_when_shown_then_it_is_a_new_message(chats: FakeChats) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("old"))
    outlet.forget_card(ANN)
    await outlet.card(ANN, Message("new"))

    assert list(chats.texts.values()) == ["old", "new"]


async def test_given_an_hour_of_silence_when_the_card_is_shown_then_it_is_a_new_message(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("old"))
    await asyncio.sleep(KEPT_S + 1)
    await outlet.card(ANN, Message("new"))

    assert chats.methods() == ["sendMessage", "sendMessage"]


async def test_given_more_chats_than_cards_are_kept_when_shown_then_the_oldest_are_forgotten(
    chats: FakeChats,
) -> None:
    cards = Cards(size=10)
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None), cards=cards)
    for chat_id in range(100):
        outlet.card(chat_id, Message("card"))
    await outlet.drain(60)

    assert len(cards) == 10
    assert outlet.busy == 0
