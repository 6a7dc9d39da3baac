"""One poller at a time, whatever dies or stalls."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from attrs import define, field

from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.outbox import MemoryLeases
from shipping_bot.poller import MARGIN_S, TERM_S, LeasedPoller
from shipping_core.domain.lease import Lease
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.leases import Leases


class LoopClock(MemoryClock):
    """The loop's own time."""

    def now(self) -> dt.datetime:
        return self.moment + dt.timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()


@define
class Telegram:
    """Whoever polls now, and everybody who ever did; two at once would be a Conflict."""

    now: list[str] = field(factory=list)
    ever: list[str] = field(factory=list)
    failure: Exception | None = None


@define
class FakePolling:
    """Polls until told to stop; handlers that still run take `lingers_s`."""

    telegram: Telegram
    name: str
    lingers_s: float = 0.1
    _stopping: asyncio.Event = field(factory=asyncio.Event)

    async def run(self, grace_s: float) -> None:
        assert self.telegram.now == [], "two pollers at once"
        self.telegram.now.append(self.name)
        self.telegram.ever.append(self.name)
        try:
            if self.telegram.failure is not None:
                raise self.telegram.failure
            await self._stopping.wait()
        finally:
            self.telegram.now.remove(self.name)
        await asyncio.sleep(min(self.lingers_s, grace_s))

    def stop(self) -> None:
        self._stopping.set()


@define
class Unreliable(Leases):
    """A store that does not answer while `away`, or only after `slow_s`."""

    inner: Leases
    away: bool = False
    slow_s: float = 0.0

    async def take(self, name: str, owner: str, *, term_s: float) -> Lease | None:
        await asyncio.sleep(self.slow_s)
        if self.away:
            raise StoreUnavailable("away")
        return await self.inner.take(name, owner, term_s=term_s)

    async def release(self, lease: Lease) -> None:
        if self.away:
            raise StoreUnavailable("away")
        await self.inner.release(lease)


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def leases() -> Leases:
    return MemoryLeases(Database(), LoopClock())


def a_poller(telegram: Telegram, leases: Leases, name: str) -> LeasedPoller:
    return LeasedPoller(leases, lambda: FakePolling(telegram, name), name="poller:4", owner=name, grace_s=5.0)


@contextlib.asynccontextmanager
async def running(*pollers: LeasedPoller) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(poller.run()) for poller in pollers]
    try:
        yield tasks
    finally:
        for poller in pollers:
            poller.stop()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_given_two_processes_when_both_run_for_an_hour_then_one_polls_and_keeps_polling(
    telegram: Telegram, leases: Leases
) -> None:
    async with running(a_poller(telegram, leases, "a"), a_poller(telegram, leases, "b")):
        await asyncio.sleep(3600)
        seen = (telegram.now, telegram.ever)

        assert seen == (telegram.ever, telegram.ever)
        assert len(telegram.ever) == 1


async def test_given_a_poller_that_dies_when_its_term_is_over_then_the_standby_polls(
    telegram: Telegram, leases: Leases
) -> None:
    mortal = Unreliable(leases)
    async with contextlib.AsyncExitStack() as stack:
        (task,) = await stack.enter_async_context(running(a_poller(telegram, mortal, "a")))
        await asyncio.sleep(7)
        await stack.enter_async_context(running(a_poller(telegram, leases, "b")))
        await asyncio.sleep(1)
        mortal.away = True  # a killed process gives nothing back
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(TERM_S + TERM_S / 3)

        assert telegram.now == ["b"]
    assert telegram.ever == ["a", "b"]


async def test_given_a_clean_stop_when_another_stands_by_then_it_takes_over_at_its_next_look(
    telegram: Telegram, leases: Leases
) -> None:
    first, second = a_poller(telegram, leases, "a"), a_poller(telegram, leases, "b")
    async with running(first, second) as (task, _):
        await asyncio.sleep(30)
        first.stop()
        await task
        await asyncio.sleep(TERM_S / 3 + 0.1)

        assert telegram.now == ["b"]


async def test_given_a_store_that_is_away_when_the_term_nears_its_end_then_polling_has_stopped_before(
    telegram: Telegram, leases: Leases
) -> None:
    unreliable = Unreliable(leases)
    async with running(a_poller(telegram, unreliable, "a"), a_poller(telegram, leases, "b")):
        await asyncio.sleep(1)
        unreliable.away = True
        await asyncio.sleep(TERM_S)
        stopped = telegram.now
        await asyncio.sleep(TERM_S)

        assert stopped in ([], ["b"])
        assert telegram.now == ["b"]


async def test_given_a_store_that_comes_back_in_time_when_renewed_then_polling_never_stops(
    telegram: Telegram, leases: Leases
) -> None:
    unreliable = Unreliable(leases)
    async with running(a_poller(telegram, unreliable, "a")):
        await asyncio.sleep(1)
        unreliable.away = True
        await asyncio.sleep(TERM_S - MARGIN_S - 2)
        unreliable.away = False
        await asyncio.sleep(60)

        assert telegram.ever == ["a"]


async def test_given_a_store_that_hangs_when_renewing_then_polling_stops_before_the_term_ends(
    telegram: Telegram, leases: Leases
) -> None:
    unreliable = Unreliable(leases)
    async with running(a_poller(telegram, unreliable, "a")):
        await asyncio.sleep(1)
        unreliable.slow_s = 3600.0
        await asyncio.sleep(TERM_S)

        assert telegram.now == []


async def test_given_a_refused_token_when_polling_then_the_error_comes_out_and_the_lease_is_free(
    telegram: Telegram, leases: Leases
) -> None:
    telegram.failure = PermissionError("token")
    with pytest.raises(PermissionError):
        await a_poller(telegram, leases, "a").run()

    assert await leases.take("poller:4", "b", term_s=1) is not None
