"""`shipbot run` as a process of its own, the way an operator starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, field

from integration.journeys.chat import BOT, Chat

PATIENCE_S = 20.0
TURN_S = 0.02


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(url: str, **changes: str) -> dict[str, str]:
    """What `shipbot run` needs to work against a sandbox at `url`."""
    ours = {
        "TELEGRAM_BOT_TOKEN": "4000000001:invented",
        "TELEGRAM_API_BASE_URL": url,
        "TELEGRAM_MESSAGES_PER_SECOND": "0",
        "SHIPSTATION_API_KEY": "invented-key",
        "SHIPSTATION_TEST_API_KEY": "TEST_invented",
        "SHIPSTATION_BASE_URL": f"{url}/shipstation",
        "SHIPSTATION_REQUESTS_PER_MINUTE": "0",
        "HTTP_PORT": "0",
        "SHIPPER_PHONE": "+14155550100",
        "WELCOME_CREDIT": "50.00",
    }
    return {**os.environ, **ours, **changes}


@define
class Place:
    """A sandbox whose bot is another process: what is seen, is seen over HTTP."""

    url: str
    http: aiohttp.ClientSession

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer of the sandbox."""
        async with self.http.get(f"{self.url}{path}") as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Act as somebody in a chat, or turn one of the sandbox's screws."""
        async with self.http.post(f"{self.url}{path}", json=body or {}) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found

    async def settled(self) -> None:
        """Nothing to wait for here: `sees` waits for what shall be seen."""


@define
class Bot:
    """A running `shipbot run`."""

    process: Process
    said: list[str] = field(factory=list)
    _reading: list[asyncio.Task[None]] = field(factory=list)

    @property
    def log(self) -> str:
        """Everything it has printed."""
        return "".join(self.said)

    async def ends(self) -> int:
        """Wait for its end; the exit code."""
        code = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        await asyncio.gather(*self._reading)
        return code

    async def says(self, words: str) -> None:
        """Wait until its output holds these words."""
        async with asyncio.timeout(PATIENCE_S):
            while words not in self.log:
                assert self.process.returncode is None, self.log
                await asyncio.sleep(TURN_S)


@contextlib.asynccontextmanager
async def shipbot(*arguments: str, env: dict[str, str], cwd: Path) -> AsyncIterator[Bot]:
    """The command, running; killed at the end if it still does."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("shipbot")), *arguments, env=env, cwd=cwd, stdout=PIPE, stderr=PIPE
    )
    bot = Bot(process)

    async def listen(stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            bot.said.append(line.decode())

    streams = [s for s in (process.stdout, process.stderr) if s is not None]
    bot._reading.extend(asyncio.create_task(listen(s)) for s in streams)
    try:
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await bot.ends()


async def sees(chat: Chat, words: str) -> Chat:
    """Wait until some message or button of the bot holds these words."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await chat.glances()
            if any(words in m.text or words in str(m.buttons) for m in chat.messages):
                return chat
            await asyncio.sleep(TURN_S)


async def has_label(chat: Chat, within_s: float = PATIENCE_S) -> str:
    """Wait for the file; what it says."""
    async with asyncio.timeout(within_s):
        while True:
            if (await chat.glances()).labels:
                return await chat.opens()
            await asyncio.sleep(TURN_S)


async def eventually(place: Place, path: str, true: Any) -> dict[str, Any]:
    """Wait until the sandbox's answer satisfies `true`."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if true(found := await place.get(path)):
                return found
            await asyncio.sleep(TURN_S)


STATS = f"{BOT}/stats"
