"""The running bot, and a MongoDB that stands still, gives up its office, dies or starts anew under it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import frozen

from integration.cli.processes import (
    STATS,
    Place,
    environment,
    eventually,
    free_port,
    has_label,
    sees,
    shipbot,
)
from integration.journeys.chat import Chat
from integration.journeys.orders import an_order
from integration.mongo.servers import ReplicaSet, replica_set
from shipping_bot.sandbox import sandbox

AWAY_S = 3.0
CUSTOMERS = 8
LEDGER = "/sandbox/shipstation/ledger"
pytestmark = pytest.mark.timeout(180)


@frozen
class Scene:
    """A place and a store that the test may be rough with."""

    place: Place
    store: ReplicaSet
    env: dict[str, str]
    folder: Path


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    with replica_set(tmp_path / "mongod") as store:
        async with sandbox() as running, aiohttp.ClientSession() as http:
            env = environment(running.url, STORE="mongo", MONGO_URL=store.url)
            yield Scene(Place(running.url, http), store, env, tmp_path)


async def stands_still(store: ReplicaSet) -> None:
    """Nobody hears from it, and its connections stay open."""
    [server] = store.servers
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(AWAY_S)
    server.process.send_signal(signal.SIGCONT)


async def steps_down(store: ReplicaSet) -> None:
    """It is no leader for a moment."""
    await asyncio.to_thread(store.step_down)
    await asyncio.to_thread(store.await_health)


async def dies(store: ReplicaSet) -> None:
    """Its machine loses power, and comes back."""
    [server] = store.servers
    server.kill()
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(store.await_health)


@pytest.mark.parametrize("trouble", [stands_still, steps_down, dies])
async def test_given_a_store_in_trouble_when_people_buy_then_no_update_is_lost_and_everybody_gets_a_label(
    scene: Scene, trouble: Callable[[ReplicaSet], Coroutine[Any, Any, None]]
) -> None:
    chats = [Chat(scene.place, 8300 + number) for number in range(CUSTOMERS)]
    names = [f"Rosa Cedar{chr(ord('a') + number)}" for number in range(CUSTOMERS)]
    async with shipbot("run", env=scene.env, cwd=scene.folder) as bot:
        await bot.says("shipbot runs")
        for chat in chats:
            await chat.writes("/start")
        await asyncio.gather(*(sees(chat, "Balance $50.00") for chat in chats))
        away = asyncio.create_task(trouble(scene.store))
        await asyncio.sleep(0.2)
        for chat, name in zip(chats, names, strict=True):
            await chat.writes(an_order(name))
        if not away.done():
            assert (await scene.place.get(STATS))["waiting"] > 0  # what is not stored is not confirmed
        await away
        await asyncio.gather(*(sees(chat, "cheapest") for chat in chats))
        for chat in chats:
            await chat.taps("cheapest")
        await asyncio.gather(*(sees(chat, "Buy for") for chat in chats))
        again = asyncio.create_task(trouble(scene.store))
        for chat in chats:
            await chat.taps("Buy for")
        await again
        words = await asyncio.gather(*(has_label(chat, within_s=60) for chat in chats))
        await eventually(scene.place, STATS, lambda stats: stats["waiting"] == 0)
        ledger = await scene.place.get(LEDGER)
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.ends() == 0, bot.log

        assert [name.casefold() in text for name, text in zip(names, words, strict=True)] == [
            True
        ] * CUSTOMERS
        assert len(ledger["purchases"]) == CUSTOMERS
        assert set(ledger["purchase_posts_by_reference"].values()) == {1}


async def test_given_a_dead_store_when_the_bot_is_asked_for_its_health_then_it_says_so_until_it_is_back(
    scene: Scene,
) -> None:
    port = free_port()
    async with shipbot("run", env={**scene.env, "HTTP_PORT": str(port)}, cwd=scene.folder) as bot:
        await bot.says("shipbot runs")
        health = f"http://127.0.0.1:{port}/health/ready"

        async def answers(status: int) -> None:
            async with asyncio.timeout(40):
                while True:
                    async with scene.place.http.get(health) as answer:
                        if answer.status == status:
                            return
                    await asyncio.sleep(0.1)

        await answers(200)
        scene.store.servers[0].kill()
        await answers(503)
        await asyncio.to_thread(scene.store.servers[0].start)
        await asyncio.to_thread(scene.store.await_health)
        await answers(200)
        assert "Traceback" not in bot.log
