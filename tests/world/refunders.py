"""Customers who want their money back, and operators in two tabs who decide about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import Conflict, GatewayError, NotEligible, StoreUnavailable

if TYPE_CHECKING:
    from world.core import Core
    from world.simulation import World

ROUNDS = 60
"""So often somebody looks whether there is something to give back, or to decide."""
Act = Callable[["Core"], Awaitable[object]]


async def gives_back(world: World) -> None:
    """Every label goes back, or is tried to, until nothing is left to say about it."""
    for _ in range(ROUNDS):
        acts = [act for order in world.orders for act in _about(world, order)]
        if not acts and world.orders and not any(order.undecided for order in world.orders):
            return
        await asyncio.gather(*(_through_a_worker(world, act) for act in acts for _ in range(2)))
        await asyncio.sleep(20)


def _about(world: World, order: Order) -> list[Act]:
    """What is to be done about an order now; each is done twice at once."""
    mine = [refund for refund in world.refunds if refund.order_id == order.order_id]
    live = next((refund for refund in mine if refund.live), None)
    if live is not None:
        return [act] if (act := _decision(world, live)) else []
    if mine or order.state is not OrderState.PURCHASED:
        return []
    if world.story.refunds == "cancel":
        return [lambda core: core.cancel_label(order.user_id, order.order_id)]
    return [lambda core: core.requests(order.user_id, order.order_id)]


def _decision(world: World, refund: Refund) -> Act | None:
    refund_id = refund.refund_id
    if refund.state is RefundState.REQUESTED:
        return lambda core: core.decide_refund.approve(refund_id, actor="op", note="sorry")
    if refund.state is not RefundState.VOID_REFUSED:
        return None
    if world.story.kept == "override" or refund.attempts > 3:
        return lambda core: core.decide_refund.override(refund_id, actor="op", reason="kind")
    if world.story.kept == "reject":
        return lambda core: core.decide_refund.reject(refund_id, actor="op", reason="used")
    return lambda core: core.decide_refund.retry(refund_id, actor="op")


async def _through_a_worker(world: World, act: Act) -> None:
    worker = await world.any_worker()

    async def tried() -> None:
        try:
            await act(worker.core)
        except (Conflict, GatewayError, NotEligible, StoreUnavailable) as exc:
            world.stumbled("refunds", exc)

    await asyncio.wait({worker.spawn(tried())})
