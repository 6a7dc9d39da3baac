"""Echo on python-telegram-bot as it comes: `python ptb_echo.py BASE_URL TOKEN LOOP`."""

import sys

import uvloop
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


def run(base_url: str, token: str) -> None:
    app = ApplicationBuilder().token(token).base_url(f"{base_url}/bot").build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    if sys.argv[3] == "uvloop":
        uvloop.install()
    run(sys.argv[1], sys.argv[2])
