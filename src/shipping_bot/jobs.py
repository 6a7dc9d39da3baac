"""What goes on in the background: use cases on timers. The work itself is stored, so any number may run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from attrs import evolve, field, frozen

from shipping_bot.container import Container
from shipping_core.domain.alert import AlertKind
from shipping_core.errors import StoreUnavailable
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.raise_alert import RaiseAlert

log = logging.getLogger(__name__)

LONGEST_REST_S = 30.0
WORKS = {"all", "worker"}
"""Roles that do what goes on in the background."""


@frozen
class Job:
    """Work for every `pause_s`, or when its bell rings; a busy one goes on while it says there was some."""

    name: str
    pause_s: float
    work: Callable[[], Awaitable[object]]
    bell: Bell = field(factory=Bell)
    everywhere: bool = False
    """Whether every process needs it for itself, whatever its role."""
    longest_rest_s: float = LONGEST_REST_S
    """How long it rests at most after rounds that failed."""
    alert: RaiseAlert | None = None
    """Tells the operators of a failed round."""

    async def run(self) -> None:
        """Until cancelled; a failed round is logged and costs a longer pause."""
        failures = 0
        while True:
            rest_s = min(2.0**failures, self.longest_rest_s) if failures else self.pause_s
            await self.bell.wait(rest_s)
            try:
                while self.pause_s <= BUSY_S and await self.work():
                    pass
                if self.pause_s > BUSY_S:
                    await self.work()
                failures = 0
            except StoreUnavailable:
                failures += 1
                log.warning("%s: the store does not answer; the next round follows", self.name)
            except Exception as exc:
                failures += 1
                log.exception("%s: a round failed; the next one follows", self.name)
                if self.alert is not None:
                    what = f"{type(exc).__qualname__} in the job {self.name}"
                    await self.alert(AlertKind.ERROR, what, what)


BUSY_S = 5.0
"""Jobs with a pause up to this empty a queue; they go on until it is empty."""


def jobs(container: Container) -> tuple[Job, ...]:
    """Everything that runs in the background."""
    found = [
        Job("letters", 1.0, container.letters(), container.letters_bell()),
        Job("broadcasts", 2.0, container.send_broadcasts(), container.broadcasts_bell()),
        Job("drive refunds", 30.0, container.drive_refunds()),
        Job("remind refunds", 600.0, container.remind_refunds()),
        Job("reconcile", 30.0, container.reconcile(), container.carrier_bell()),
        Job("resume", 60.0, container.resume()),
        Job("watch orders", 300.0, container.watch_orders()),
        Job("watch refunds", 300.0, container.watch_refunds()),
        Job("forget addresses", 600.0, container.forget()),
        Job("settings", 1.0, container.policy(), everywhere=True, longest_rest_s=1.0),
        Job("statistics", 60.0, container.refresh_statistics()),
        Job("check ledger", 3600.0, container.check_ledger().in_turn),
        Job("seal audit", 600.0, container.seal_audit()),
        Job("remind operators", 3600.0, container.remind_operators()),
        Job("watch wallets", 60.0, container.watch_wallets(), everywhere=True),
    ]
    if container.payments() is not None:
        found += [
            Job("notices", 5.0, container.notices().work_off, container.notices_bell()),
            Job("sweep", 15.0, container.sweep()),
        ]
    return tuple(evolve(job, alert=container.alert()) for job in found)


def start(container: Container, role: str) -> list[asyncio.Task[None]]:
    """A task for each that this role does."""
    mine = [job for job in jobs(container) if job.everywhere or role in WORKS]
    return [asyncio.create_task(job.run(), name=job.name) for job in mine]
