"""The running whole, with a clock in the test's hands and the evidence it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from attrs import define, field
from dependency_injector import providers

from adapters.system.clock import SystemClock
from shipping_bot import jobs, logs
from shipping_bot.container import Container
from shipping_bot.replay.runner import Bench, bench
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance, Kind, Transfer, account_sums, open_holds
from shipping_core.domain.order import Order
from shipping_sandbox.shipstation_api.catalogue import CARRIERS

PATIENCE_S = 30.0
TURN_S = 0.004
"""Between two looks at whether everything is quiet."""


class LaterClock(SystemClock):
    """The real clock, and as much later as the test says."""

    def __init__(self) -> None:
        self._later = dt.timedelta(0)

    def now(self) -> dt.datetime:
        return super().now() + self._later

    def advance(self, by: dt.timedelta) -> None:
        """Let this much time pass for our side."""
        self._later += by


@define
class Shop:
    """A sandbox and the real bot; customers reach it over HTTP alone."""

    bench: Bench
    clock: LaterClock
    _users: itertools.count[int] = field(factory=lambda: itertools.count(501))

    def new_user(self) -> int:
        """A customer nobody has heard of."""
        return next(self._users)

    @property
    def container(self) -> Container:
        """The bot's own parts, to read evidence from."""
        return self.bench.container

    @property
    def url(self) -> str:
        """Where the sandbox listens."""
        return self.bench.url

    @property
    def http(self) -> aiohttp.ClientSession:
        """The customers' connections."""
        return self.bench.http

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer of the sandbox."""
        return await self.bench.get(path)

    async def settled(self) -> None:
        """Wait until every update is handled, every effect is over and every message is out."""
        converse, outlet = self.container.converse(), self.container.outlet()
        letters, notices = self.container.outbox(), self.container.inbox()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                stats = await self.bench.get("/sandbox/telegram/bots/default/stats")
                while converse._running:
                    await converse.drain(PATIENCE_S)
                    await asyncio.sleep(0)
                kept = await notices.pending() or await letters.waiting()
                if not (kept or stats["waiting"] or outlet.busy or converse._running):
                    return
                await asyncio.sleep(TURN_S)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Turn one of the sandbox's screws, or act as somebody in a chat."""
        async with self.bench.http.post(f"{self.bench.url}{path}", json=body or {}) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json() if answer.content_type == "application/json" else {}
            return found

    async def accident(self, operation: str, fault: str, **more: Any) -> None:
        """The carriers' next call of this kind suffers this."""
        await self.post("/sandbox/faults/shipstation", {"operation": operation, "fault": fault, **more})

    async def calm(self) -> None:
        """Take back every accident that has not happened yet, and sell what an empty wallet stopped."""
        async with self.bench.http.delete(f"{self.bench.url}/sandbox/faults/shipstation") as answer:
            answer.raise_for_status()
        for carrier in CARRIERS:
            self.container.gate().open(carrier.code)

    async def carrier(self) -> dict[str, Any]:
        """The carrier's own account of what it sold and was asked."""
        return await self.bench.get("/sandbox/shipstation/ledger")

    async def carrier_calls(self) -> int:
        """How often the carrier was asked anything."""
        return sum((await self.carrier())["calls"].values())

    async def sold_to(self, recipient: str) -> list[dict[str, Any]]:
        """The labels that the carrier sold for this addressee."""
        return [p for p in (await self.carrier())["purchases"] if p["ship_to_name"] == recipient]

    async def journal(self, user: int) -> list[Transfer]:
        """Every movement of this customer's money."""
        return list(await self.container.balances().journal(user_id=UserId(str(user))))

    async def captures(self, user: int) -> list[Transfer]:
        """What this customer has paid."""
        return [t for t in await self.journal(user) if t.kind is Kind.CAPTURE]

    async def balance(self, user: int, mode: Mode = Mode.TEST) -> Balance:
        """This customer's money."""
        balance: Balance = await self.container.balances().balance(UserId(str(user)), mode)
        return balance

    async def orders(self, user: int) -> list[Order]:
        """This customer's orders, newest first."""
        return list(await self.container.orders().of_user(UserId(str(user)), limit=50))

    async def books(self) -> tuple[int, int]:
        """The journal's sum and the number of unresolved holds: (0, 0) when all is well."""
        journal = await self.container.balances().journal()
        return sum(account_sums(journal).values()), len(open_holds(journal))

    async def reconciled(self, *, after: dt.timedelta) -> None:
        """Let time pass, then one round of the background job."""
        self.clock.advance(after)
        await self.container.reconcile()()
        await self.settled()


@contextlib.asynccontextmanager
async def open_shop(
    *, version: str = "v2", prepare: Callable[[Container], None] | None = None
) -> AsyncIterator[Shop]:
    """The sandbox and the real bot, running; the background job runs only when a test asks for it."""
    clock = LaterClock()

    def prepared(container: Container) -> None:
        container.clock.override(providers.Object(clock))
        if prepare is not None:
            prepare(container)

    async with contextlib.AsyncExitStack() as stack:
        with logging_kept(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(jobs, "jobs", only_letters)
            running = await stack.enter_async_context(bench(version=version, prepare=prepared))
        yield Shop(running, clock)


def only_letters(container: Container) -> tuple[jobs.Job, ...]:
    """Rounds of their own would make look-ups that a test has not counted."""
    return tuple(job for job in every_job(container) if job.name in {"letters", "notices"})


every_job = jobs.jobs


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    """The product sets up the process's logging; other tests want theirs back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quieted = {name: logging.getLogger(name).level for name in logs.CHATTY}
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in quieted.items():
            logging.getLogger(name).setLevel(before)
