"""The load test with bots that are processes of their own, one of which may be killed half way."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from attrs import evolve

from adapters.mongo.embedded import embedded_server
from adapters.mongo.errors import StoreRefused
from adapters.mongo.store import Store, open_store
from shipping_bot.lifecycle import StartError
from shipping_bot.replay.customer import Lost
from shipping_bot.replay.fleet import Fleet, fleet
from shipping_bot.replay.judge import Evidence, Seen, judge
from shipping_bot.replay.people import Plan, plan
from shipping_bot.replay.persistent import Persistent
from shipping_bot.replay.report import Outcome
from shipping_bot.sandbox import sandbox, sandbox_settings
from shipping_core.domain.ids import UserId

OPERATIONS = {"steps": 23, "paste": 3}
WITHIN_S = 300.0
"""How long a customer insists on one label."""
REST_WITHIN_S = 10.0
LOOK_EVERY_S = 0.02
BOT = "/sandbox/telegram/bots/default"


async def replay_by_processes(
    *, users: int, path: str, version: str, processes: int, kill_half_way: bool
) -> Outcome:
    """Let `users` customers buy a label each of bots that share a MongoDB, and judge what came out.

    Raises:
        StartError: the sandbox, MongoDB or a bot does not come up.
    """
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="replay-")))
        try:
            mongo_url = await stack.enter_async_context(embedded_server(folder))
            running = await stack.enter_async_context(sandbox())
            settings = sandbox_settings(running.url, version=version, mongo_url=mongo_url, log_level="info")
            settings = evolve(settings, log=evolve(settings.log, format="json"))
            store = await stack.enter_async_context(open_store(mongo_url, settings.mongo.database))
        except StoreRefused as exc:
            raise StartError(f"the store cannot be used: {exc}") from None
        bots = await stack.enter_async_context(fleet(settings, processes))
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120)
            )
        )
        people = [(Persistent(http, running.url + BOT, plan(n).user), plan(n)) for n in range(users)]
        begun = time.perf_counter()
        killing = asyncio.create_task(_kill_half_way(bots, people, path)) if kill_half_way else None
        ended = await asyncio.gather(*(_one(person, wanted, path) for person, wanted in people))
        wall_s = time.perf_counter() - begun
        if killing is not None:
            await killing
        await _rest(http, running.url, store)
        evidence = await _evidence(http, running.url, store, people, [lost for lost, _ in ended], bots)
        calls = await _get(http, f"{running.url}{BOT}/stats")
        return Outcome(
            users=users,
            evidence=evidence,
            violations=tuple(judge(evidence)),
            wall_s=wall_s,
            steps_s=tuple(s for person, _ in people for s in person.steps_s),
            orders_s=tuple(s for _, s in ended),
            telegram_calls=sum(calls["calls"].values()),
            carrier_calls=sum(evidence.carrier["calls"].values()),
            processes=processes,
            takeover_s=bots.takeover_s,
            repeated=sum(person.repeated for person, _ in people),
        )


async def _kill_half_way(bots: Fleet, people: Sequence[tuple[Persistent, Plan]], path: str) -> None:
    half = len(people) * OPERATIONS[path] / 2

    async def reached() -> bool:
        return sum(len(person.steps_s) for person, _ in people) >= half

    await _until(reached)
    await bots.kill_poller()


async def _until(reached: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await reached():
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _one(person: Persistent, wanted: Plan, path: str) -> tuple[str, float]:
    begun = time.perf_counter()
    lost = ""
    try:
        await person.buy(wanted, path, WITHIN_S)
    except (Lost, aiohttp.ClientError) as exc:
        lost = str(exc) or type(exc).__name__
    return lost, time.perf_counter() - begun


async def _rest(http: aiohttp.ClientSession, url: str, store: Store) -> None:
    """Wait until nothing is on its way; what a dead process has in hand is waited for by others, later."""

    async def quiet() -> bool:
        return not (await _get(http, f"{url}{BOT}/stats"))["waiting"] and not await store.outbox.waiting()

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_until(quiet), REST_WITHIN_S)


async def _get(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with http.get(url) as answer:
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found


async def _evidence(
    http: aiohttp.ClientSession,
    url: str,
    store: Store,
    people: Sequence[tuple[Persistent, Plan]],
    lost: Sequence[str],
    bots: Fleet,
) -> Evidence:
    seen = []
    for (person, wanted), why in zip(people, lost, strict=True):
        chat = await _get(http, f"{url}{BOT}/users/{person.user}/chat")
        texts = tuple(m.get("text") or m.get("caption") or "" for m in chat["messages"])
        files = tuple(dict.fromkeys(person.files.values()))  # the same file may come twice
        seen.append(Seen(wanted, files, texts, why))
    mode = sandbox_settings(url).mode
    users = [UserId(str(person.user)) for person, _ in people]
    return Evidence(
        seen=seen,
        journal=await store.balances.journal(),
        balances={(mode, user): await store.balances.balance(user, mode) for user in users},
        carrier=await _get(http, f"{url}/sandbox/shipstation/ledger"),
        errors=[text for bot in bots.bots for text in bot.errors],
        conflicts=sum(bot.conflicts for bot in bots.bots),
    )
