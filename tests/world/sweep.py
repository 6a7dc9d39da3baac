"""Every crash point by name, alone and followed by a second crash; and death at every single step."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping

from attrs import define, evolve, field, frozen

from world.core import Parts
from world.points import Death
from world.scenarios import SCENARIOS
from world.simulation import World
from world.story import Story
from world.worker import WORKER

RESTARTS_S = (5.0, 5.0, 90.0, 400.0)
"""How long a dead process stays dead, at most twice; by the seed."""
CHEAP_STEPS = 1500
"""A scenario that takes more is only used for points that no other one passes."""


@frozen
class Case:
    """Die at this point of this scenario; where `twice`, once more somewhere during the recovery."""

    point: str
    scenario: str
    seed: int
    twice: bool

    @property
    def name(self) -> str:
        """For a person to read, and to run again."""
        return f"{self.point} in {self.scenario!r}, seed {self.seed}{', twice' * self.twice}"


@functools.cache
def passed() -> Mapping[str, Mapping[str, int]]:
    """How often each point is passed in each scenario in which nobody dies."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    costly: dict[str, dict[str, int]] = defaultdict(dict)
    for name, scenario in SCENARIOS.items():
        world = World(0, scenario.story).run()
        for point, times in world.points.passed.items():
            (costly if world.trace.length > CHEAP_STEPS else found)[point][name] = times
    return {**costly, **found}


def cases(point: str, *, twice: bool) -> Iterator[Case]:
    """One point with seed after seed, which go round its scenarios."""
    names = sorted(passed()[point])
    for seed in itertools.count():
        yield Case(point, names[seed % len(names)], seed, twice)


def run(case: Case, parts: Parts | None = None) -> World:
    """Live through one case."""
    rng = random.Random(f"{case.point} {case.seed}")
    times = passed()[case.point][case.scenario]
    deaths = [Death(case.point, 1 + rng.randrange(min(times, 3)))]
    if case.twice:
        deaths.append(Death(at=1 + rng.randrange(150)))
    story = evolve(
        SCENARIOS[case.scenario].story,
        workers=1 + case.seed % 2,
        restart_s=RESTARTS_S[case.seed // 2 % len(RESTARTS_S)],
        rest_minutes=SCENARIOS[case.scenario].story.rest_minutes,
    )
    return World(case.seed, story, parts or Parts(), deaths).run()


@define
class DyingWorld(World):
    """Its first worker dies, or is cancelled, at its `step`th step on the loop."""

    step: int = 1
    asked: bool = False
    """Whether it is asked to stop instead of killed."""
    steps: int = field(default=0, init=False)

    def _start(self) -> None:
        World._start(self)
        if self._started == 1:
            self.loop.watch_steps(self._count)

    def _count(self, handle: asyncio.Handle) -> None:
        first = self.workers[0] if self.workers else None
        context = handle._context  # type: ignore[attr-defined] # asyncio's own, since 3.7
        worker = context.get(WORKER)
        if worker is None or first is None or worker is not first or worker.name != "w1":
            return
        self.steps += 1
        if self.steps == self.step:
            self.loop.watch_steps(None)
            self.points.dead += 1
            if self.asked:
                self.workers.remove(worker)
                worker.leaving = True
                self.outside(worker.stop())
                self.outside(self._replace())
            else:
                self.crashed(worker, "a step")


ONCE = Story(workers=1)
AWAITS: Mapping[str, Story] = {
    "a purchase": ONCE,
    "a purchase whose answer is lost": SCENARIOS["the answer is lost"].story,
    "a top-up": Story(workers=1, tops_up_first=True),
    "a top-up and purchase": Story(workers=1, welcome="0.00"),
}


def died_at(name: str, step: int, *, asked: bool, seed: int = 0) -> DyingWorld:
    """One life in which the first worker dies at this step."""
    world = DyingWorld(seed, evolve(AWAITS[name], workers=1), step=step, asked=asked)
    world.run()
    return world
