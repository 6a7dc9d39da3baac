"""A bot that is killed with -9 at random instants, and customers who do not give up.

`TORTURE_KILLS=200` makes it long (`make torture`); `TORTURE_SEED` repeats the instants, as far as a machine
with other work allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from integration.chaos.storm import Skies, skies, watched
from integration.chaos.verdict import Bought, Verdict, judged
from integration.mongo.servers import ReplicaSet
from shipping_bot.replay.customer import Lost
from shipping_bot.replay.people import Plan, plan
from shipping_bot.replay.persistent import Pays, Persistent

KILLS = int(os.environ.get("TORTURE_KILLS", "10"))
SEED = int(os.environ.get("TORTURE_SEED", "0")) or random.randrange(1, 10**6)
CUSTOMERS = 40 if KILLS > 50 else 16
CONTROLS = 5
"""A storm in which no kill hits a purchase shows nothing, so it is raised again."""
LONG_S = 60.0 + 10 * KILLS
pytestmark = pytest.mark.timeout(LONG_S + 300)


def payer(place: Skies) -> Pays:
    """Goes through with a payment on the pay page; now and then its webhook is lost."""
    dice = random.Random(SEED)

    async def pays(link: str) -> None:
        track = re.split(r"[/?]", link.partition("/pay/")[2])[0]
        await place.place.post(f"/sandbox/oxapay/invoices/{track}/pay", {"lose_webhook": dice.random() < 0.3})

    return pays


async def shopping(place: Skies, number: int, over: asyncio.Event) -> Bought:
    """One customer buys one label after the other, by both ways in turn, until it is over."""
    plans = iter([*range(10 * number, 400), *range(10 * number)])
    user = 30_000 + number
    person = Persistent(place.place.http, place.bot_url, user, payer(place), patience_s=1.5)
    wanted: list[Plan] = []
    lost: list[str] = []
    for path in itertools.cycle(("paste", "steps") if number % 2 else ("steps", "paste")):
        next_plan = next(plans, None)
        if over.is_set() or next_plan is None:
            break
        wanted.append(evolve(plan(next_plan), user=user))
        try:
            await person.buy(wanted[-1], path, LONG_S)
        except Lost as why:
            lost.append(f"user {user}: {why}")
            break
    return Bought(person, wanted, lost)


async def storm(
    mongo: ReplicaSet,
    folder: Path,
    *,
    kills: int,
    plant: str = "none",
    customers: int = CUSTOMERS,
    **env: str,
) -> Verdict:
    """Kill the bot so often while people buy; then let everything come to rest, and judge it."""
    dice = random.Random(SEED)
    begun = time.monotonic()
    async with skies(mongo.url, folder, plant=plant, **env) as place, watched(place) as store:
        slow = {"operation": "buy_label", "fault": "delay", "delay_s": 0.3, "count": None}
        await place.place.post("/sandbox/faults/shipstation", slow)
        bot = await place.start()
        await place.ready(bot)
        over = asyncio.Event()
        shoppers = [asyncio.create_task(shopping(place, number, over)) for number in range(customers)]
        await asyncio.sleep(0.5)
        await place.kill(bot)
        bot = await place.blow(kills - 1, dice)
        over.set()
        bought = await asyncio.gather(*shoppers)
        await place.calm_down(store)
        bot.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bot.wait(), 30)
        assert bot.returncode == 0, place.log()[-3000:]
        verdict = await judged(place, store, bought)
        figures = {
            "seed": SEED,
            **verdict.figures,
            "wall_s": round(time.monotonic() - begun, 1),
            "start_s": round(sorted(place.starts_s)[len(place.starts_s) // 2], 2),
        }
    print(json.dumps(figures))
    return evolve(verdict, figures=figures)


def recorded(verdict: Verdict, record_property: Callable[[str, object], None]) -> None:
    """One line a figure, at the end of the run."""
    for name in ("kills", "interrupted_purchases", "labels_sold", "captures", "payments", "violations"):
        record_property("figure", (f"killed bots: {name.replace('_', ' ')}", verdict.figures[name]))


async def test_given_a_bot_killed_again_and_again_when_calm_comes_then_everybody_has_the_label_paid_for(
    mongo: ReplicaSet, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    verdict = await storm(mongo, tmp_path, kills=KILLS, WELCOME_CREDIT="5000.00")
    recorded(verdict, record_property)

    assert verdict.violations == [], verdict.figures
    assert verdict.figures["kills"] == KILLS
    assert verdict.figures["labels_sold"] >= CUSTOMERS


async def test_given_a_bot_killed_while_people_pay_when_calm_comes_then_each_payment_is_credited_once(
    mongo: ReplicaSet, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    verdict = await storm(mongo, tmp_path, kills=KILLS, WELCOME_CREDIT="0.00")
    recorded(verdict, record_property)

    assert verdict.violations == [], verdict.figures
    assert verdict.figures["payments"] >= CUSTOMERS
    assert verdict.figures["labels_sold"] >= CUSTOMERS


async def test_given_a_bot_that_gives_up_unasked_when_killed_then_the_storm_shows_it(
    mongo: ReplicaSet, tmp_path: Path
) -> None:
    for number in range(CONTROLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        verdict = await storm(
            mongo,
            folder,
            kills=5,
            plant="gives up unasked",
            customers=12,
            WELCOME_CREDIT="5000.00",
        )
        if any("a label nobody has" in text for text in verdict.violations):
            return
    pytest.fail(f"{verdict}: no label was lost in {CONTROLS} storms")
