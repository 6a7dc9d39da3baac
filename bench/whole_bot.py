"""How many steps of an order the whole bot takes a second, next to bots that only echo, in one run.

    python -m bench.whole_bot [--users 120] [--runs 3] [--json] [--profile]

Many people answer the questions of the step-by-step order. For each message our bot loads the session,
reads the answer, takes the step, saves it and sends the next question; the others send the text back.
All meet the same emulated Bot API and get the same texts. Rounds alternate and medians are printed:
trust the ratios before the absolute figures, since the emulator shares the machine. The last line is
`shipbot replay`: whole orders of 23 operations, with the carrier's calls.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from attrs import asdict, frozen
from bench import sampling
from bench.contenders import BOTS, CONTENDERS, OURS
from bench.emulator import environment
from bench.load import Result, one_round


@frozen
class Orders:
    """Whole orders: operations a second, and what they needed of others."""

    operations_per_s: float
    telegram_calls: float
    carrier_calls: float
    step_p50_ms: float


def measure(users: int, runs: int, only: str = "") -> dict[str, Result]:
    """The median of each bot's rounds."""
    rounds: dict[str, list[Result]] = {one.name: [] for one in CONTENDERS if only in one.name}
    for _ in range(runs):
        for contender in CONTENDERS:
            if contender.name in rounds:
                rounds[contender.name].append(one_round(contender, users))
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: _median(results) for name, results in rounds.items()}


def _median(results: list[Result]) -> Result:
    return Result(
        statistics.median(one.updates_per_s for one in results),
        statistics.median(one.cpu_ms for one in results),
        statistics.median(one.calls for one in results),
    )


def orders(runs: int) -> Orders:
    """The median of several load tests; each checks its labels and its ledger itself.

    Raises:
        subprocess.CalledProcessError: something was bought wrongly.
    """
    command = [str(Path(sys.executable).with_name("shipbot")), "replay", "--json"]
    found = [
        json.loads(subprocess.run(command, env=environment(), check=True, capture_output=True).stdout)
        for _ in range(runs)
    ]
    one = sorted(found, key=lambda figures: figures["wall_s"])[len(found) // 2]
    operations = one["operations"]
    return Orders(
        operations / one["wall_s"],
        one["telegram_calls"] / operations,
        one["carrier_calls"] / operations,
        one["step_p50_ms"],
    )


def table(results: dict[str, Result]) -> str:
    """The results as Markdown, with our bot's ratio to each."""
    ours = results.get(OURS)
    lines = [
        "| bot | updates/s | ours is | CPU ms/update | ours needs | Telegram calls/update |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, one in results.items():
        speed = f"{ours.updates_per_s / one.updates_per_s:.2f}×" if ours else ""
        need = f"{ours.cpu_ms / one.cpu_ms:.2f}×" if ours else ""
        lines.append(
            f"| {name} | {one.updates_per_s:,.0f} | {speed} | {one.cpu_ms:.3f} | {need} | {one.calls:.2f} |"
        )
    return "\n".join(lines)


def profile(users: int) -> str:
    """Where our bot's processor time goes during the same load."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "samples.json"
        command = [sys.executable, str(BOTS / "profiled.py"), str(output)]
        ours = next(one for one in CONTENDERS if one.ours)
        result = one_round(ours, users, command)
        return sampling.report(json.loads(output.read_text()), result.cpu_ms)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=120, choices=range(1, 401), metavar="1-400")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of the names of the bots to run")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true", help="show where our bot's time goes instead")
    options = parser.parse_args()
    if options.profile:
        print(profile(options.users))
        return
    results = measure(options.users, options.runs, options.only)
    whole = orders(options.runs)
    if options.json:
        figures = {name: asdict(one) for name, one in results.items()}
        print(json.dumps({**figures, "orders": asdict(whole)}))
        return
    print(table(results))
    print(
        f"\nWhole orders, 30 people at once: {whole.operations_per_s:,.0f} operations/s "
        f"(median answer {whole.step_p50_ms:.0f} ms), each with {whole.telegram_calls:.2f} calls of Telegram "
        f"and {whole.carrier_calls:.2f} of the carrier"
    )


if __name__ == "__main__":
    main()
