"""The emulated Bot API in a process of its own, and the people who write to the bot through it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456:BENCH"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
WRITERS = 8
BOT = "/sandbox/telegram/bots/default"

Writing = tuple[int, str]
"""Who writes what."""


def environment() -> dict[str, str]:
    """This process's environment, with our sources importable."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used, both in user and kernel mode (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


class Emulator:
    """Starts `python -m shipping_sandbox PARTS` on a free port; stops it on leaving."""

    def __init__(self, parts: str = "telegram") -> None:
        self._parts = parts

    def __enter__(self) -> Emulator:
        command = [sys.executable, "-m", "shipping_sandbox", self._parts, "--port", "0"]
        self._process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.base_url = line.split()[-1] if line else ""
        if not self.base_url:
            raise RuntimeError("the emulator did not start")
        self._get(f"/bot{TOKEN}/getMe")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.base_url + path, timeout=10) as answer:
            return dict(json.load(answer))

    def calls(self, method: str) -> int:
        """How often the bot has called `method`."""
        return self.all_calls().get(method, 0)

    def all_calls(self) -> dict[str, int]:
        """How often the bot has called each method."""
        return dict(self._get(f"{BOT}/stats")["calls"])

    def fill(self, messages: int, users: int) -> None:
        """Let `users` people write `messages` messages in turn; they wait for a bot to fetch them."""
        self.write((1000 + number % users, f"message {number}") for number in range(messages))

    def write(self, writings: Iterable[Writing]) -> None:
        """Let people write, in this order or nearly; one person's messages must not follow closely."""
        asyncio.run(self._each(writings, self._write))

    def tap(self, users: Sequence[int], data: str) -> None:
        """Let each person tap the button with `data` on the newest message that has it."""
        asyncio.run(self._each(((user, data) for user in users), self._tap))

    def last_texts(self, users: Sequence[int]) -> dict[int, str]:
        """What the bot said last to each of these people."""
        return asyncio.run(self._last_texts(users))

    async def _each(
        self,
        writings: Iterable[Writing],
        act: Callable[[aiohttp.ClientSession, int, str], Awaitable[None]],
    ) -> None:
        waiting = iter(writings)

        async def work(session: aiohttp.ClientSession) -> None:
            for user, text in waiting:
                await act(session, user, text)

        async with aiohttp.ClientSession(self.base_url, raise_for_status=True) as session:
            await asyncio.gather(*(work(session) for _ in range(WRITERS)))

    async def _write(self, session: aiohttp.ClientSession, user: int, text: str) -> None:
        body = {"text": text, "language_code": "en"}
        async with session.post(f"{BOT}/users/{user}/messages", json=body):
            pass

    async def _tap(self, session: aiohttp.ClientSession, user: int, data: str) -> None:
        messages = await _chat(session, user)
        card = next(m["message_id"] for m in reversed(messages) if data in json.dumps(m))
        async with session.post(f"{BOT}/users/{user}/taps", json={"message_id": card, "data": data}):
            pass

    async def _last_texts(self, users: Sequence[int]) -> dict[int, str]:
        async with aiohttp.ClientSession(self.base_url, raise_for_status=True) as session:
            chats = {user: await _chat(session, user) for user in users}
        return {
            user: next((m.get("text", "") for m in reversed(messages) if m["from"]["is_bot"]), "")
            for user, messages in chats.items()
        }


async def _chat(session: aiohttp.ClientSession, user: int) -> list[dict[str, Any]]:
    async with session.get(f"{BOT}/users/{user}/chat") as answer:
        return list((await answer.json())["messages"])
