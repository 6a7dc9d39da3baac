"""Order, pace and size of what goes out, and the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram.error import (
    BadRequest,
    Forbidden,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from adapters.telegram.outlet import Button, ChatOutlet, Delivery, Document, Limits, Message, Rate

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ANN, BOB = 1001, 1002
UNLIMITED = Limits(chat=None, overall=None)


def an_outlet(chats: FakeChats, limits: Limits = UNLIMITED) -> ChatOutlet:
    return ChatOutlet(chats, limits=limits)


async def test_given_many_messages_when_sent_then_each_chat_gets_its_own_in_order(chats: FakeChats) -> None:
    outlet, chats.latency_s = an_outlet(chats), 0.05
    for number in range(5):
        for chat_id in (ANN, BOB):
            outlet.say(chat_id, Message(f"{chat_id}/{number}"))
    await outlet.drain(60)

    for chat_id in (ANN, BOB):
        mine = [text for text in chats.said() if text.startswith(str(chat_id))]
        assert mine == [f"{chat_id}/{number}" for number in range(5)]


async def test_given_the_usual_limits_when_one_chat_gets_much_then_a_burst_leaves_and_the_rest_follows(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats, Limits())
    for number in range(8):
        outlet.say(ANN, Message(f"{number}"))
    await outlet.drain(60)
    began = chats.at_s[0]

    assert [round(at - began) for at in chats.at_s] == [0, 0, 0, 0, 0, 1, 2, 3]


async def test_given_an_overall_limit_when_many_chats_get_one_each_then_they_are_spread(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats, Limits(chat=None, overall=Rate(per_s=30.0, burst=30)))
    for chat_id in range(90):
        outlet.say(chat_id, Message("hello"))
    await outlet.drain(60)

    assert sum(at < chats.at_s[0] + 0.9 for at in chats.at_s) <= 60
    assert 1.9 <= chats.at_s[-1] - chats.at_s[0] <= 2.1


async def test_given_a_text_over_the_limit_when_said_then_it_comes_in_pieces_with_buttons_under_the_last(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    text = "\n\n".join(f"<b>{number}</b> {'x' * 990}" for number in range(6))
    await outlet.say(ANN, Message(text, ((Button("ok", data="ok"),),)))

    assert "\n\n".join(chats.said()) == text
    assert ["reply_markup" in params for _, params in chats.sent] == [False, True]


async def test_given_a_card_over_the_limit_when_shown_then_it_is_shortened_and_logged(
    chats: FakeChats, caplog: pytest.LogCaptureFixture
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message(f"<b>{'x' * 5000}</b>"))

    assert chats.said()[0].endswith("x…")
    assert len(chats.said()[0]) == 4096
    assert "too long" in caplog.text


async def test_given_a_document_when_sent_then_file_caption_and_buttons_travel_together(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    message = Message("<b>1Z</b>", ((Button("Copy", copy="1Z"), Button("Track", url="https://example.com")),))
    await outlet.document(ANN, Document("label.pdf", b"%PDF", message))
    params = chats.sent[0][1]

    assert (params["document"].filename, params["document"].content) == ("label.pdf", b"%PDF")
    assert (params["caption"], params["parse_mode"]) == ("<b>1Z</b>", "HTML")
    assert params["reply_markup"]["inline_keyboard"] == [
        [{"text": "Copy", "copy_text": {"text": "1Z"}}, {"text": "Track", "url": "https://example.com"}]
    ]


async def test_given_signs_of_life_when_several_wait_then_one_is_shown_and_its_loss_hurts_nobody(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    chats.failures["sendChatAction"] = [TimedOut()]
    for _ in range(3):
        outlet.typing(ANN)
    await outlet.say(ANN, Message("done"))

    assert chats.methods() == ["sendChatAction", "sendMessage"]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"data": "a", "url": "https://example.com"}, {"data": "я" * 33}],
    ids=["no-action", "two-actions", "data-over-64-bytes"],
)
def test_given_a_button_telegram_would_refuse_when_made_then_it_is_refused_here(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match="button"):
        Button("text", **wrong)


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("Bad Request: query is too old and response timeout expired or query ID is invalid"),
        TimedOut(),
        RetryAfter(3),
        Forbidden("Forbidden: bot was blocked by the user"),
    ],
    ids=["too-old", "timed-out", "flood", "blocked"],
)
async def test_given_a_press_that_cannot_be_answered_when_answering_then_the_handler_goes_on(
    chats: FakeChats, error: TelegramError
) -> None:
    outlet = an_outlet(chats)
    chats.failures["answerCallbackQuery"] = [error]
    await outlet.answer("77", "x" * 300, alert=True)

    assert chats.sent == [
        ("answerCallbackQuery", {"callback_query_id": "77", "text": "x" * 200, "show_alert": True})
    ]


async def test_given_messages_under_way_when_draining_in_time_then_none_is_lost(chats: FakeChats) -> None:
    outlet, chats.latency_s = an_outlet(chats), 1.0
    for number in range(3):
        outlet.say(ANN, Message(f"{number}"))
    lost = await outlet.drain(10)

    assert (lost, chats.said()) == (0, ["0", "1", "2"])


async def test_given_a_telegram_that_hangs_when_draining_then_it_ends_and_counts_what_was_lost(
    chats: FakeChats,
) -> None:
    outlet, chats.latency_s = an_outlet(chats), 3600.0
    delivery = outlet.say(ANN, Message("one"))
    outlet.say(ANN, Message("two"))
    lost = await outlet.drain(10)

    assert lost == 2
    assert await delivery is Delivery.FAILED
    assert outlet.busy == 0
