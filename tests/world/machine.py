"""Time and ids of a world: one wall clock, one steady clock, one count, through all workers."""

from __future__ import annotations

import datetime as dt

from attrs import define, field

from builders import NOW
from shipping_core.ports.clock import Clock, IdSource
from virtual_time import START_S, VirtualTimeLoop
from world.guards import INSIDE
from world.points import Trace


@define
class WorldClock(Clock):
    """The wall clock of all machines, which may be set back; and the steady one of the loop."""

    loop: VirtualTimeLoop
    trace: Trace
    set_back: dt.timedelta = dt.timedelta(0)

    def now(self) -> dt.datetime:
        if INSIDE.get():
            self.trace.wrong("a transaction's body asks for the time")
        return NOW + dt.timedelta(seconds=self.loop.time() - START_S) - self.set_back

    def monotonic_s(self) -> float:
        return self.loop.time()


@define
class WorldIds(IdSource):
    """Ids that count, through all workers."""

    trace: Trace
    _count: int = field(default=0, init=False)

    def new(self, prefix: str) -> str:
        if INSIDE.get():
            self.trace.wrong("a transaction's body asks for an id")
        self._count += 1
        return f"{prefix}_{self._count}"
