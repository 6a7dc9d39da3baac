"""The 23-step order with its state in MongoDB: our whole bot, and the same on aiogram 3's FSM, in one run.

    python -m bench.stateful [--users 60] [--runs 3] [--json] [--profile [answers|orders]]

Two loads, alternating between the bots, on one mongod and through the same emulated Bot API; medians.
`answers`: everybody's answers to 17 questions wait while the bot stands still, then it works them off;
nothing else needs the machine meanwhile. aiogram has to be told to take one update of a user at a time, or
it mixes such answers up. `orders`: the same customers for both go through all 23 steps, each waiting for
every answer; aiogram as it comes. Both ask the carrier for prices and buy a label. Ours also checks both
addresses, holds and captures money in transactions, keeps the order and the file; aiogram's does not.
MongoDB's commands are counted by a listener in each bot, Telegram's calls by the emulator; ours include what
goes on in the background.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from attrs import asdict, frozen
from bench import sampling
from bench.contenders import AIOGRAM_PYTHON, BOTS, asleep, production
from bench.emulator import BOT, TOKEN, Emulator, cpu_s
from bench.load import STEPS, answers

from adapters.mongo.embedded import embedded_server
from shipping_bot.replay.customer import PATHS, Customer
from shipping_bot.replay.people import plan

OPERATIONS = 23
OURS = "the whole bot"
AIOGRAM = "aiogram FSM"
LOADS = ("answers", "orders")
GIVE_UP_S, LOOK_EVERY_S = 120.0, 0.02


@frozen
class Result:
    """One round, for each step of it."""

    steps_per_s: float
    cpu_ms: float
    mongo_trips: float
    telegram_calls: float
    commands: dict[str, float]


@frozen
class Bot:
    """A running bot."""

    process: subprocess.Popen[bytes]
    counts: Path

    def commands(self) -> dict[str, int]:
        """How often it has sent each command to MongoDB."""
        self.counts.unlink(missing_ok=True)
        os.kill(self.process.pid, signal.SIGUSR1)
        _until(self.counts.exists, self)
        return dict(json.loads(self.counts.read_text()))


@contextlib.contextmanager
def running(name: str, load: str, base_url: str, mongo_url: str, samples: str = "") -> Iterator[Bot]:
    """One of the bots on a database of its own."""
    database = f"bench_{time.monotonic_ns()}"
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        env = production(base_url) | {
            "STORE": "mongo",
            "MONGO_URL": mongo_url,
            "MONGO_DATABASE": database,
            "SHIPPER_PHONE": "+14155550100",
            "WELCOME_CREDIT": "50.00",
        }
        script, *arguments = [str(BOTS / "our_orders.py"), str(counts), *([samples] if samples else [])]
        python = sys.executable
        if name == AIOGRAM:
            how = "isolated" if load == "answers" else "default"
            python, script = str(AIOGRAM_PYTHON), str(BOTS / "aiogram_orders.py")
            arguments = [base_url, TOKEN, mongo_url, database, str(counts), how]
        command = [python, script, *arguments]
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield Bot(process, counts)
        finally:
            process.terminate()
            process.wait(60)


def one_round(name: str, load: str, users: int, mongo_url: str, samples: str = "") -> Result:
    """Let one bot carry one load.

    Raises:
        TimeoutError: it did not answer everything in time.
        AssertionError: it did not bring everybody to the end.
    """
    with Emulator("all") as emulator, running(name, load, emulator.base_url, mongo_url, samples) as bot:
        _until(lambda: emulator.calls("getUpdates") > 0, bot)
        carry = _answers if load == "answers" else _orders
        return carry(emulator, bot, users)


def _answers(emulator: Emulator, bot: Bot, users: int) -> Result:
    people = [plan(number).user for number in range(users)]
    emulator.write((user, "/start") for user in people)
    _until(lambda: emulator.calls("sendMessage") >= users, bot)
    emulator.tap(people, "m:steps")
    _until(lambda: emulator.calls("editMessageText") >= users, bot)
    before = bot.commands()
    with asleep(bot.process):
        emulator.write(answers(users))
        calls_before, sent_before = sum(emulator.all_calls().values()), emulator.calls("sendMessage")
        cpu_before, begun = cpu_s(bot.process.pid), time.perf_counter()
    _until(lambda: emulator.calls("sendMessage") - sent_before >= users * STEPS, bot)
    wall_s = time.perf_counter() - begun
    result = _result(emulator, bot, users * STEPS, wall_s, before, calls_before, cpu_before)
    astray = [text for text in emulator.last_texts(people).values() if "Step 18 of 18" not in text]
    assert not astray, f"{len(astray)} people are not at the last question: {astray[0]!r}"
    return result


def _orders(emulator: Emulator, bot: Bot, users: int) -> Result:
    os.kill(bot.process.pid, signal.SIGCONT)  # has a sampler begin
    before, calls_before = bot.commands(), sum(emulator.all_calls().values())
    cpu_before, begun = cpu_s(bot.process.pid), time.perf_counter()
    asyncio.run(_everybody_buys(emulator.base_url + BOT, users))
    wall_s = time.perf_counter() - begun
    return _result(emulator, bot, users * OPERATIONS, wall_s, before, calls_before, cpu_before)


async def _everybody_buys(base: str, users: int) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        customers = [Customer(http, base, plan(number)) for number in range(users)]
        await asyncio.gather(*(PATHS["steps"](customer, 0.0) for customer in customers))
    good = [customer.pdfs[0].startswith(b"%PDF") for customer in customers if len(customer.pdfs) == 1]
    assert good == [True] * users, "somebody got no label"


def _result(
    emulator: Emulator,
    bot: Bot,
    steps: int,
    wall_s: float,
    before: dict[str, int],
    calls_before: int,
    cpu_before: float,
) -> Result:
    cpu = cpu_s(bot.process.pid) - cpu_before
    commands = {name: (count - before.get(name, 0)) / steps for name, count in bot.commands().items()}
    calls = sum(emulator.all_calls().values()) - calls_before
    return Result(
        steps / wall_s,
        1e3 * cpu / steps,
        sum(commands.values()),
        calls / steps,
        {name: round(count, 3) for name, count in commands.items() if count},
    )


def _until(reached: Callable[[], bool], bot: Bot) -> None:
    deadline = time.perf_counter() + GIVE_UP_S
    while not reached():
        if bot.process.poll() is not None:
            raise RuntimeError(f"the bot ended by itself with {bot.process.returncode}")
        if time.perf_counter() > deadline:
            raise TimeoutError("the bot did not answer in time")
        time.sleep(LOOK_EVERY_S)


@contextlib.contextmanager
def mongod() -> Iterator[str]:
    """One server for all rounds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        url = runner.run(stack.enter_async_context(embedded_server(Path(folder))))
        try:
            yield url
        finally:
            runner.run(stack.aclose())


