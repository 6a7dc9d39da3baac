"""What befalls a world beside its customers: the clock, blocked chats, strangers, notices, repetition."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from shipping_core.conversation import events as ev
from shipping_core.domain.money import Money
from shipping_core.ports.payments import LinkRequest
from world.gateway import Way
from world.operators import rivals
from world.payers import pays
from world.refunders import gives_back
from world.resting import digest

if TYPE_CHECKING:
    from world.simulation import World

ALL_JOBS_S = 65.0
"""By then every frequent job of a worker has had its round."""


def of(world: World) -> Iterator[Coroutine[Any, Any, None]]:
    """What the story has in store."""
    if world.story.set_back_at_s:
        yield _set_back(world)
    yield from (pays(world, number) for number in range(world.story.payers))
    if world.story.rivals:
        yield rivals(world)
    if world.story.strangers_pay:
        yield _stranger(world)
    if world.story.refunds:
        yield gives_back(world)
    if world.story.blocked:
        yield _blocking(world)


async def _set_back(world: World) -> None:
    await asyncio.sleep(world.story.set_back_at_s)
    world.clock.set_back = dt.timedelta(hours=1)


async def _blocking(world: World) -> None:
    for _ in range(10_000):
        if world.database.documents("orders"):
            break
        await asyncio.sleep(0.2)
    world.telegram.blocked.update(world.users)
    await asyncio.sleep(400)
    world.telegram.blocked.clear()
    for user in world.users:
        world.telegram.send(user, ev.Started(), command=True)


async def _stranger(world: World) -> None:
    request = LinkRequest("inv_nobody", Money(777), world.policy.mode, dt.timedelta(minutes=20))
    link = world.gateway._make(request)
    world.gateway.pays(link.track_id, Way.FULL)


async def to_a_door(world: World, raw: bytes, signature: str) -> None:
    """The gateway tries five times, further and further apart."""
    for attempt in range(5):
        worker = await world.any_worker()
        task = worker.spawn(worker.notice(raw, signature))
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None and task.result():
            return
        await asyncio.sleep(30 * 3**attempt)


async def again(world: World) -> None:
    """Every input once more; nothing may come of it."""
    world.points.planned.clear()
    world.loop.watch_steps(None)
    before = world.checker.essence()
    worker = await world.any_worker()
    for user_id in world.users:
        mine = [u for u in world.telegram.history if u.user_id == user_id and u.number not in world.refused]
        for update in mine[-20:]:
            await asyncio.wait({worker.spawn(worker.handle(update))})
    kept = world.database.documents("notices")
    for raw, signature in [(r, s) for r, s in world.gateway.sent if digest(r) in kept]:
        await asyncio.wait({worker.spawn(worker.notice(raw, signature))})
    await asyncio.sleep(ALL_JOBS_S)
    if world.checker.essence() != before:
        world.trace.wrong("I11 an input that came again has changed something")
    world.checker.at_rest()
