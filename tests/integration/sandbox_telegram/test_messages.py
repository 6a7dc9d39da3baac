"""Sending, editing and deleting, with the refusals a bot must be able to tell apart."""

from typing import Any

import pytest

from integration.sandbox_telegram.client import BotSide

KEYS = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


async def test_given_a_started_chat_when_the_bot_writes_then_the_person_sees_it(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start", first_name="Ann")
    seen = await ann.sees()
    sent = await bot.call("sendMessage", chat_id=1001, text="Hi", reply_markup=KEYS)

    news = await ann.sees(after_event=seen["event"], wait=5)
    assert news["messages"] == [sent]
    assert sent["reply_markup"] == KEYS
    assert sent["chat"]["first_name"] == "Ann"


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"chat_id": 999, "text": "x"}, "Bad Request: chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "Bad Request: chat not found"),
        ({"text": "x"}, "Bad Request: chat_id is empty"),
        ({"chat_id": 1001}, "Bad Request: message text is empty"),
        ({"chat_id": 1001, "text": " \n "}, "Bad Request: message text is empty"),
        (
            {"chat_id": 1001, "text": "<b>", "parse_mode": "HTML"},
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"chat_id": 1001, "text": "x" * 4097}, "Bad Request: message is too long"),
        ({"chat_id": 1001, "text": "\N{PACKAGE}" * 2049}, "Bad Request: message is too long"),
        (
            {
                "chat_id": 1001,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": ""}]]},
            },
            "Bad Request: BUTTON_DATA_INVALID",
        ),
    ],
    ids=[
        "unknown",
        "by name",
        "nowhere",
        "no text",
        "blank",
        "broken html",
        "4097 units",
        "2049 pairs",
        "button data",
    ],
)
async def test_given_a_bad_message_when_sending_then_the_reason_is_told(
    bot: BotSide, params: dict[str, Any], description: str
) -> None:
    await bot.person().says("/start")

    assert (await bot.refusal("sendMessage", **params))["description"] == description


async def test_given_marks_when_counting_the_length_then_only_the_text_counts(bot: BotSide) -> None:
    await bot.person().says("/start")
    text = "<b>" + "x" * 4096 + "</b>"

    sent = await bot.call("sendMessage", chat_id=1001, text=text, parse_mode="HTML")
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_given_a_card_when_edited_then_it_changes_in_place_and_not_twice(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    card = await bot.call("sendMessage", chat_id=1001, text="one", reply_markup=KEYS)
    target = {"chat_id": 1001, "message_id": card["message_id"]}
    before = (await ann.sees())["event"]
    edited = await bot.call("editMessageText", **target, text="two", reply_markup=KEYS)
    same = await bot.refusal("editMessageText", **target, text="two", reply_markup=KEYS)
    bare = await bot.call("editMessageText", **target, text="two")

    assert (edited["text"], edited["reply_markup"]) == ("two", KEYS)
    assert edited["edit_date"] >= card["date"]
    assert same["description"] == NOT_MODIFIED
    assert "reply_markup" not in bare
    assert (await ann.sees(after_event=before))["messages"] == [bare]


async def test_given_a_keyboard_when_removed_then_it_is_gone_once(bot: BotSide) -> None:
    await bot.person().says("/start")
    card = await bot.call("sendMessage", chat_id=1001, text="one", reply_markup=KEYS)
    target = {"chat_id": 1001, "message_id": card["message_id"]}

    assert "reply_markup" not in await bot.call("editMessageReplyMarkup", **target)
    assert (await bot.refusal("editMessageReplyMarkup", **target))["description"] == NOT_MODIFIED


async def test_given_somebody_elses_or_no_message_when_editing_then_each_has_its_reason(bot: BotSide) -> None:
    written = await bot.person().says("/start")
    own = await bot.refusal("editMessageText", chat_id=1001, message_id=written["message_id"], text="x")
    none = await bot.refusal("editMessageText", chat_id=1001, message_id=7, text="x")

    assert own["description"] == "Bad Request: message can't be edited"
    assert none["description"] == "Bad Request: message to edit not found"


async def test_given_a_message_when_deleted_then_it_cannot_be_touched_again(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    card = await bot.call("sendMessage", chat_id=1001, text="one")
    target = {"chat_id": 1001, "message_id": card["message_id"]}
    before = (await ann.sees())["event"]

    assert await bot.call("deleteMessage", **target) is True
    assert (await ann.sees(after_event=before))["messages"] == [{**card, "deleted": True}]
    again = await bot.refusal("deleteMessage", **target)
    assert again["description"] == "Bad Request: message to delete not found"
    edit = await bot.refusal("editMessageText", **target, text="x")
    assert edit["description"] == "Bad Request: message to edit not found"


async def test_given_a_person_who_blocks_when_writing_then_403_until_unblocked(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    await ann.post("block")
    refused = await bot.refusal("sendMessage", chat_id=1001, text="x")
    await ann.post("unblock")
    updates = await bot.updates()

    assert refused == {
        "ok": False,
        "error_code": 403,
        "description": "Forbidden: bot was blocked by the user",
    }
    assert (await bot.call("sendMessage", chat_id=1001, text="x"))["text"] == "x"
    changes = [u["my_chat_member"]["new_chat_member"]["status"] for u in updates if "my_chat_member" in u]
    assert changes == ["kicked", "member"]


async def test_given_a_busy_bot_when_it_says_so_then_the_person_sees_it_until_the_message(
    bot: BotSide,
) -> None:
    ann = bot.person()
    await ann.says("/start")
    await bot.call("sendChatAction", chat_id=1001, action="typing")
    busy = await ann.sees()
    await bot.call("sendMessage", chat_id=1001, text="done")

    assert busy["action"] == "typing"
    assert (await ann.sees())["action"] is None


async def test_given_limits_on_when_hurrying_in_one_chat_then_429_with_a_pause(bot: BotSide) -> None:
    await bot.http.post("/sandbox/telegram/settings", json={"limits": "on", "chat_burst": 2})
    await bot.person(1).says("/start")
    await bot.person(2).says("/start")
    for _ in range(2):
        await bot.call("sendMessage", chat_id=1, text="x")
    refused = await bot.refusal("sendMessage", chat_id=1, text="x")

    assert refused["description"] == "Too Many Requests: retry after 1"
    assert refused["parameters"] == {"retry_after": 1}
    assert (await bot.call("sendMessage", chat_id=2, text="x"))["text"] == "x"
