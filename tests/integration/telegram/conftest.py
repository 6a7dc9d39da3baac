"""The emulated Bot API over real HTTP; every test is a bot of its own there."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.request import AiohttpRequest

SOURCES = Path(__file__).resolve().parents[3] / "src"
_bots = itertools.count(700_001)


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """The address of an emulator in a process of its own."""
    command = [sys.executable, "-m", "shipping_sandbox", "telegram", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("shipping_sandbox"), "the emulator did not start"
    yield line.split()[-1]
    process.terminate()
    process.communicate(timeout=20)


class People:
    """The far side of the chats: what customers do and see, and the emulator's screws."""

    def __init__(self, session: aiohttp.ClientSession, emulator: str, bot_id: int) -> None:
        self._session = session
        self._emulator = emulator
        self.bot_id = bot_id
        self.base_url = f"{emulator}/bot{bot_id}:TESTtoken"

    async def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self._session.request(verb, self._emulator + path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def _bot(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._ask(verb, f"/sandbox/telegram/bots/{self.bot_id}{path}", body)

    async def write(self, user_id: int, text: str) -> int:
        """A person writes; the id of the update it makes."""
        return int((await self._bot("POST", f"/users/{user_id}/messages", {"text": text}))["update_id"])

    async def tap(self, user_id: int, message_id: int, data: str) -> None:
        await self._bot("POST", f"/users/{user_id}/taps", {"message_id": message_id, "data": data})

    async def block(self, user_id: int) -> None:
        await self._bot("POST", f"/users/{user_id}/block")

    async def redeliver(self, update_id: int) -> None:
        await self._bot("POST", "/redeliver", {"update_id": update_id})

    async def waiting(self) -> int:
        """How many updates Telegram still holds for the bot."""
        return int((await self._bot("GET", "/stats"))["waiting"])

    async def calls(self, method: str) -> int:
        return int((await self._bot("GET", "/stats"))["calls"].get(method, 0))

    async def chat(self, user_id: int) -> dict[str, Any]:
        return dict(await self._bot("GET", f"/users/{user_id}/chat"))

    async def bot_messages(self, user_id: int) -> list[dict[str, Any]]:
        """What the bot has written in the chat and not deleted."""
        messages = (await self.chat(user_id))["messages"]
        return [one for one in messages if one["from"]["is_bot"] and not one.get("deleted")]

    async def file(self, user_id: int, file_id: str) -> bytes:
        path = f"/sandbox/telegram/bots/{self.bot_id}/users/{user_id}/files/{file_id}"
        async with self._session.get(self._emulator + path) as answer:
            return await answer.read()

    async def fault(self, method: str, fault: str, **more: float) -> None:
        """The next calls of `method` suffer."""
        await self._ask("POST", "/sandbox/faults/telegram", {"method": method, "fault": fault, **more})

    async def settings(self, **values: float) -> None:
        await self._ask("POST", "/sandbox/telegram/settings", dict(values))

    async def no_faults(self) -> None:
        await self._ask("DELETE", "/sandbox/faults/telegram")


@pytest.fixture
async def people(emulator: str) -> AsyncIterator[People]:
    async with aiohttp.ClientSession() as session:
        people = People(session, emulator, next(_bots))
        async with session.get(f"{people.base_url}/getMe") as answer:
            assert answer.status == 200
        yield people
        await people.no_faults()


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as request:
        yield request


@pytest.fixture
def calls(people: People, request_: AiohttpRequest) -> HttpBotCalls:
    return HttpBotCalls(people.base_url, request_)
