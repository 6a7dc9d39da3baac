"""Echo on python-telegram-bot with our machinery: `python lanes_echo.py BASE_URL TOKEN LOOP`."""

import asyncio
import html
import signal
import sys

import uvloop
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.intake import PollingIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.outlet import ChatOutlet, Limits, Message
from adapters.telegram.request import AiohttpRequest


async def main(base_url: str, token: str) -> None:
    request = AiohttpRequest()
    lanes = UserLanes()
    calls = HttpBotCalls(f"{base_url}/bot{token}", request)
    outlet = ChatOutlet(calls, limits=Limits(chat=None, overall=None))
    app = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{base_url}/bot")
        .request(request)
        .get_updates_request(request)
        .concurrent_updates(lanes)
        .updater(None)
        .build()
    )

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            outlet.say(update.message.chat_id, Message(html.escape(update.message.text or "", quote=False)))

    app.add_handler(MessageHandler(filters.TEXT, echo))
    async with app:
        intake = PollingIntake(calls, lanes, app.process_update, bot=app.bot)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, intake.stop)
        await intake.run()
        await outlet.drain(10)


if __name__ == "__main__":
    if sys.argv[3] == "uvloop":
        uvloop.install()
    asyncio.run(main(sys.argv[1], sys.argv[2]))
