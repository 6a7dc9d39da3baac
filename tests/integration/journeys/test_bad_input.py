"""Whatever is sent in answer to whatever question: a clear sentence, and the draft is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
STREET = "742 Summit Ave"
TO = f"{STREET}, Denver CO 80202"

NOT_TEXT: dict[str, tuple[dict[str, Any], str]] = {
    "a sticker": ({"kind": "sticker"}, "I can read text only"),
    "a photo": ({"kind": "photo", "caption": "my address"}, "I can read text only"),
    "a voice message": ({"kind": "voice"}, "I can read text only"),
    "a document": ({"kind": "document", "text": "a,b"}, "I can read text only"),
    "an edited message": ({"kind": "edited", "text": "something else"}, "I do not see changes to a message"),
}
TEXTS = {
    "emoji": "📦🎉😀",
    "HTML": "<b>bold</b> & <script>alert(1)</script>",
    "bidirectional": "\u202e\u2066evil\u2069",
    "control characters": "\x01\x02\x7f",
    "4096 characters": "x" * 4096,
    "a broken tag": "</code><a href='x'>",
}


async def composing(chat: Chat, rosa: str) -> None:
    await chat.writes(f"To {rosa}, {TO}")


async def asked_for_a_state(chat: Chat, rosa: str) -> None:
    await composing(chat, rosa)
    await chat.taps("Step by step")
    for answer in ("Jane Doe", "215 Clayton St", "Apt 3", "San Francisco"):
        await chat.writes(answer)


async def asked_for_a_weight(chat: Chat, rosa: str) -> None:
    await chat.writes(an_order(rosa))
    await chat.taps("✏️ Parcel")
    await chat.taps("weight")


async def asked_for_an_address(chat: Chat, rosa: str) -> None:
    await chat.writes(an_order(rosa))
    await chat.taps("✏️ To")


async def choosing_a_price(chat: Chat, rosa: str) -> None:
    await chat.writes(an_order(rosa))


async def about_to_pay(chat: Chat, rosa: str) -> None:
    await chat.writes(an_order(rosa))
    await chat.chooses()


async def deciding_to_cancel(chat: Chat, rosa: str) -> None:
    await chat.writes(an_order(rosa))
    await chat.writes("/cancel")


Question = Callable[[Chat, str], Awaitable[None]]
QUESTIONS: tuple[Question, ...] = (
    composing, asked_for_a_state, asked_for_a_weight, asked_for_an_address, choosing_a_price, about_to_pay,
    deciding_to_cancel,
)  # fmt: skip
any_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.__name__)


async def assert_kept(shop: Shop, chat: Chat, rosa: str) -> None:
    """The draft is there, nothing is ordered, and nobody had to apologise."""
    assert "something went wrong" not in " ".join(m.text for m in chat.messages)
    await chat.writes("/start")
    await chat.taps("Continue your order")
    assert rosa in chat.text
    assert STREET in chat.text
    assert await shop.orders(chat.user) == []


@any_question
async def test_given_any_question_when_something_without_text_comes_then_it_is_said_and_the_draft_kept(
    shop: Shop, chat: Chat, question: Question
) -> None:
    rosa = somebody()
    await question(chat, rosa)
    for content, sentence in NOT_TEXT.values():
        await chat.sends(**content)
        assert sentence in chat.text, content

    await assert_kept(shop, chat, rosa)


@any_question
async def test_given_any_question_when_text_without_an_answer_comes_then_it_is_said_and_the_draft_kept(
    shop: Shop, chat: Chat, question: Question
) -> None:
    rosa = somebody()
    await question(chat, rosa)
    asked = chat.text
    for kind, text in TEXTS.items():
        await chat.writes(text)
        assert chat.text.partition("\n")[0].startswith(SENTENCES), (kind, chat.text)
        assert asked.rpartition("\n")[2] in chat.text

    await assert_kept(shop, chat, rosa)


SENTENCES = (
    "I found no address, weight or size in that.",
    "I could not find an answer in that.",
    "I could not read a weight.",
    "I do not know that state.",
    "That is too long for a label.",
    "I could not use that.",
    "Please choose one of the buttons first.",
)
"""What may stand on top of the question that is asked again."""


FIELDS = {
    "name": ("😀😀", "x" * 4096, "12345", "<b></b>"),
    "street and number": ("Clayton", "x" * 4096, "🏠"),
    "city": ("12345", "y" * 4096),
    "state": ("Narnia", "ZZ", "💥"),
    "ZIP code": ("1234", "ABCDE", "123456789012", "-94117"),
    "phone": ("123", "call me", "9" * 40),
    "weight": ("heavy", "0 lb", "-2 lb", "999999 lb", "1e9 kg"),
    "length": ("long", "0", "-1", "99999"),
}


@pytest.mark.parametrize("field", FIELDS)
async def test_given_one_field_when_answered_with_nonsense_then_each_answer_is_refused_with_a_reason(
    chat: Chat, field: str
) -> None:
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await chat.taps("✏️ Parcel" if field in {"weight", "length"} else "✏️ To")
    await chat.taps(field)
    question = chat.text.partition("\n")[0]
    for answer in FIELDS[field]:
        await chat.writes(answer)
        said, _, rest = chat.text.partition("\n\n")
        assert said != question, f"{answer[:20]!r} was taken"
        assert question in rest
        assert said.endswith((".", "CA.", "94117."))
    await chat.taps("Back")

    assert rosa in chat.text
    assert STREET in chat.text


async def test_given_a_name_with_signs_of_markup_when_ordering_then_it_is_shown_and_printed_as_it_is(
    chat: Chat,
) -> None:
    await chat.writes(an_order("Tom & Jerry's"))
    assert "To  Tom & Jerry's, 742" in chat.text
    await chat.chooses()
    await chat.taps("Buy for")

    assert "tom & jerry's" in await chat.opens()


async def test_given_a_bidirectional_name_when_written_then_it_cannot_turn_our_own_line_around(
    chat: Chat,
) -> None:
    await chat.writes(an_order())
    await chat.taps("✏️ To")
    await chat.taps("name")
    await chat.writes("Rosa \u202eEvil\u2066 Lomax")

    assert not set("\u202e\u2066") & set(chat.text)


async def test_given_a_command_in_mid_field_when_sent_then_it_is_obeyed_and_the_draft_kept(
    shop: Shop, chat: Chat
) -> None:
    rosa = somebody()
    await asked_for_a_state(chat, rosa)
    await chat.writes("/help")
    assert "How it works" in chat.text
    await chat.writes("CA")

    assert "Sender's ZIP code?" in chat.text
    await assert_kept(shop, chat, rosa)


async def test_given_a_customer_who_blocked_the_bot_when_back_then_everything_goes_on(chat: Chat) -> None:
    rosa = somebody()
    await composing(chat, rosa)
    await chat.post("block", {})
    await chat.looks()
    await chat.post("unblock", {})
    await chat.writes("/start")
    await chat.taps("Continue your order")

    assert rosa in chat.text
