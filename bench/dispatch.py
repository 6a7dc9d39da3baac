"""How many updates a second each bot answers, through the same emulated Bot API, in one run.

    python -m bench.dispatch [--updates 3000] [--runs 3] [--loop uvloop] [--json]

Every bot echoes the same waiting messages: stock python-telegram-bot, aiogram 3 (from its own
virtualenv, see requirements-bench.txt) and python-telegram-bot on our lanes, intake, request and
outlet. The first tenth is warm-up and not counted. Rounds alternate, medians are printed: trust the
ratios before the absolute figures, since the emulator shares the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from attrs import asdict, frozen
from bench.emulator import ROOT, TOKEN, Emulator, cpu_s, environment

BOTS = ROOT / "bench" / "bots"
REFERENCE = ("ptb stock", "aiogram", "aiogram in order")
GIVE_UP_S = 120.0


@frozen
class Contender:
    """One bot: its script, whose interpreter runs it, and its further arguments."""

    name: str
    script: str
    foreign: bool = False
    arguments: tuple[str, ...] = ()


@frozen
class Result:
    """One round: answered updates a second, and the bot's processor time for each in milliseconds."""

    updates_per_s: float
    cpu_ms: float


CONTENDERS = (
    Contender("ptb stock", "ptb_echo.py"),
    Contender("aiogram", "aiogram_echo.py", foreign=True, arguments=("tasks",)),
    Contender("aiogram in order", "aiogram_echo.py", foreign=True, arguments=("in-order",)),
    Contender("ptb on our lanes", "lanes_echo.py"),
)


def one_round(contender: Contender, options: argparse.Namespace) -> Result:
    """Start an emulator full of messages, let one bot answer them all, and measure the last nine tenths.

    Raises:
        TimeoutError: the bot did not answer everything in two minutes.
    """
    python = options.aiogram_python if contender.foreign else sys.executable
    with Emulator() as emulator:
        emulator.fill(options.updates, options.users)
        command = [python, str(BOTS / contender.script), emulator.base_url, TOKEN, options.loop]
        bot = subprocess.Popen([*command, *contender.arguments], env=environment(), stderr=subprocess.DEVNULL)
        try:
            first, began, cpu_began = _await_answers(emulator, bot, options.updates // 10)
            last, ended, cpu_ended = _await_answers(emulator, bot, options.updates)
        finally:
            bot.terminate()
            bot.wait(20)
    done = last - first
    return Result(done / (ended - began), 1e3 * (cpu_ended - cpu_began) / done)


def _await_answers(emulator: Emulator, bot: subprocess.Popen[bytes], wanted: int) -> tuple[int, float, float]:
    deadline = time.perf_counter() + GIVE_UP_S
    while (now := time.perf_counter()) < deadline:
        answered = emulator.calls("sendMessage")
        if answered >= wanted:
            return answered, now, cpu_s(bot.pid)
        if bot.poll() is not None:
            raise RuntimeError(f"the bot ended by itself with {bot.returncode}")
        time.sleep(0.02)
    raise TimeoutError(f"{emulator.calls('sendMessage')} of {wanted} updates answered")


def measure(options: argparse.Namespace) -> dict[str, Result]:
    """The median of each contender's rounds."""
    chosen = [contender for contender in CONTENDERS if options.only in contender.name]
    rounds: dict[str, list[Result]] = {contender.name: [] for contender in chosen}
    for _ in range(options.runs):
        for contender in chosen:
            rounds[contender.name].append(one_round(contender, options))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        name: Result(
            statistics.median(one.updates_per_s for one in results),
            statistics.median(one.cpu_ms for one in results),
        )
        for name, results in rounds.items()
    }


def table(results: dict[str, Result]) -> str:
    """The results for people, with ratios to the reference bots."""
    known = [name for name in REFERENCE if name in results]
    head = f"{'bot':20}{'updates/s':>11}{'CPU ms/update':>15}" + "".join(
        f"{'× ' + name:>20}" for name in known
    )
    lines = [head]
    for name, result in results.items():
        ratios = (result.updates_per_s / results[other].updates_per_s for other in known)
        figures = f"{name:20}{result.updates_per_s:>11,.0f}{result.cpu_ms:>15.3f}"
        lines.append(figures + "".join(f"{ratio:>20.2f}" for ratio in ratios))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--loop", choices=("uvloop", "asyncio"), default="uvloop")
    parser.add_argument("--only", default="", help="a part of the names of the bots to run")
    parser.add_argument("--aiogram-python", type=Path, default=ROOT / ".venv-bench" / "bin" / "python")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = measure(options)
    print(
        json.dumps({name: asdict(one) for name, one in results.items()}) if options.json else table(results)
    )


if __name__ == "__main__":
    main()
