"""A shop whose bot is killed again and again, in a place that lives on: the sandbox, MongoDB, the customers.

Time is skipped, not waited for: everybody reads one clock file, which a ticker pushes on; and what a dead
process had leased until some time by MongoDB's own clock is let lapse, as if that time had come.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import random
import secrets
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from attrs import define, field
from pymongo import MongoClient

from adapters.mongo.documents import LeaseDocument, LetterDocument, SessionDocument
from adapters.mongo.store import Store, open_store
from integration.cli.processes import Place, environment, free_port
from integration.journeys.chat import BOT
from integration.mongo.servers import Client
from shipping_bot.sandbox import sandbox
from shipping_core.domain.order import OrderState

ROOT = Path(__file__).parents[3]
HURRY, IN_A_CALM = 20.0, 60.0
"""How many times faster than the real one the common time runs, in a storm and after it."""
TICK_S = 0.25
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
START_WITHIN_S = 30.0
CALM_WITHIN_S = 120.0


@define
class Skies:
    """Everything around the bot, and the bot of the moment."""

    place: Place
    mongo: Client
    mongo_url: str
    folder: Path
    env: dict[str, str]
    plant: str = "none"
    database: str = field(factory=lambda: f"storm_{secrets.token_hex(4)}")
    kills: int = 0
    calm: bool = False
    left: str = ""
    """What was still to be done at the last look."""
    bots: list[Process] = field(factory=list)
    starts_s: list[float] = field(factory=list)
    _later_ms: float = 0.0
    _logs: int = 0
    _spare: Process | None = None

    @property
    def clock_file(self) -> Path:
        """How many milliseconds later than real it is."""
        return self.folder / "clock"

    @property
    def bot_url(self) -> str:
        """Where the sandbox takes what customers do."""
        return f"{self.place.url}{BOT}"

    async def push(self, seconds: float) -> None:
        """Let time pass for everybody at once."""
        self._later_ms += seconds * 1000
        clock = os.open(self.clock_file, os.O_WRONLY | os.O_CREAT)
        os.pwrite(clock, f"{self._later_ms:032.0f}".encode(), 0)  # in one piece: somebody always reads it
        os.close(clock)
        for partner in ("shipstation", "oxapay"):
            await self.place.post(f"/sandbox/{partner}/clock", {"advance_s": seconds})

    async def tick(self) -> None:
        """Make time run."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.push(TICK_S * ((IN_A_CALM if self.calm else HURRY) - 1))

    async def start(self) -> Process:
        """A new bot, that has not said anything yet; and a spare one that may follow it soon."""
        bot = self._spare or await self._load()
        self._spare = await self._load()
        assert bot.stdin is not None
        bot.stdin.write(b"go\n")
        return bot

    async def _load(self) -> Process:
        self._logs += 1
        with (self.folder / f"bot-{self._logs:03}.log").open("wb") as log:
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "integration.chaos.hurried"),
                *(str(self.clock_file), str(HURRY), self.plant, "run"),
                env={**self.env, "MONGO_DATABASE": self.database},
                cwd=self.folder,
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
            )
        self.bots.append(bot)
        return bot

    async def ready(self, bot: Process) -> None:
        """Wait until it runs."""
        begun = time.monotonic()
        assert bot.stdout is not None
        line = await asyncio.wait_for(bot.stdout.readline(), START_WITHIN_S)
        assert b"shipbot runs" in line, self.log()[-3000:]
        self.starts_s.append(time.monotonic() - begun)

    async def kill(self, bot: Process) -> None:
        """End it in the middle of whatever it does, and let what it had leased lapse."""
        assert bot.returncode is None, self.log()[-3000:]
        bot.kill()
        assert await bot.wait() == -signal.SIGKILL
        self.kills += 1
        await asyncio.to_thread(self._lapse)

    def _lapse(self) -> None:
        database = self.mongo[self.database]
        database[+LeaseDocument].update_many({}, {"$set": {"until": LONG_AGO}})
        held = {"claimed_for": {"$gt": ""}}
        database[+LetterDocument].update_many(held, {"$set": {"held_until": LONG_AGO}})

    async def blow(self, kills: int, dice: random.Random) -> Process:
        """Kill so many bots, one after another, at random instants; the last one started lives."""
        for _ in range(kills):
            bot = await self.start()
            if dice.random() < 0.1:
                await asyncio.sleep(dice.uniform(0.0, 1.0))
            else:
                await self.ready(bot)
                await asyncio.sleep(dice.uniform(0.02, 1.8))
            await self.kill(bot)
        bot = await self.start()
        await self.ready(bot)
        self.calm = True
        return bot

    async def calm_down(self, store: Store) -> None:
        """Let time pass until nobody has anything left to do."""
        async with asyncio.timeout(CALM_WITHIN_S):
            while True:
                self.left = await self._undone(store)
                if not self.left:
                    return
                await asyncio.sleep(TICK_S)

    async def _undone(self, store: Store) -> str:
        stats = await self.place.get(f"{BOT}/stats")
        undecided = {OrderState.RESERVED, OrderState.PURCHASING, OrderState.UNKNOWN}
        database = self.mongo[self.database]
        for what, count in (
            ("updates", stats["waiting"]),
            ("letters", await store.outbox.waiting()),
            ("orders", database["orders"].count_documents({"state": {"$in": [s.value for s in undecided]}})),
            ("sessions", database[+SessionDocument].count_documents({"waits": True})),
            ("notices", database["notices"].count_documents({"outcome": ""})),
        ):
            if count:
                return f"{count} {what}"
        return ""

    def log(self) -> str:
        """Everything every bot has logged."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("bot-*.log")))


@contextlib.asynccontextmanager
async def skies(mongo_url: str, folder: Path, *, plant: str = "none", **env: str) -> AsyncIterator[Skies]:
    """The place, before any bot."""
    port = free_port()
    async with (
        sandbox() as running,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60)
        ) as http,
    ):
        client: Client = MongoClient(mongo_url, tz_aware=True)
        with client:
            settings = environment(
                running.url,
                STORE="mongo",
                MONGO_URL=mongo_url,
                HTTP_PORT=str(port),
                OXAPAY_MERCHANT_API_KEY="invented-merchant",
                OXAPAY_BASE_URL=f"{running.url}/oxapay/v1",
                LOG_LEVEL="info",
                LOG_FORMAT="json",
                PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
                **env,
            )
            made = Skies(Place(running.url, http), client, mongo_url, folder, settings, plant)
            await made.push(0)
            try:
                yield made
            finally:
                for bot in made.bots:
                    if bot.returncode is None:
                        bot.kill()
                        await bot.wait()
                client.drop_database(made.database)


@contextlib.asynccontextmanager
async def watched(place: Skies) -> AsyncIterator[Store]:
    """The store the bots use, opened beside them; time runs meanwhile."""
    async with open_store(place.mongo_url, place.database) as store:
        ticking = asyncio.create_task(place.tick())
        try:
            yield store
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
