"""Bots as processes of their own on one MongoDB, as an operator starts them with `shipbot run`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from typing import Any

import attrs
from attrs import define, field

from shipping_bot.lifecycle import StartError
from shipping_bot.settings import Settings

START_WITHIN_S = 60.0
STOP_WITHIN_S = 60.0
POLLS = "polling, with fence"
"""What the one that takes updates says when it begins to."""


def environment(settings: Settings) -> dict[str, str]:
    """The variables that `shipbot run` reads these settings from."""
    found: dict[str, str] = {}

    def put(value: Any, *path: str) -> None:
        if attrs.has(type(value)):
            for one in attrs.fields(type(value)):
                put(getattr(value, one.name), *path, one.name)
        else:
            found["_".join(path).upper()] = str(value)

    put(settings)
    return found


@define
class BotProcess:
    """One of them, and what its log says."""

    process: Process
    errors: list[str] = field(factory=list)
    conflicts: int = 0
    polls_since: float | None = None
    polls: asyncio.Event = field(factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.returncode is None

    def listen(self, log: asyncio.StreamReader) -> None:
        """Read its log as it is written."""
        self._reading = asyncio.create_task(self._listen(log))

    async def _listen(self, log: asyncio.StreamReader) -> None:
        while line := await log.readline():
            self._hear(line.decode(errors="replace"))

    def _hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = {"event": line.strip(), "level": "error" if "Traceback" in line else "info"}
        event = str(said.get("event"))
        if POLLS in event:
            self.polls_since = time.perf_counter()
            self.polls.set()
        elif "conflict" in event.casefold():
            self.conflicts += 1
        elif said.get("level") in {"error", "critical"}:
            self.errors.append(event)

    async def ended(self) -> None:
        """Its log was read to the end."""
        await self.process.wait()
        if self._reading is not None:
            await self._reading


@define
class Fleet:
    """All of them."""

    bots: list[BotProcess]
    killed_at: float | None = None

    @property
    def poller(self) -> BotProcess | None:
        """The one that takes updates, as far as the logs tell."""
        polling = [bot for bot in self.bots if bot.alive and bot.polls_since is not None]
        return max(polling, key=lambda bot: bot.polls_since or 0.0, default=None)

    @property
    def takeover_s(self) -> float | None:
        """How long nobody took updates after the kill; None when nobody was killed, or took over."""
        poller = self.poller
        if self.killed_at is None or poller is None or poller.polls_since is None:
            return None
        return poller.polls_since - self.killed_at

    async def kill_poller(self) -> None:
        """End the one that takes updates as a power cut would."""
        poller = self.poller
        if poller is None:
            raise StartError("no bot takes updates")
        poller.process.kill()
        self.killed_at = time.perf_counter()
        await poller.ended()


@contextlib.asynccontextmanager
async def fleet(settings: Settings, size: int) -> AsyncIterator[Fleet]:
    """So many bots, running; the first takes updates. They are asked to end at last.

    Raises:
        StartError: one does not start.
    """
    made = Fleet([])
    try:
        for _ in range(size):
            bot = await _begun(settings)
            made.bots.append(bot)
            await _started(bot)
            if made.poller is None:
                async with asyncio.timeout(START_WITHIN_S):
                    await bot.polls.wait()
        yield made
        for bot in made.bots:
            if bot.alive:
                bot.process.terminate()
        async with asyncio.timeout(STOP_WITHIN_S):
            await asyncio.gather(*(bot.ended() for bot in made.bots))
    finally:
        for bot in made.bots:
            if bot.alive:
                bot.process.kill()
                await bot.ended()


async def _begun(settings: Settings) -> BotProcess:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shipping_bot.entry", "run"),
        env={**os.environ, **environment(settings)},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    return BotProcess(process)


async def _started(bot: BotProcess) -> None:
    """Raises StartError when it ends, or says nothing in time."""
    out, log = bot.process.stdout, bot.process.stderr
    if out is None or log is None:
        raise StartError("a bot has no output")
    bot.listen(log)
    with contextlib.suppress(TimeoutError):
        if b"shipbot runs" in await asyncio.wait_for(out.readline(), START_WITHIN_S):
            return
    if bot.alive:
        bot.process.kill()
    await bot.ended()
    raise StartError(f"a bot did not start: {bot.errors[-1] if bot.errors else 'no word why'}")
