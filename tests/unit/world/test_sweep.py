"""Death at every crash point by name, alone and twice, and at every single step of some stories.

`WORLD_SEEDS` says with how many seeds each point is died at; twenty unless told otherwise.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

import pytest

from world.scenarios import SCENARIOS
from world.simulation import World
from world.sweep import AWAITS, Case, cases, died_at, passed, run

SEEDS = int(os.environ.get("WORLD_SEEDS", "20"))
PARTS = 30
Record = Callable[[str, object], None]


@pytest.mark.parametrize("name", SCENARIOS)
def test_given_nobody_dies_when_a_scenario_is_told_then_it_ends_as_it_says(name: str) -> None:
    scenario = SCENARIOS[name]
    world = World(3, scenario.story).run()

    assert world.trace.findings == []
    assert tuple(order.state for order in world.orders) == scenario.orders
    assert tuple(invoice.state for invoice in world.invoices) == scenario.invoices
    assert set(scenario.kinds) <= {t.kind.value for t in world.database.scan("transfers")}


@pytest.mark.parametrize("part", range(PARTS))
def test_given_a_crash_point_when_a_worker_dies_there_once_or_twice_then_everything_ends_well(
    part: int, record_property: Record
) -> None:
    points = sorted(passed())[part::PARTS]
    deaths = lives = 0
    found: list[str] = []
    for point, twice in itertools.product(points, (False, True)):
        died = 0
        for case in itertools.islice(cases(point, twice=twice), SEEDS * 4):
            world = run(case)
            lives += 1
            deaths += world.points.dead
            died += world.points.dead > 0
            found += [f"{case.name}: {finding}" for finding in world.trace.findings]
            if died == SEEDS:
                break
        if died < SEEDS:
            found.append(f"{point} was died at {died} times only{', twice' * twice}")
    record_property("figure", ("crash points swept, before and after", len(points)))
    record_property("figure", (f"crash points x {SEEDS} seeds, alone and twice: lives", lives))
    record_property("figure", ("crash points: deaths", deaths))
    record_property("figure", ("crash points: violations", len(found)))

    assert found == []


@pytest.mark.parametrize("asked", [False, True], ids=["killed", "asked to stop"])
@pytest.mark.parametrize("name", AWAITS)
def test_given_any_step_when_the_worker_ends_there_then_everything_ends_well(
    name: str, asked: bool, record_property: Record
) -> None:
    found: list[str] = []
    for step in itertools.count(1):
        world = died_at(name, step, asked=asked)
        found += [f"step {step}: {finding}" for finding in world.trace.findings]
        if world.points.dead == 0:
            break
    record_property("figure", ("steps died at, one by one", step - 1))
    record_property("figure", ("steps: violations", len(found)))

    assert found == []
    assert step > 100


def test_given_a_case_when_it_is_run_again_then_it_is_the_same_life() -> None:
    case = Case("commit[order:purchased]:after", "the answer is lost", 5, twice=True)

    assert run(case).trace.digest == run(case).trace.digest
