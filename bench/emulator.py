"""The emulated Bot API in a process of its own, filled with messages before a bot connects."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456:BENCH"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def environment() -> dict[str, str]:
    """This process's environment, with our sources importable."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used, both in user and kernel mode (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


class Emulator:
    """Starts `python -m shipping_sandbox telegram` on a free port; stops it on leaving."""

    def __enter__(self) -> Emulator:
        command = [sys.executable, "-m", "shipping_sandbox", "telegram", "--port", "0"]
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
        return int(self._get("/sandbox/telegram/bots/default/stats")["calls"].get(method, 0))

    def fill(self, messages: int, users: int) -> None:
        """Let `users` people write `messages` messages in turn; they wait for a bot to fetch them."""
        asyncio.run(self._fill(messages, users))

    async def _fill(self, messages: int, users: int) -> None:
        numbers = iter(range(messages))
        path = f"{self.base_url}/sandbox/telegram/bots/default/users"

        async def write(session: aiohttp.ClientSession) -> None:
            for number in numbers:
                url = f"{path}/{1000 + number % users}/messages"
                async with session.post(url, json={"text": f"message {number}"}) as answer:
                    answer.raise_for_status()

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(write(session) for _ in range(8)))
