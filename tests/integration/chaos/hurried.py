"""`shipbot` in a time that others set: `python -m integration.chaos.hurried CLOCK_FILE HURRY PLANT run`.

The program is the real one. Its clock is the real one plus what the file says, so that a bot which is killed
and started again lives on in the same time as before; and what it does in the background it does HURRY times
as often, since the file's time runs that much faster. PLANT is a fault that the tests must see, or `none`.
It loads everything, then waits for a line to come in, so that a spare one can stand ready.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from collections.abc import Sequence

from attrs import evolve
from dependency_injector import providers

from adapters.system.clock import SystemClock
from shipping_bot import jobs
from shipping_bot.cli import main
from shipping_bot.container import Container
from shipping_core.domain.order import Order, OrderState
from shipping_core.use_cases.reconcile_orders import ReconcileOrders

LOADED_LATE = ("adapters.mongo.store", "shipping_bot.lifecycle", "uvloop")
"""What the command loads only when it needs it."""


class CommonClock(SystemClock):
    """The real clock, and as many milliseconds later as a file says."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(milliseconds=int(os.pread(self._file, 32, 0)))


class GivesUpUnasked(ReconcileOrders):
    """Takes a purchase that was never answered for one that never was."""

    async def __call__(self) -> Sequence[Order]:
        unsure = {OrderState.PURCHASING, OrderState.UNKNOWN}
        late = self.clock.now() - dt.timedelta(seconds=60)
        return [
            await self.settle.failed(await self._as_unknown(order), "not_bought")
            for order in await self.orders.in_states(unsure, before=late)
        ]


def hurry(times: float) -> None:
    """Let every job run so many times as often."""
    usual = jobs.jobs

    def hurried(container: Container) -> tuple[jobs.Job, ...]:
        return tuple(evolve(job, pause_s=job.pause_s / times) for job in usual(container))

    jobs.jobs = hurried
    jobs.BUSY_S /= times


def run(clock_file: str, times: str, plant: str, *arguments: str) -> None:
    """Change time and, where asked, one part; then be `shipbot`."""
    hurry(float(times))
    Container.clock.override(providers.Singleton(CommonClock, clock_file))
    if plant == "gives up unasked":
        Container.reconcile.override(
            providers.Singleton(
                GivesUpUnasked,
                orders=Container.orders,
                shipping=Container.shipping,
                settle=Container.settle,
                buy=Container.buy_label,
                notifier=Container.notifier,
                clock=Container.clock,
            )
        )
    for module in LOADED_LATE:
        importlib.import_module(module)
    if sys.stdin.readline():
        main(arguments)


if __name__ == "__main__":
    run(*sys.argv[1:])
