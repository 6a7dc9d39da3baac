"""The load test: the sandbox, the real bot, and many customers at once over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from attrs import frozen

from shipping_bot import lifecycle, logs
from shipping_bot.container import Container
from shipping_bot.replay.customer import PATHS, Customer, Lost
from shipping_bot.replay.judge import Evidence, Seen, judge
from shipping_bot.replay.people import plan
from shipping_bot.replay.report import Outcome
from shipping_bot.sandbox import sandbox, sandbox_settings
from shipping_core.domain.ids import UserId

ERRORS_KEPT = 20


class _Listening(logging.Handler):
    """Counts what the log says: errors, and Telegram's Conflict."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.conflicts = 0

    def emit(self, record: logging.LogRecord) -> None:
        if "conflict" in record.getMessage().casefold():
            self.conflicts += 1
        elif record.levelno >= logging.ERROR and len(self.errors) < ERRORS_KEPT:
            self.errors.append(f"{record.name}: {record.getMessage()}")


@frozen
class Bench:
    """The running whole, for whoever drives it."""

    url: str
    container: Container
    http: aiohttp.ClientSession

    @property
    def customers_url(self) -> str:
        """Where the sandbox takes what customers do."""
        return f"{self.url}/sandbox/telegram/bots/default"

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer of the sandbox."""
        async with self.http.get(f"{self.url}{path}") as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found


@contextlib.asynccontextmanager
async def bench(
    *, version: str = "v2", prepare: Callable[[Container], None] | None = None, mongo_url: str = ""
) -> AsyncIterator[Bench]:
    """The sandbox and the real bot, running; `prepare` may replace parts before it starts.

    Raises:
        StartError: one of them does not come up.
    """
    async with sandbox() as running:
        settings = sandbox_settings(running.url, version=version, mongo_url=mongo_url)
        logs.configure(settings)
        container = Container(settings=settings)
        if prepare is not None:
            prepare(container)
        stop, started = asyncio.Event(), asyncio.Event()
        bot = asyncio.create_task(
            lifecycle.run(container, stop=stop, ready=started.set, poll_grace_s=5), name="bot"
        )
        begun = asyncio.create_task(started.wait())
        await asyncio.wait({bot, begun}, return_when=asyncio.FIRST_COMPLETED)
        if bot.done():
            begun.cancel()
            await bot
        try:
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120)
            ) as http:
                yield Bench(running.url, container, http)
        finally:
            stop.set()
            await bot


async def replay(
    *,
    users: int,
    think_s: float = 0.0,
    path: str = "steps",
    version: str = "v2",
    store: str = "memory",
    prepare: Callable[[Container], None] | None = None,
) -> Outcome:
    """Let `users` customers buy a label each, all at once, and judge what came out.

    Raises:
        StartError: the sandbox or the bot does not come up.
    """
    async with contextlib.AsyncExitStack() as stack:
        mongo_url = ""
        if store == "mongo":
            mongo_url = f"embedded:{stack.enter_context(TemporaryDirectory(prefix='replay-'))}"
        running = await stack.enter_async_context(
            bench(version=version, prepare=prepare, mongo_url=mongo_url)
        )
        listening = _Listening()
        logging.getLogger().addHandler(listening)
        customers = [Customer(running.http, running.customers_url, plan(n)) for n in range(users)]
        begun = time.perf_counter()
        ended = await asyncio.gather(*(_one(c, path, think_s) for c in customers))
        wall_s = time.perf_counter() - begun
        await running.container.converse().drain(30)
        evidence = await _evidence(running, customers, [lost for lost, _ in ended], listening)
        calls = await running.get("/sandbox/telegram/bots/default/stats")
        return Outcome(
            users=users,
            evidence=evidence,
            violations=tuple(judge(evidence)),
            wall_s=wall_s,
            steps_s=tuple(s for c in customers for s in c.steps_s),
            orders_s=tuple(s for _, s in ended),
            telegram_calls=sum(calls["calls"].values()),
            carrier_calls=sum(evidence.carrier["calls"].values()),
        )


async def _one(customer: Customer, path: str, think_s: float) -> tuple[str, float]:
    begun = time.perf_counter()
    lost = ""
    try:
        await PATHS[path](customer, think_s)
    except (Lost, aiohttp.ClientError) as exc:
        lost = str(exc) or type(exc).__name__
    return lost, time.perf_counter() - begun


async def _evidence(
    running: Bench, customers: list[Customer], lost: list[str], listening: _Listening
) -> Evidence:
    ledger, mode = running.container.balances(), running.container.policy().now.mode
    people = [UserId(str(c.plan.user)) for c in customers]
    seen = []
    for customer, why in zip(customers, lost, strict=True):
        state = await running.get(f"/sandbox/telegram/bots/default/users/{customer.plan.user}/chat")
        texts = tuple(m.get("text") or m.get("caption") or "" for m in state["messages"])
        seen.append(Seen(customer.plan, tuple(customer.pdfs), texts, why))
    return Evidence(
        seen=seen,
        journal=await ledger.journal(),
        balances={(mode, user): await ledger.balance(user, mode) for user in people},
        carrier=await running.get("/sandbox/shipstation/ledger"),
        errors=tuple(listening.errors),
        conflicts=listening.conflicts,
    )
