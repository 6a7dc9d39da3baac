"""One process of the product: its own use cases, bells and tasks, over the shared store and partners."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from attrs import define, field

from shipping_core.conversation import events as ev
from shipping_core.domain.ids import UserId
from shipping_core.domain.lease import Lease
from shipping_core.errors import Conflict, GatewayError, NotFound, NoticeRefused, StoreUnavailable
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.converse import Input
from world.core import Core, core
from world.guards import INSIDE, Sort
from world.points import Crash
from world.telegram import Update

if TYPE_CHECKING:
    from world.simulation import World

WORKER: contextvars.ContextVar[Worker | None] = contextvars.ContextVar("the process we are in", default=None)
MARGIN_S = 3.0
GRACE_S = 20.0
"""How long a stop waits, as in `shipping_bot.lifecycle`."""
LONGEST_REST_S = 30.0
"""After a failed round, as in `shipping_bot.jobs`."""
EXPECTED = (StoreUnavailable, Conflict, GatewayError)
"""What a round of a background job may fail with; anything else is a fault of the core."""


@define(eq=False)
class Worker:
    """Runs until it dies; then none of its tasks ever acts again."""

    world: World
    name: str
    context: contextvars.Context = field(init=False)
    core: Core = field(init=False)
    dead: bool = field(default=False, init=False)
    leaving: bool = field(default=False, init=False)
    """Whether it was asked to go."""
    awake_at_s: float = field(default=0.0, init=False)
    """Until then the whole process is paused, as by its machine."""
    tasks: dict[asyncio.Task[Any], None] = field(factory=dict, init=False)
    _good_until_s: float = field(default=0.0, init=False)
    """Until then we have the poller's lease for certain."""
    _lanes: dict[UserId, asyncio.Task[None]] = field(factory=dict, init=False)

    def start(self) -> None:
        """Wire the core and begin all its work."""
        self.context = contextvars.copy_context()
        self.context.run(WORKER.set, self)
        self.core = self.context.run(core, self.world, self)
        made, pace, quick = self.core, self.world.pace, True
        self.spawn(self._poll())
        self._job("letters", pace.letters, made.letters, made.letters_bell, busy=quick)
        self._job("notices", pace.notices, made.notices.work_off, made.notices_bell, busy=quick)
        self._job("reconcile", pace.reconcile, made.reconcile)
        self._job("resume", pace.resume, made.resume)
        self._job("watch orders", pace.watch, made.watch_orders)
        self._job("watch refunds", pace.watch_refunds, made.watch_refunds)
        self._job("watch wallets", pace.wallets, made.watch_wallets)
        self._job("sweep", pace.sweep, made.sweep)
        self._job("drive refunds", pace.refunds, made.drive_refunds)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something inside this process."""
        return self.world.loop.create_task(work, context=self.context.copy())

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """This task is ours."""
        self.tasks[task] = None
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[Any]) -> None:
        self.tasks.pop(task, None)
        if not task.cancelled():
            task.exception()

    def die(self) -> None:
        """Nothing of this process acts any more; what it waited for goes on without it."""
        if self.dead:
            return
        self.dead = True
        try:
            here: asyncio.Task[Any] | None = asyncio.current_task()
        except RuntimeError:
            here = None
        for task in list(self.tasks):
            if task is not here:
                task.cancel()

    async def stop(self) -> None:
        """Asked to go: everything is cancelled, and what will not end by then is killed."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.sleep(GRACE_S)
        self.die()

    # The ward: what each call passes.

    def passes(self, point: str) -> None:
        """A crash point; raises Crash where this process dies, or is dead."""
        if self.dead:
            raise Crash(point)
        world = self.world
        if world.checker.dirty:
            world.checker.step()
        world.trace.note(self.name, point)
        if self.leaving:
            return
        if world.points.kills(point) or world.faults.crashes():
            world.crashed(self, point)
            if self.dead:
                raise Crash(point)

    async def before(self, point: str, sort: Sort) -> None:
        self.passes(f"{point}:before")
        faults, loop = self.world.faults, self.world.loop
        if sort is Sort.NETWORK:
            if INSIDE.get():
                self.world.trace.wrong(f"I19 {point} inside a transaction")
            await asyncio.sleep(0)
            if self.awake_at_s > loop.time() and point != "shipping.buy":
                await asyncio.sleep(self.awake_at_s - loop.time())
            return
        await asyncio.sleep(faults.delay_s())
        if self.awake_at_s > loop.time():
            await asyncio.sleep(self.awake_at_s - loop.time())
        faults.away(point)
        if point.startswith("commit"):
            faults.conflict(point)

    async def after(self, point: str, sort: Sort, answer: object) -> None:
        self.passes(f"{point}:after")
        faults, loop = self.world.faults, self.world.loop
        if sort is Sort.STORE:
            if isinstance(answer, list) and (stale_s := faults.staleness_s()):
                await asyncio.sleep(stale_s)
            if not INSIDE.get():
                faults.unsure(point)
        if faults.happens(faults.rates.asleep):
            self.awake_at_s = loop.time() + faults.rng.random() * 20
        if self.awake_at_s > loop.time():
            await asyncio.sleep(self.awake_at_s - loop.time())

    # The work in the background.

    def _job(
        self,
        name: str,
        pause_s: float,
        work: Callable[[], Awaitable[object]],
        bell: Bell | None = None,
        *,
        busy: bool = False,
    ) -> None:
        self.spawn(self._rounds(name, pause_s, work, bell, busy=busy))

    async def _rounds(
        self,
        name: str,
        pause_s: float,
        work: Callable[[], Awaitable[object]],
        bell: Bell | None,
        *,
        busy: bool,
    ) -> None:
        failures = 0
        while True:
            rest_s = min(2.0**failures, LONGEST_REST_S) if failures else pause_s
            await (asyncio.sleep(rest_s) if bell is None else bell.wait(rest_s))
            try:
                while await work() and busy:
                    pass
                failures = 0
            except EXPECTED as exc:
                failures += 1
                self.world.stumbled(name, exc)
            except Exception as exc:  # noqa: BLE001 - a fault of the core, to be seen
                self.world.trace.wrong(f"the {name} job failed: {exc!r}")

    # Telegram and the webhook.

    async def _poll(self) -> None:
        lease: Lease | None = None
        try:
            while True:
                lease = await self._polled(lease)
        finally:
            if lease is not None:
                await self.core.leases.release(lease)

    async def _polled(self, lease: Lease | None) -> Lease | None:
        """A third of a term: with the lease, fetch what comes; without it, wait."""
        loop, telegram = self.world.loop, self.world.telegram
        asked_at, term_s = loop.time(), self.world.pace.term
        try:
            lease = await self.core.leases.take("poller", self.name, term_s=term_s)
            self._good_until_s = asked_at + term_s - MARGIN_S if lease is not None else 0.0
        except StoreUnavailable:
            pass
        renew_at = loop.time() + term_s / 3
        while loop.time() < min(renew_at, self._good_until_s):
            self._fetch()
            await telegram.news(renew_at - loop.time())
        if loop.time() < renew_at:
            await asyncio.sleep(renew_at - loop.time())
        return lease

    def _fetch(self) -> None:
        self.world.telegram.arrived.clear()
        for user_id in self.world.telegram.waiting():
            if user_id not in self._lanes:
                self._lanes[user_id] = self.spawn(self._lane(user_id))

    async def _lane(self, user_id: UserId) -> None:
        telegram = self.world.telegram
        try:
            while (update := telegram.next(user_id)) is not None:
                self.passes("intake.update:before")
                try:
                    await self.handle(update)
                except EXPECTED as exc:
                    self.world.stumbled("intake", exc)
                    await asyncio.sleep(0.5)
                    continue
                self.passes("intake.update:after")
                self.world.handled.add(update.number)
                telegram.acknowledge(update)
                self.passes("intake.acknowledged:after")
        finally:
            self._lanes.pop(user_id, None)

    async def handle(self, update: Update) -> None:
        """One input of a customer, as the Telegram door hands it over."""
        converse, source = self.core.converse, Input(update.number)
        try:
            if isinstance(update.what, str):
                await converse.say(update.user_id, update.what, source)
            elif isinstance(update.what, ev.OrderRepeated):
                await converse.repeat(update.user_id, None, source)
            elif update.command:
                await converse.do(update.user_id, update.what, source)
            else:
                await converse.tap(update.user_id, update.what, update.version, source)
        except NotFound:
            self.world.refused.add(update.number)
        except EXPECTED:
            raise
        except Exception as exc:  # noqa: BLE001 - a fault of the core, to be seen
            self.world.trace.wrong(f"an input failed: {exc!r}")

    async def notice(self, raw: bytes, signature: str) -> bool:
        """The webhook; whether it answered `ok`."""
        try:
            await self.core.notices(raw, signature)
        except NoticeRefused:
            return True
        except StoreUnavailable:
            return False
        self.passes("webhook.ok:before")
        return True
