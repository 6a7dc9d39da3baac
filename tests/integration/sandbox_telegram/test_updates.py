"""What people do becomes updates, and how polling bots fetch them."""

import asyncio

import pytest

from integration.sandbox_telegram.client import BotSide

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_given_a_text_when_fetched_then_it_has_the_commands_marked(bot: BotSide) -> None:
    wrote = await bot.person().says("\N{PACKAGE} /start ref", first_name="Ann", language_code="ru")
    [update] = await bot.updates()

    assert update["update_id"] == wrote["update_id"]
    message = update["message"]
    assert message["message_id"] == wrote["message_id"]
    assert message["from"] == {"id": 1001, "is_bot": False, "first_name": "Ann", "language_code": "ru"}
    assert message["entities"] == [{"type": "bot_command", "offset": 3, "length": 6}]


@pytest.mark.parametrize("kind", ["sticker", "photo", "voice"])
async def test_given_a_message_without_words_when_fetched_then_it_has_its_kind(
    bot: BotSide, kind: str
) -> None:
    await bot.person().post("messages", kind=kind)
    [update] = await bot.updates()

    assert kind in update["message"]
    assert "text" not in update["message"]


async def test_given_an_edit_when_fetched_then_it_is_an_edited_message(bot: BotSide) -> None:
    ann = bot.person()
    first = await ann.says("one")
    await ann.post("messages", kind="edited", text="two")
    updates = await bot.updates()

    edited = updates[1]["edited_message"]
    assert (edited["message_id"], edited["text"]) == (first["message_id"], "two")
    assert "edit_date" in edited


async def test_given_an_offset_when_polling_then_everything_below_is_gone(bot: BotSide) -> None:
    ann = bot.person()
    ids = [(await ann.says(str(n)))["update_id"] for n in range(3)]
    again = [[u["update_id"] for u in await bot.updates()] for _ in range(2)]
    rest = [u["update_id"] for u in await bot.updates(offset=ids[2])]

    assert again == [ids, ids]
    assert rest == ids[2:]
    assert [u["update_id"] for u in await bot.updates(offset=0)] == ids[2:]
    assert ids == list(range(ids[0], ids[0] + 3))


async def test_given_a_negative_offset_when_polling_then_only_the_last_remain(bot: BotSide) -> None:
    ids = [(await bot.person().says(str(n)))["update_id"] for n in range(3)]

    assert [u["update_id"] for u in await bot.updates(offset=-1)] == ids[2:]
    assert [u["update_id"] for u in await bot.updates(limit=5)] == ids[2:]


async def test_given_a_waiting_poll_when_somebody_writes_then_it_answers_at_once(bot: BotSide) -> None:
    poll = asyncio.create_task(bot.updates(timeout=30))
    await bot.until_polling()
    wrote = await bot.person().says("hello")
    updates = await asyncio.wait_for(poll, 5)

    assert [u["update_id"] for u in updates] == [wrote["update_id"]]


async def test_given_two_pollers_when_the_second_comes_then_the_first_is_ended(bot: BotSide) -> None:
    first = asyncio.create_task(bot.ask("getUpdates", timeout=30))
    await bot.until_polling()
    second = asyncio.create_task(bot.updates(timeout=30))
    ended = await asyncio.wait_for(first, 5)
    await bot.person().says("hello")

    assert ended.json() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    assert len(await asyncio.wait_for(second, 5)) == 1


async def test_given_a_kind_the_bot_does_not_want_when_it_happens_then_there_is_no_update(
    bot: BotSide,
) -> None:
    await bot.updates(allowed_updates=["callback_query"])
    wrote = await bot.person().says("hello")
    unset = await bot.updates()

    assert wrote["update_id"] is None
    assert unset == []


async def test_given_a_confirmed_update_when_redelivered_then_it_comes_once_more(bot: BotSide) -> None:
    wrote = await bot.person().says("hello")
    await bot.updates(offset=wrote["update_id"] + 1)
    done = await bot.http.post(f"{bot.control}/redeliver", json={"update_id": wrote["update_id"]})
    polls = [await bot.updates(offset=wrote["update_id"] + 1) for _ in range(2)]

    assert done.status_code == 200
    assert [[u["update_id"] for u in poll] for poll in polls] == [[wrote["update_id"]], []]


async def test_given_a_pressed_button_when_answered_then_the_person_hears_it_once(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    card = await bot.call("sendMessage", chat_id=1001, text="one")
    pressed = await ann.taps(card["message_id"], "b:1")
    query = (await bot.updates())[1]["callback_query"]
    answer = {"callback_query_id": query["id"], "text": "Bought", "show_alert": True}
    await bot.call("answerCallbackQuery", **answer)
    again = await bot.refusal("answerCallbackQuery", **answer)

    assert (query["id"], query["data"]) == (pressed["callback_query_id"], "b:1")
    assert query["message"] == card
    assert (await ann.sees())["answers"] == [answer]
    assert again["description"] == TOO_OLD


async def test_given_a_forged_press_when_fetched_then_its_message_is_inaccessible(bot: BotSide) -> None:
    await bot.person().taps(77, "anything at all")
    [update] = await bot.updates()

    message = update["callback_query"]["message"]
    assert (message["message_id"], message["date"]) == (77, 0)


async def test_given_a_slow_bot_when_it_answers_a_press_then_it_is_too_late(bot: BotSide) -> None:
    await bot.http.post("/sandbox/telegram/settings", json={"callback_ttl_s": 0})
    pressed = await bot.person().taps(77, "b")
    late = await bot.refusal("answerCallbackQuery", callback_query_id=pressed["callback_query_id"])

    assert late["description"] == TOO_OLD


async def test_given_a_long_answer_when_answering_a_press_then_400(bot: BotSide) -> None:
    pressed = await bot.person().taps(77, "b")
    call = {"callback_query_id": pressed["callback_query_id"], "text": "x" * 201}

    assert (await bot.refusal("answerCallbackQuery", **call))[
        "description"
    ] == "Bad Request: MESSAGE_TOO_LONG"
