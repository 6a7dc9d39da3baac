"""What a person sees in the chat, over real HTTP, through Telegram's moods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.outlet import Button, ChatOutlet, Delivery, Document, Limits, Message, Patience

if TYPE_CHECKING:
    from integration.telegram.conftest import People

ANN = 1001
BUY = Message("<b>$7.42</b> USPS", ((Button("Buy for $7.42", data="buy:1"), Button("Back", data="back")),))


def an_outlet(calls: HttpBotCalls, gone: list[int] | None = None) -> ChatOutlet:
    return ChatOutlet(
        calls,
        limits=Limits(chat=None, overall=None),
        patience=Patience(first_s=0.01),
        on_unreachable=(gone if gone is not None else []).append,
    )


async def test_given_an_order_when_it_goes_on_then_one_card_changes_in_place_and_the_label_follows(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    await outlet.card(ANN, Message("Prices…"))
    await outlet.card(ANN, BUY)
    await outlet.card(ANN, BUY)
    outlet.typing(ANN, "upload_document")
    await outlet.document(ANN, Document("label.pdf", b"%PDF-1.4", Message("Tracking <code>1Z</code>")))
    card, label = await people.bot_messages(ANN)

    assert card["text"] == "$7.42 USPS"
    assert [one["callback_data"] for one in card["reply_markup"]["inline_keyboard"][0]] == ["buy:1", "back"]
    assert await people.file(ANN, label["document"]["file_id"]) == b"%PDF-1.4"
    assert await people.calls("editMessageText") == 1


async def test_given_an_answer_that_is_lost_when_a_label_is_sent_then_it_arrives_at_least_once(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    await people.fault("sendDocument", "lose_answer", chat_id=ANN, count=2)
    delivery = await outlet.document(ANN, Document("label.pdf", b"%PDF-1.4", Message("Your label")))

    assert delivery is Delivery.SENT
    assert len(await people.bot_messages(ANN)) == 3


async def test_given_an_edit_that_happened_unanswered_when_repeated_then_not_modified_counts_as_done(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    await outlet.card(ANN, Message("one"))
    await people.fault("editMessageText", "5xx_with_effect", chat_id=ANN)
    delivery = await outlet.card(ANN, BUY)

    assert delivery is Delivery.SENT
    assert [one["text"] for one in await people.bot_messages(ANN)] == ["$7.42 USPS"]


async def test_given_a_person_who_blocks_the_bot_when_writing_then_we_hear_of_it_once(
    people: People, calls: HttpBotCalls
) -> None:
    gone: list[int] = []
    outlet = an_outlet(calls, gone)
    await people.write(ANN, "/start")
    await people.block(ANN)
    deliveries = [outlet.say(ANN, Message("hello")), outlet.say(ANN, Message("again"))]

    assert [await one for one in deliveries] == [Delivery.UNREACHABLE] * 2
    assert gone == [ANN]


async def test_given_broken_markup_when_telegram_refuses_it_then_the_words_arrive_plain(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    delivery = await outlet.say(ANN, Message("<b>Paid <i>$5</b>"))

    assert delivery is Delivery.SENT
    assert [one["text"] for one in await people.bot_messages(ANN)] == ["Paid $5"]


async def test_given_a_long_text_when_said_then_all_of_it_arrives(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    paragraphs = [f"{number}. " + "длинный текст 😀 " * 60 for number in range(12)]
    await outlet.say(ANN, Message("\n\n".join(paragraphs)))
    pieces = [one["text"] for one in await people.bot_messages(ANN)]

    assert len(pieces) > 1
    assert "".join("".join(pieces).split()) == "".join("".join(paragraphs).split())


async def test_given_an_old_button_press_when_answered_then_the_handler_does_not_notice(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await outlet.answer("1234567890", "too late")

    assert await people.calls("answerCallbackQuery") == 1


async def test_given_four_messages_below_the_card_when_it_changes_then_it_comes_down(
    people: People, calls: HttpBotCalls
) -> None:
    outlet = an_outlet(calls)
    await people.write(ANN, "/start")
    await outlet.card(ANN, Message("old"))
    for number in range(4):
        await people.write(ANN, f"line {number}")
        outlet.seen_text(ANN)
    await outlet.card(ANN, Message("new"))
    await outlet.drain(5)
    shown = [one for one in (await people.chat(ANN))["messages"] if not one.get("deleted")]

    assert shown[-1]["text"] == "new"
    assert "old" not in [one["text"] for one in shown]
