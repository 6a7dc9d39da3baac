"""People who only top up: links that are paid and told of in every way and order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shipping_core.domain.ids import InvoiceId, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, GatewayError, StoreUnavailable
from world.gateway import Way

if TYPE_CHECKING:
    from world.simulation import World

TRIES = 20
TRAVEL_S = 300.0
"""No notice is longer on its way."""


async def pays(world: World, number: int) -> None:
    """Open a top-up, pay it in some way, and wait until every notice has come."""
    rng = world.chance(1000 + number)
    await asyncio.sleep(rng.random() * 60)
    user_id, invoice_id = UserId(f"payer{number}"), InvoiceId(f"inv_p{number}")
    amount = Money(100 + rng.randrange(5000))
    for _ in range(TRIES):
        invoice = await _opened(world, user_id, invoice_id, amount)
        if invoice is not None and invoice.link is not None:
            await world.gateway.pays(invoice.link.track_id, rng.choice(tuple(Way)))
            await asyncio.sleep(TRAVEL_S)
            return
        await asyncio.sleep(rng.random() * 60)


async def _opened(world: World, user_id: UserId, invoice_id: InvoiceId, amount: Money) -> Invoice | None:
    worker = await world.any_worker()

    async def tried() -> Invoice | None:
        try:
            return await worker.core.top_up(user_id, invoice_id, amount)
        except (Conflict, GatewayError, StoreUnavailable) as exc:
            world.stumbled("payer", exc)
            return None

    task = worker.spawn(tried())
    await asyncio.wait({task})
    return None if task.cancelled() or task.exception() is not None else task.result()
