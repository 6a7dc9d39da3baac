"""`python -m world.torture`: as many faulted orders as are wanted, in worlds of some ninety each.

Prints one line per figure, and ends with 1 where any rule was broken. Any world can be looked at again by
its seed: `python -m world.torture --seed 17`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import define, evolve, field

from shipping_core.domain.letter import LetterState
from shipping_core.domain.order import OrderState
from world.faults import STORMY
from world.pace import Pace
from world.simulation import World
from world.story import Story

warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # what a crash cut off before it began

CI_ORDERS = 10_000
NIGHTLY_ORDERS = 1_000_000
MANY = Story(rates=STORMY, customers=30, orders=3, welcome="45.00")
STORIES = (
    MANY,
    evolve(MANY, nosy=True, bold=True, workers=3),
    evolve(MANY, set_back_at_s=60.0, rest_minutes=95),
    evolve(MANY, customers=20, orders=2, welcome="0.00"),
    evolve(MANY, pace=Pace()),
    evolve(MANY, strangers_pay=True, restart_s=120.0),
    evolve(MANY, blocked=True, rivals=6),
    evolve(MANY, refunds="ask"),
    evolve(MANY, refunds="cancel", kept="retry", workers=3),
    evolve(MANY, switches_mode=True, customers=10, orders=4, welcome="30.00"),
)
"""The seed says which of them."""
FINDINGS = {
    "lost or wrong cents": ("I1 ", "I2 ", "I3 ", "I6 ", "I7 ", "I8 ", "I13 "),
    "second purchases": ("I4 ",),
    "labels unaccounted for": ("I5 ",),
    "stuck": ("I10 ",),
}
"""Which figure a finding counts to; all others count as `other findings`."""


@define
class Figures:
    """What was lived through, and what was found."""

    counts: Counter[str] = field(factory=Counter)
    findings: list[str] = field(factory=list)

    def add(self, world: World) -> None:
        """One more world."""
        orders = world.orders
        letters = Counter(row.state for row in world.database.scan("letters"))
        fates = world.carrier.fates.values()
        self.counts.update(
            {
                "worlds": 1,
                "orders": len(orders),
                "labels sold": sum(order.label is not None for order in orders),
                "labels given back": sum(order.state is OrderState.VOIDED for order in orders),
                "purchases that met an accident": sum(fate.name != "BOUGHT" for fate in fates),
                "labels that appeared after the end": sum(order.stray is not None for order in orders),
                "top-ups": len(world.invoices),
                "transfers": len(world.database.documents("transfers")),
                "letters delivered": letters[LetterState.SENT],
                "crashes": sum(world.crashes.values()),
                "failed rounds and inputs": sum(world.stumbles.values()),
                "steps": world.trace.length,
            }
        )
        for name in (*FINDINGS, "other findings"):
            self.counts[name] += 0
        for finding in world.trace.findings:
            said = finding.partition(" s: ")[2]
            names = [name for name, starts in FINDINGS.items() if said.startswith(starts)]
            self.counts[names[0] if names else "other findings"] += 1
            self.findings.append(f"seed {world.seed}: {finding}")

    def join(self, other: Figures) -> None:
        """Add up."""
        self.counts.update(other.counts)
        self.findings += other.findings


def a_world(seed: int) -> World:
    """The world of this seed, lived."""
    return World(seed, STORIES[seed % len(STORIES)]).run()


def until(orders: int, seeds: Iterable[int]) -> Figures:
    """Worlds from these seeds, until there were so many orders."""
    figures = Figures()
    for seed in seeds:
        figures.add(a_world(seed))
        if figures.counts["orders"] >= orders:
            break
    return figures


def _chunk(start: int) -> Figures:
    return until(500, iter(range(start, start + 1000)))


def _all(orders: int, processes: int) -> Iterator[Figures]:
    done = 0
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=50) as pool:
        for figures in pool.imap_unordered(_chunk, range(0, 10**9, 1000)):
            yield figures
            done += figures.counts["orders"]
            if done >= orders:
                pool.terminate()
                return


def main() -> int:
    """Run, print, and say by the exit code whether everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    wanted = int(os.environ.get("WORLD_ORDERS", NIGHTLY_ORDERS))
    parser.add_argument("--orders", type=int, default=wanted)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, help="live this one world, and print its end")
    asked = parser.parse_args()
    figures, began = Figures(), time.perf_counter()
    if asked.seed is not None:
        world = a_world(asked.seed)
        figures.add(world)
        print(*world.trace.tail(), sep="\n")
    else:
        for some in _all(asked.orders, asked.processes):
            figures.join(some)
            for finding in some.findings:
                print(finding, flush=True)
    took = time.perf_counter() - began
    for name, count in figures.counts.items():
        print(f"{name:36} {count:>14,}")
    print(f"{'seconds':36} {took:>14,.1f}\n{'orders a second':36} {figures.counts['orders'] / took:>14,.0f}")
    return 1 if figures.findings else 0


if __name__ == "__main__":
    sys.exit(main())
