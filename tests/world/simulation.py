"""A world: it is made from a seed, lives through its faults, comes to rest, and is judged."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import random
from collections import Counter
from collections.abc import Coroutine, Generator, Sequence
from typing import Any

from attrs import define, field

from builders import usd
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import Policy, RefundRules
from shipping_core.domain.refund import Refund
from virtual_time import VirtualTimeLoop
from world import happenings
from world.carrier import WorldCarrier
from world.checker import Checker
from world.core import Parts
from world.customers import Customer
from world.faults import Faults
from world.gateway import WorldGateway
from world.guards import INSIDE
from world.machine import WorldClock, WorldIds
from world.operators import Operators
from world.pace import Pace
from world.points import CrashPoints, Death, Trace
from world.store import WorldDatabase
from world.story import REST_MINUTES, Story
from world.telegram import Telegram
from world.worker import WORKER, Worker

WATCH_MINUTES = 200
"""A label that appears after an order was given up is found by an hourly look, or by the one after it."""


@define
class World:
    """One life of the shop."""

    seed: int
    story: Story = field(factory=Story)
    parts: Parts = field(factory=Parts)
    deaths: Sequence[Death] = ()
    loop: VirtualTimeLoop = field(init=False)
    trace: Trace = field(init=False)
    points: CrashPoints = field(init=False)
    faults: Faults = field(init=False)
    clock: WorldClock = field(init=False)
    ids: WorldIds = field(init=False)
    policy: Policy = field(init=False)
    database: WorldDatabase = field(init=False)
    carrier: WorldCarrier = field(init=False)
    gateway: WorldGateway = field(init=False)
    telegram: Telegram = field(init=False)
    checker: Checker = field(init=False)
    workers: list[Worker] = field(factory=list, init=False)
    handled: set[int] = field(factory=set, init=False)
    """The numbers of the inputs that were handled to the end."""
    refused: set[int] = field(factory=set, init=False)
    """Of these the ones that asked for what is not there; the door says so, and nothing is stored."""
    crashes: Counter[str] = field(factory=Counter, init=False)
    stumbles: Counter[str] = field(factory=Counter, init=False)
    rng: random.Random = field(init=False)
    _started: int = field(default=0, init=False)
    _troubled_at_s: float = field(default=0.0, init=False)
    _outside: set[asyncio.Task[Any]] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self.loop = VirtualTimeLoop(self.seed)
        self.loop.set_task_factory(_belonging)
        self.rng = random.Random(self.seed)
        self.trace = Trace(self.loop.time)
        self.points = CrashPoints(list(self.deaths))
        self.faults = Faults(random.Random(self.seed + 1), self.story.rates)
        self.clock, self.ids = WorldClock(self.loop, self.trace), WorldIds(self.trace)
        self.policy = self._policy(Mode.TEST)
        self.database = self.parts.database()
        faults, trace = self.faults, self.trace
        self.carrier = self.parts.carrier(
            time_s=self.loop.time,
            rng=self.chance(2),
            order_of=self.order_of,
            now=self.clock.now,
            claimed_at_s=lambda reference: self.checker.claimed_at_s.get(reference),
            faults=faults,
            trace=trace,
        )
        self.carrier.script, self.carrier.voids = list(self.story.fates), list(self.story.voids)
        self.carrier.finds_fail = self.story.finds_fail
        self.carrier.wallet = {
            "ups": usd("1.00" if self.story.wallets_low else "900.00"),
            "usps": usd("900.00"),
        }
        self.gateway = self.parts.gateway(clock=self.clock, rng=self.chance(3), faults=faults, trace=trace)
        self.gateway.openings, self.gateway.notices_lost = (
            list(self.story.openings),
            self.story.notices_lost,
        )
        self.gateway.deliver, self.gateway.spawn = self.notice, self.outside
        self.telegram = self.parts.telegram(rng=self.chance(4), faults=faults, trace=trace)
        self.checker = Checker(self)
        self.database.look, self.telegram.look = self.checker.written, self.checker.shown

    def _policy(self, mode: Mode) -> Policy:
        lasts = dt.timedelta(minutes=20)
        return Policy(
            mode,
            welcome_credit=usd(self.story.welcome),
            invoice_lasts=lasts,
            wallet_floor=usd("20.00"),
            refunds=RefundRules(dt.timedelta(0) if self.story.refunds == "ask" else dt.timedelta(days=5)),
        )

    def chance(self, number: int) -> random.Random:
        """Chance of one's own, so that nobody disturbs another's."""
        return random.Random(self.seed * 16 + number)

    @property
    def pace(self) -> Pace:
        """How fast the background jobs go."""
        return self.story.pace

    @property
    def thinking_s(self) -> float:
        """How long customers think, at most."""
        return self.story.thinking_s

    # What happens.

    def run(self) -> World:
        """Live, come to rest, be judged."""
        try:
            self.loop.run_until_complete(self._life())
        finally:
            self.loop.close()
        return self

    async def _life(self) -> None:
        for _ in range(self.story.workers):
            self._start()
        people = [Customer(self, user, self.chance(100 + n)).live() for n, user in enumerate(self.users, 1)]
        await asyncio.wait([self.outside(work) for work in (*people, *happenings.of(self))])
        self.faults.active = False
        await self._rest(self.story.rest_minutes)
        self.checker.at_rest()
        if self.story.operators and not self.trace.findings and (self.parked() or self.reviews()):
            self.carrier.finds_fail, self.carrier.voids = 0, []
            await self.outside(Operators(self, self.chance(5)).decide())
            await self._rest(REST_MINUTES)
            self.checker.at_rest()
        if not self.trace.findings:
            await happenings.again(self)
        for worker in self.workers:
            worker.die()
        here = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not here]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @property
    def users(self) -> list[UserId]:
        """Every customer."""
        return [UserId(f"user{number + 1}") for number in range(self.story.customers)]

    async def _rest(self, minutes: int) -> None:
        """Let time pass until nothing is under way, at most so long after the last crash was mended."""
        self._troubled_at_s = self.loop.time()
        while self._short_of_workers() or self.loop.time() - self._troubled_at_s < minutes * 60:
            await asyncio.sleep(60)
            if self.checker.quiet():
                break
        for _ in range(WATCH_MINUTES):
            if self.checker.complete():
                return
            await asyncio.sleep(60)

    def _short_of_workers(self) -> bool:
        return len(self.workers) < self.story.workers

    def _start(self) -> None:
        self._started += 1
        worker = Worker(self, f"w{self._started}")
        self.workers.append(worker)
        worker.start()

    def crashed(self, worker: Worker, point: str) -> None:
        """This worker dies here, or is asked to stop; another one is started in its place, later."""
        self.crashes[point] += 1
        self.trace.note(worker.name, f"dies at {point}")
        self.workers.remove(worker)
        worker.leaving = True
        if self.faults.happens(self.faults.rates.stops):
            self.outside(worker.stop())
        else:
            worker.die()
            self.database.crashed()
        self.outside(self._replace())

    async def _replace(self) -> None:
        await asyncio.sleep(self.story.restart_s * (1 + self.rng.random()))
        if self.story.switches_mode:
            self.policy = self._policy(Mode.PRODUCTION)
        self._start()
        self._troubled_at_s = self.loop.time()

    def outside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that belongs to no worker."""
        context = contextvars.copy_context()
        context.run(WORKER.set, None)
        context.run(INSIDE.set, False)
        task = self.loop.create_task(work, context=context)
        self._outside.add(task)
        task.add_done_callback(self._outside.discard)
        return task

    def notice(self, raw: bytes, signature: str) -> None:
        """A notice sets out for one of our doors."""
        self.outside(happenings.to_a_door(self, raw, signature))

    async def any_worker(self) -> Worker:
        """Some process that is alive, as soon as there is one."""
        for _ in range(10_000):
            if self.workers:
                break
            await asyncio.sleep(1)
        return self.rng.choice(self.workers)

    def reruns(self) -> bool:
        """Whether the body of a transaction is run once in vain."""
        return self.faults.happens(self.faults.rates.rerun)

    def stumbled(self, where: str, error: Exception) -> None:
        """Something failed as it may, and will be tried again."""
        self.stumbles[f"{where}: {type(error).__name__}"] += 1

    # What is stored.

    def order_of(self, reference: str) -> Order | None:
        """The stored order of a reference."""
        order_id: OrderId | None = self.database.get("references", reference)
        return None if order_id is None else self.database.get("orders", order_id)

    def orders_of(self, user_id: UserId) -> list[Order]:
        """A user's orders, oldest first."""
        return [self.database.get("orders", i) for i in self.database.get("orders_of", user_id) or ()]

    @property
    def orders(self) -> list[Order]:
        """Every order there is."""
        return list(self.database.scan("orders"))

    @property
    def invoices(self) -> list[Invoice]:
        """Every top-up there is."""
        return list(self.database.scan("invoices"))

    @property
    def refunds(self) -> list[Refund]:
        """Every refund there is."""
        return list(self.database.scan("Refund"))

    def parked(self) -> list[Order]:
        """The orders that wait for an operator."""
        return [order for order in self.orders if order.state is OrderState.PARKED]

    def reviews(self) -> list[tuple[InvoiceId, str, Money | None]]:
        """What waits for an operator, and what lies in suspense for it."""
        return [(i.invoice_id, t, i.suspended.get(t)) for i in self.invoices for t in i.reviews]


def _belonging(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    context: contextvars.Context | None = None,
) -> asyncio.Task[Any]:
    """A task that its worker knows of."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context)
    worker = WORKER.get() if context is None else context.get(WORKER)
    if worker is not None:
        worker.adopt(task)
        if worker.dead:
            task.cancel()
    return task
