"""What people see in a chat, whatever Telegram answers on the way."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from adapters.telegram.outlet import Button, ChatOutlet, Delivery, Document, Limits, Message
from adapters.telegram.request import NeverSent, NeverSentInTime

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ANN, BOB = 1001, 1002
GONE = [
    pytest.param(Forbidden("Forbidden: bot was blocked by the user"), id="blocked"),
    pytest.param(BadRequest("Bad Request: chat not found"), id="no-such-chat"),
]


def an_outlet(chats: FakeChats) -> ChatOutlet:
    return ChatOutlet(chats, limits=Limits(chat=None, overall=None))


async def test_given_an_unchanged_card_when_telegram_says_so_then_it_counts_as_shown(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("one"))
    chats.failures["editMessageText"] = [BadRequest("Bad Request: message is not modified: it is the same")]
    delivery = await outlet.card(ANN, Message("two"))

    assert delivery is Delivery.SENT
    assert chats.methods() == ["sendMessage", "editMessageText"]


@pytest.mark.parametrize(
    "reason", ["Bad Request: message to edit not found", "Bad Request: message can't be edited"]
)
async def test_given_a_card_that_is_gone_when_it_changes_then_it_is_sent_anew(
    chats: FakeChats, reason: str
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("one"))
    chats.failures["editMessageText"] = [BadRequest(reason)]
    await outlet.card(ANN, Message("two"))

    assert chats.said() == ["one", "two"]


@pytest.mark.parametrize("kind", ["say", "card", "document"])
async def test_given_broken_markup_when_refused_then_the_plain_text_goes_out_with_its_buttons(
    chats: FakeChats, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    outlet = an_outlet(chats)
    refusal = BadRequest("Bad Request: can't parse entities: unclosed tag")
    chats.failures = {"sendMessage": [refusal], "sendDocument": [refusal]}
    message = Message("<b>paid &amp; done", ((Button("ok", data="ok"),),))
    if kind == "document":
        delivery = await outlet.document(ANN, Document("label.pdf", b"%PDF", message))
    else:
        delivery = await (outlet.say(ANN, message) if kind == "say" else outlet.card(ANN, message))

    last = chats.sent[-1][1]
    assert delivery is Delivery.SENT
    assert last["caption" if kind == "document" else "text"] == "paid & done"
    assert "parse_mode" not in last
    assert last["reply_markup"] == {"inline_keyboard": [[{"text": "ok", "callback_data": "ok"}]]}
    assert "mark-up" in caplog.text


@pytest.mark.parametrize("error", GONE)
async def test_given_a_person_who_is_gone_when_writing_then_the_hook_hears_and_the_queue_is_dropped(
    chats: FakeChats, error: TelegramError
) -> None:
    gone: list[int] = []
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None), on_unreachable=gone.append)
    chats.failures["sendMessage"] = [error]
    deliveries = [outlet.say(ANN, Message(f"{number}")) for number in range(3)]
    other = outlet.say(BOB, Message("hello"))

    assert [await one for one in deliveries] == [Delivery.UNREACHABLE] * 3
    assert await other is Delivery.SENT
    assert gone == [ANN]
    assert outlet.busy == 0


async def test_given_a_flood_warning_when_writing_then_every_chat_waits_as_told(chats: FakeChats) -> None:
    outlet, loop = an_outlet(chats), asyncio.get_running_loop()
    began = loop.time()
    chats.failures["sendMessage"] = [RetryAfter(dt.timedelta(seconds=14))]
    first = outlet.say(ANN, Message("first"))
    await asyncio.sleep(1)
    second = outlet.say(BOB, Message("second"))
    await second
    second_after_s = loop.time() - began
    await first

    assert 14 <= second_after_s < 15
    assert 14 <= loop.time() - began < 15


UNKNOWN = [TimedOut(), NetworkError("Bad Gateway")]


@pytest.mark.parametrize("error", UNKNOWN, ids=["timed-out", "bad-gateway"])
async def test_given_no_answer_when_sending_a_text_then_it_is_repeated_just_once(
    chats: FakeChats, error: TelegramError
) -> None:
    outlet = an_outlet(chats)
    chats.failures["sendMessage"] = [(error,), (error,), (error,)]
    delivery = await outlet.say(ANN, Message("hello"))

    assert delivery is Delivery.FAILED
    assert chats.said() == ["hello", "hello"]


@pytest.mark.parametrize("error", UNKNOWN, ids=["timed-out", "bad-gateway"])
async def test_given_no_answer_when_sending_a_document_then_it_is_repeated_until_sure(
    chats: FakeChats, error: TelegramError
) -> None:
    outlet = an_outlet(chats)
    chats.failures["sendDocument"] = [(error,)] * 3
    delivery = await outlet.document(ANN, Document("label.pdf", b"%PDF", Message("Your label")))

    assert delivery is Delivery.SENT
    assert chats.methods() == ["sendDocument"] * 4


async def test_given_no_answer_when_editing_then_the_edit_is_repeated_with_the_newest_content(
    chats: FakeChats,
) -> None:
    outlet = an_outlet(chats)
    await outlet.card(ANN, Message("one"))
    chats.failures["editMessageText"] = [TimedOut()]
    outlet.card(ANN, Message("two"))
    await asyncio.sleep(0.1)
    await outlet.card(ANN, Message("three"))

    assert [params["text"] for method, params in chats.sent if method == "editMessageText"] == [
        "two",
        "three",
    ]
    assert list(chats.texts.values()) == ["three"]


@pytest.mark.parametrize(
    "error", [NeverSent("no route"), NeverSentInTime("busy")], ids=["no-route", "no-slot"]
)
async def test_given_no_connection_when_sending_a_text_then_it_is_repeated_without_fear_of_doubles(
    chats: FakeChats, error: TelegramError
) -> None:
    outlet = an_outlet(chats)
    chats.failures["sendMessage"] = [error] * 5
    delivery = await outlet.say(ANN, Message("hello"))

    assert delivery is Delivery.SENT
    assert list(chats.texts.values()) == ["hello"]


async def test_given_a_revoked_token_when_writing_then_it_is_given_up_and_logged(
    chats: FakeChats, caplog: pytest.LogCaptureFixture
) -> None:
    outlet = an_outlet(chats)
    chats.failures["sendMessage"] = [InvalidToken("Unauthorized")]

    assert await outlet.say(ANN, Message("hello")) is Delivery.FAILED
    assert "given up" in caplog.text