def measure(users: int, runs: int) -> dict[str, dict[str, Result]]:
    """The median of each bot's rounds, by load."""
    rounds: dict[str, dict[str, list[Result]]] = {load: {OURS: [], AIOGRAM: []} for load in LOADS}
    with mongod() as url:
        for _ in range(runs):
            for load in LOADS:
                for name in (OURS, AIOGRAM):
                    rounds[load][name].append(one_round(name, load, users, url))
                    print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {load: {name: _median(found) for name, found in by.items()} for load, by in rounds.items()}


def _median(rounds: list[Result]) -> Result:
    def of(figure: Callable[[Result], float]) -> float:
        return statistics.median(figure(one) for one in rounds)

    return Result(
        of(lambda one: one.steps_per_s),
        of(lambda one: one.cpu_ms),
        of(lambda one: one.mongo_trips),
        of(lambda one: one.telegram_calls),
        rounds[-1].commands,
    )


def table(found: dict[str, dict[str, Result]]) -> str:
    """The results as Markdown."""
    lines = [
        "| load | bot | steps/s | ours is | CPU ms/step | MongoDB trips/step | Telegram calls/step |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for load, by in found.items():
        for name, one in by.items():
            ratio = by[OURS].steps_per_s / one.steps_per_s
            lines.append(
                f"| {load} | {name} | {one.steps_per_s:,.0f} | {ratio:.2f}× | {one.cpu_ms:.3f} "
                f"| {one.mongo_trips:.2f} | {one.telegram_calls:.2f} |"
            )
    return "\n".join(lines)


def profile(users: int, load: str) -> str:
    """Where our bot's processor time goes under a load."""
    with tempfile.TemporaryDirectory() as folder, mongod() as url:
        samples = Path(folder) / "samples.json"
        result = one_round(OURS, load, users, url, str(samples))
        return sampling.report(json.loads(samples.read_text()), result.cpu_ms)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=60, choices=range(1, 401), metavar="1-400")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--profile",
        choices=LOADS,
        nargs="?",
        const=LOADS[0],
        help="show where our bot's time goes under this load instead; left out: answers",
    )
    options = parser.parse_args()
    if options.profile:
        print(profile(options.users, options.profile))
        return
    found = measure(options.users, options.runs)
    if options.json:
        figures: dict[str, Any] = {
            load: {name: asdict(one) for name, one in by.items()} for load, by in found.items()
        }
        print(json.dumps(figures))
        return
    print(table(found))
    for load, by in found.items():
        for name, one in by.items():
            print(f"\n{load}, {name}: {', '.join(f'{n} {c:.2f}' for n, c in sorted(one.commands.items()))}")


if __name__ == "__main__":
    main()
