"""The bots that `bench.whole_bot` compares, each as a process to start."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from bench.emulator import ROOT, TOKEN, environment

BOTS = ROOT / "bench" / "bots"
AIOGRAM_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
OURS = "the whole bot"


@frozen
class Contender:
    """One bot; an echo bot has a script, our own has none. `loop` is asyncio or uvloop."""

    name: str
    script: str = ""
    python: Path = Path(sys.executable)
    loop: str = "asyncio"
    arguments: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it sells labels, rather than echoing."""
        return not self.script

    def command(self, base_url: str) -> list[str]:
        """How to start it."""
        if self.ours:
            return [str(self.python.with_name("shipbot")), "run"]
        return [str(self.python), str(BOTS / self.script), base_url, TOKEN, self.loop, *self.arguments]


CONTENDERS = (
    Contender(OURS),
    Contender("PTB echo", "ptb_echo.py", loop="uvloop"),
    Contender("aiogram echo, default", "aiogram_echo.py", AIOGRAM_PYTHON, arguments=("tasks",)),
    Contender("aiogram echo, fastest", "aiogram_echo.py", AIOGRAM_PYTHON, arguments=("in-order",)),
)
"""aiogram's fastest setting is one update at a time, without tasks, on asyncio's own loop: it beat uvloop
whenever we compared them. For python-telegram-bot the loop made no difference that stood out of the noise.
`bench.dispatch --loop` compares again."""


def production(base_url: str) -> dict[str, str]:
    """The environment of our bot: as in production, but for addresses, keys and the pace of messages."""
    return {
        **environment(),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": base_url,
        "TELEGRAM_MESSAGES_PER_SECOND": "0",
        "SHIPSTATION_API_KEY": "bench-key",
        "SHIPSTATION_TEST_API_KEY": "TEST_bench",
        "SHIPSTATION_BASE_URL": f"{base_url}/shipstation",
        "SHIPSTATION_REQUESTS_PER_MINUTE": "0",
        "HTTP_PORT": "0",
        "STORE": "memory",
    }


@contextlib.contextmanager
def running(command: list[str], base_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The bot's process, ended again on leaving; it never sees a `.env` of ours."""
    with tempfile.TemporaryDirectory() as empty:
        process = subprocess.Popen(
            command, env=production(base_url), cwd=empty, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def asleep(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The bot stands still inside, so that work can pile up for it."""
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)
