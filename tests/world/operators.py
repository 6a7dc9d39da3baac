"""Operators in two tabs, and a customer with many."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from attrs import define

from adapters.memory.balances import MemoryBalances
from builders import a_quote, minutes, usd
from shipping_core.domain.ids import InvoiceId, OrderId, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.errors import Conflict, GatewayError, InsufficientFunds, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from world.simulation import World
    from world.worker import Worker


@define
class Operators:
    """Two of them decide about the same things at the same time, without knowing of each other."""

    world: World
    rng: random.Random

    async def decide(self) -> None:
        """Every parked order, and everything that waits for review, until nothing does."""
        for _ in range(30):
            parked, reviews = self.world.parked(), self.world.reviews()
            if not parked and not reviews:
                return
            acts = [self._parked(order) for order in parked for _ in range(2)]
            acts += [self._review(*case) for case in reviews for _ in range(2)]
            await asyncio.gather(*acts)
            await asyncio.sleep(30)

    async def _parked(self, order: Order) -> None:
        worker = await self.world.any_worker()
        decide, reason = worker.core.decide_parked, {"actor": "op", "reason": "looked"}
        labels = self.world.carrier.live(order.reference)
        act: Awaitable[object]
        if labels and (self.world.story.adopts or self.rng.random() < 0.5):
            act = decide.adopt(order.order_id, labels[0].label_id, **reason)
        elif labels:
            act = decide.void_and_release(order.order_id, **reason)
        else:
            act = decide.confirm_not_bought(order.order_id, **reason)
        await self._inside(worker, act)

    async def _review(self, invoice_id: InvoiceId, track_id: str, held: Money | None) -> None:
        worker = await self.world.any_worker()
        review, who = worker.core.resolve_review, {"actor": "op", "reason": "looked"}
        act: Awaitable[object]
        if self.rng.random() < 0.5:
            act = review.close(invoice_id, track_id, **who)
        else:
            part = Money(max(1, (held.minor if held else 100) - int(self.rng.random() * 2)))
            act = review.credit(invoice_id, track_id, part, **who)
        await self._inside(worker, act)

    async def _inside(self, worker: Worker, act: Awaitable[object]) -> None:
        async def tried() -> None:
            try:
                await act
            except (Conflict, GatewayError, NotFound, StoreUnavailable) as exc:
                self.world.stumbled("operator", exc)

        await asyncio.wait({worker.spawn(tried())})


async def rivals(world: World) -> None:
    """One customer's orders, all at once, through every worker; there is money for one of them."""
    user_id, now = UserId("rival"), world.clock.now()
    price = usd("7.42")
    await MemoryBalances(world.database).credit(
        user_id, price, key="adjust:test:rival", mode=world.policy.mode, kind=Kind.ADJUSTMENT, at=now
    )
    world.checker.asked_price[user_id] = price

    async def buy(worker: Worker, number: int) -> None:
        quote = a_quote(
            user_id=user_id, created_at=now, expires_at=now + minutes(30), reference=f"t-r{number}"
        )
        with contextlib.suppress(InsufficientFunds, Conflict, GatewayError, StoreUnavailable):
            await worker.core.buy(
                user_id=user_id,
                order_id=OrderId(f"ord_r{number}"),
                quote=quote,
                rate_id=quote.rates[0].rate_id,
            )

    workers = itertools.cycle(world.workers)
    tries = [
        worker.spawn(buy(worker, n)) for n, worker in zip(range(world.story.rivals), workers, strict=False)
    ]
    await asyncio.wait(tries)
