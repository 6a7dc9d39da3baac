"""What goes on in the background goes on, whatever a round does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from attrs import define, evolve, field

from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.notifier import MemoryOperators
from shipping_bot.container import Container
from shipping_bot.jobs import Job, jobs, start
from shipping_bot.sandbox import sandbox_settings
from shipping_bot.settings import OxapaySettings
from shipping_core.errors import StoreUnavailable
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.raise_alert import RaiseAlert


@define
class Work:
    """Rounds, with their moments; `queue` is how much there is to do, `failures` come first."""

    queue: int = 0
    failures: list[Exception] = field(factory=list)
    at_s: list[float] = field(factory=list)

    async def __call__(self) -> int:
        self.at_s.append(asyncio.get_running_loop().time())
        if self.failures:
            raise self.failures.pop(0)
        done, self.queue = min(1, self.queue), max(0, self.queue - 1)
        return done


@contextlib.asynccontextmanager
async def at_work(job: Job) -> AsyncIterator[None]:
    task = asyncio.create_task(job.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_given_a_queue_when_the_bell_rings_then_all_of_it_is_done_at_once() -> None:
    work, bell = Work(queue=5), Bell()
    async with at_work(Job("letters", 1.0, work, bell)):
        await asyncio.sleep(0)
        bell.ring()
        await asyncio.sleep(0.5)

    assert work.queue == 0
    assert len(work.at_s) == 6


async def test_given_no_bell_when_a_second_passes_then_it_looks_by_itself() -> None:
    work = Work(queue=1)
    async with at_work(Job("letters", 1.0, work)):
        await asyncio.sleep(1.5)

    assert work.queue == 0


async def test_given_a_slow_job_when_it_found_work_then_its_next_round_still_waits() -> None:
    work = Work(queue=100)
    async with at_work(Job("sweep", 15.0, work)):
        await asyncio.sleep(46)

    assert len(work.at_s) == 3


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ValueError("a bug")], ids=["store", "bug"])
async def test_given_rounds_that_fail_when_time_passes_then_it_goes_on_with_growing_pauses(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    work = Work(queue=1, failures=[error] * 3)
    async with at_work(Job("letters", 1.0, work)):
        await asyncio.sleep(60)
    pauses = [round(b - a) for a, b in zip(work.at_s, work.at_s[1:], strict=False)]

    assert pauses[:3] == [2, 4, 8]
    assert work.queue == 0
    assert any("letters" in record.message for record in caplog.records)


async def test_given_a_store_that_was_away_for_long_when_it_is_back_then_settings_are_read_at_once() -> None:
    container = Container(settings=sandbox_settings("http://127.0.0.1:1"))
    (settings,) = [job for job in jobs(container) if job.name == "settings"]
    await container.shipping_http().aclose()
    work = Work(failures=[StoreUnavailable("away")] * 30)
    async with at_work(evolve(settings, work=work)):
        await asyncio.sleep(40)
    pauses = [b - a for a, b in zip(work.at_s, work.at_s[1:], strict=False)]

    assert not work.failures
    assert max(pauses) <= 2


async def test_given_a_round_that_fails_when_time_passes_then_operators_hear_of_the_job_only() -> None:
    operators = MemoryOperators()
    alert = RaiseAlert(MemoryAlerts(Database()), operators, MemoryClock())
    async with at_work(Job("letters", 1.0, Work(failures=[ValueError("Jane Doe")] * 3), alert=alert)):
        await asyncio.sleep(60)

    assert [told.text for told in operators.told] == ["ValueError in the job letters"]


@pytest.mark.parametrize("paid", [True, False], ids=["with Oxapay", "without"])
async def test_given_settings_when_jobs_are_made_then_payments_are_asked_about_only_where_there_are_some(
    paid: bool,
) -> None:
    settings = sandbox_settings("http://127.0.0.1:1")
    if not paid:
        settings = evolve(settings, oxapay=OxapaySettings())
    container = Container(settings=settings)
    made = [job.name for job in jobs(container)]
    names = set(made)
    await container.shipping_http().aclose()

    assert names >= {"letters", "broadcasts", "reconcile", "resume", "watch orders", "watch wallets"}
    assert ({"sweep", "notices"} <= names) is paid
    assert len(made) == len(names)


@pytest.mark.parametrize(
    ("role", "does"), [("all", True), ("worker", True), ("bot", False), ("admin", False)]
)
async def test_given_a_role_when_started_then_it_does_its_part_and_watches_the_wallets_for_itself(
    role: str, does: bool
) -> None:
    container = Container(settings=sandbox_settings("http://127.0.0.1:1"))
    tasks = start(container, role)
    names = {task.get_name() for task in tasks}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await container.shipping_http().aclose()

    assert ("reconcile" in names) is does
    assert "watch wallets" in names
