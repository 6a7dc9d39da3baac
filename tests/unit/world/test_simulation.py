"""The simulated world itself: the same from the same seed, and without faults everybody gets a label."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import attrs
import pytest

from shipping_bot import jobs, lifecycle, poller
from shipping_bot.container import Container
from shipping_bot.sandbox import sandbox_settings
from shipping_core.domain.order import OrderState
from virtual_time import VirtualTimeLoop
from world.faults import STORMY
from world.pace import Pace
from world.simulation import World
from world.story import Story
from world.worker import GRACE_S, LONGEST_REST_S, MARGIN_S

STORM = Story(rates=STORMY, customers=4, orders=2)
PRINT_TRACE = """
from world.faults import STORMY
from world.simulation import World
from world.story import Story
print(World(7, Story(rates=STORMY, customers=4, orders=2)).run().trace.digest)
"""


def order_of_a_race(seed: int) -> list[int]:
    """In what order ten tasks that are ready together run."""
    ran: list[int] = []

    async def run(number: int) -> None:
        ran.append(number)

    async def race() -> None:
        await asyncio.gather(*(run(number) for number in range(10)))

    loop = VirtualTimeLoop(seed)
    loop.run_until_complete(race())
    loop.close()
    return ran


def test_given_a_seed_when_tasks_are_ready_together_then_it_chooses_their_order() -> None:
    orders = [order_of_a_race(seed) for seed in (1, 1, 2, 3)]

    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) == 3
    assert all(sorted(order) == list(range(10)) for order in orders)


def test_given_a_day_to_wait_when_nothing_else_is_to_do_then_the_clock_jumps() -> None:
    loop = VirtualTimeLoop()
    before = loop.time()
    loop.run_until_complete(asyncio.sleep(86_400))
    after = loop.time()
    loop.close()

    assert after - before == pytest.approx(86_400)


def test_given_the_same_seed_when_a_world_lives_again_then_every_step_is_the_same() -> None:
    digests = [World(seed, STORM).run().trace.digest for seed in (7, 7, 8)]

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_given_another_process_with_other_hashes_when_it_lives_from_the_seed_then_the_trace_is_the_same() -> (
    None
):
    env = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", PRINT_TRACE], env=env, check=True, capture_output=True, text=True
    )

    assert int(told.stdout) == World(7, STORM).run().trace.digest


async def test_given_the_product_when_its_jobs_are_listed_then_the_world_runs_the_same_at_the_same_pace() -> (
    None
):
    container = Container(settings=sandbox_settings("http://127.0.0.1:1", version="v2"))
    product = {job.name: job.pause_s for job in jobs.jobs(container)}
    await container.shipping_http().aclose()
    names = {
        "wallets": "watch wallets", "watch": "watch orders", "watch_refunds": "watch refunds",
        "refunds": "drive refunds",
    }  # fmt: skip
    pace = {names.get(name, name): pause_s for name, pause_s in attrs.asdict(Pace()).items()}

    assert pace.pop("term") == poller.TERM_S
    assert pace.keys() | OFFICE == product.keys()
    assert pace.items() <= product.items()
    assert (MARGIN_S, LONGEST_REST_S, GRACE_S) == (poller.MARGIN_S, jobs.LONGEST_REST_S, lifecycle.GRACE_S)


OFFICE = {
    "broadcasts", "check ledger", "forget addresses", "remind operators", "remind refunds", "seal audit",
    "settings", "statistics",
}  # fmt: skip
"""What a world does without: it moves neither money nor labels."""


@pytest.mark.parametrize("seed", range(10))
def test_given_every_fault_off_when_customers_order_then_every_order_succeeds(seed: int) -> None:
    world = World(seed, Story(customers=4, orders=4)).run()

    assert world.trace.findings == []
    assert [order.state for order in world.orders] == [OrderState.PURCHASED] * 16
    assert world.stumbles == {}
    assert world.telegram.alarms == []
