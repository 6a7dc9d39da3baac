"""What has to happen at moments of the sandbox's clock, by itself or when a test pushes the clock."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

import attrs

from shipping_sandbox.kit.clock import Clock

Act = Callable[[datetime], None]


@attrs.define(order=False)
class Entry:
    """One thing to do; `act` gets the moment it was due, not the moment it was run."""

    due: datetime
    act: Act
    cancelled: bool = False

    def cancel(self) -> None:
        """Do not do it."""
        self.cancelled = True


class Agenda:
    """A queue by time, with one timer of the running event loop set to its head."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: list[tuple[datetime, int, Entry]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    def at(self, due: datetime, act: Act) -> Entry:
        """Do it at `due`, or as soon as somebody looks if that is over."""
        entry = Entry(due, act)
        heapq.heappush(self._queue, (due, next(self._numbers), entry))
        self._set_timer()
        return entry

    def catch_up(self) -> None:
        """Do everything that is due, in the order of time; what that adds for the same time too."""
        while self._queue and self._queue[0][0] <= self._clock.now():
            _, _, entry = heapq.heappop(self._queue)
            if not entry.cancelled:
                entry.act(entry.due)
        self._set_timer()

    def clear(self) -> None:
        """Forget everything."""
        self._queue.clear()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._queue:
            wait_s = (self._queue[0][0] - self._clock.now()).total_seconds()
            # A day at the most: event loops refuse waits of weeks, and waking for nothing costs nothing.
            pause_s = min(max(wait_s, 0.0), 86400.0)
            self._timer = asyncio.get_running_loop().call_later(pause_s, self.catch_up)
