"""Echo on aiogram 3: `python aiogram_echo.py BASE_URL TOKEN LOOP tasks|in-order`."""

import asyncio
import sys

import uvloop
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def main(base_url: str, token: str, tasks: bool) -> None:
    dispatcher = Dispatcher()
    dispatcher.message.register(echo, F.text)
    session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
    await dispatcher.start_polling(
        Bot(token, session=session), handle_as_tasks=tasks, allowed_updates=["message"]
    )


if __name__ == "__main__":
    if sys.argv[3] == "uvloop":
        uvloop.install()
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[4] == "tasks"))
