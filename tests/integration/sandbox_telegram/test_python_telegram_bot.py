"""A real bot library takes the emulator for the real service."""

import asyncio
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, TypeHandler

from integration.sandbox_telegram.client import BotSide

Context = ContextTypes.DEFAULT_TYPE


async def start(update: Update, _: Context) -> None:
    assert update.effective_message is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Buy", callback_data="buy")]])
    await update.effective_message.reply_text("<b>Card</b>", parse_mode=ParseMode.HTML, reply_markup=keyboard)


async def buy(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer("Bought")
    await query.edit_message_text("Bought")
    label = InputFile(b"%PDF-1.4 label", filename="label.pdf")
    await context.bot.send_document(query.from_user.id, label, caption="Label")


async def test_given_the_real_library_when_a_person_orders_then_it_sends_edits_and_answers(
    bot: BotSide,
) -> None:
    errors: list[object] = []

    async def failed(_: object, context: Context) -> None:
        errors.append(context.error)

    async with _application(bot) as application:
        application.add_handler(CommandHandler("start", start))
        application.add_handler(CallbackQueryHandler(buy))
        application.add_error_handler(failed)
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling(timeout=5)
        ann = bot.person()
        await ann.says("/start", first_name="Ann")
        card = (await ann.sees(after_event=1, wait=5))["messages"][0]
        await ann.taps(card["message_id"], card["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
        seen = await _until_document(ann)
        await application.updater.stop()
        await application.stop()

    assert errors == []
    assert [(m["message_id"] == card["message_id"], m.get("text")) for m in seen["messages"]][1:] == [
        (True, "Bought"),
        (False, None),
    ]
    assert seen["messages"][-1]["document"]["file_name"] == "label.pdf"
    assert [a["text"] for a in seen["answers"]] == ["Bought"]


async def test_given_refusals_when_calling_then_the_library_knows_them(bot: BotSide) -> None:
    await bot.person().says("/start")
    async with _application(bot) as application:
        sent = await application.bot.send_message(1001, "x")
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("x")
        await bot.person().post("block")
        with pytest.raises(Forbidden, match="blocked"):
            await application.bot.send_message(1001, "x")


async def test_given_every_kind_of_update_when_the_library_polls_then_it_reads_them(bot: BotSide) -> None:
    seen: asyncio.Queue[Update] = asyncio.Queue()

    async def note(update: Update, _: Context) -> None:
        await seen.put(update)

    ann = bot.person()
    for kind in ("sticker", "photo", "voice"):
        await ann.post("messages", kind=kind)
    await ann.says("x")
    await ann.post("messages", kind="edited", text="y")
    await ann.taps(1, "b")
    await ann.post("block")
    async with _application(bot) as application:
        application.add_handler(TypeHandler(Update, note))
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling(timeout=1)
        updates = [await asyncio.wait_for(seen.get(), 5) for _ in range(7)]
        await application.updater.stop()
        await application.stop()

    assert [bool(u.message and u.message.photo) for u in updates][:3] == [False, True, False]
    assert updates[4].edited_message is not None
    assert updates[5].callback_query is not None
    assert not getattr(updates[5].callback_query.message, "is_accessible", True)
    assert updates[6].my_chat_member is not None


def _application(bot: BotSide) -> Application[Any, Any, Any, Any, Any, Any]:
    base = str(bot.http.base_url).rstrip("/")
    builder = Application.builder().token(bot.token).base_url(f"{base}/bot")
    return builder.base_file_url(f"{base}/file/bot").build()


async def _until_document(person: Any) -> dict[str, Any]:
    event = 2
    while True:
        seen: dict[str, Any] = await person.sees(after_event=event, wait=5)
        if any("document" in message for message in seen["messages"]):
            whole: dict[str, Any] = await person.sees()
            return whole
        event = seen["event"]
