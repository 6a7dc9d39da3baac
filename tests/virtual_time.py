"""An event loop on virtual time: where it would wait, its clock jumps to the next timer instead.

With a seed, callbacks that are ready at the same moment run in an order of that seed's choosing; the same
seed gives the same order again.
"""

from __future__ import annotations

import asyncio
import collections
import random
import selectors
from collections.abc import Callable

START_S = 1000.0


class JumpingSelector(selectors.SelectSelector):
    """Instead of waiting, moves the clock to the moment the loop wanted to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = START_S

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing outside the loop ever happens, so nothing is asked of the system.

        Raises:
            RuntimeError: no timer is left that could wake anybody.
        """
        if timeout is None:
            raise RuntimeError("nothing will ever happen any more: the test waits for ever")
        if timeout > 0:
            self.now_s += timeout
        return []


class _Shuffled(collections.deque[asyncio.Handle]):
    """A queue of callbacks that gives out any of them."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._random = rng.random
        self.on_step: Callable[[asyncio.Handle], None] | None = None

    def popleft(self) -> asyncio.Handle:
        length = len(self)
        if length > 1:
            which = int(self._random() * length)
            if which:
                self[0], self[which] = self[which], self[0]
        handle = super().popleft()
        if self.on_step is not None:
            self.on_step(handle)
        return handle


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time; in order without a seed, shuffled with one."""

    def __init__(self, seed: int | None = None) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)
        if seed is not None:
            self._ready = _Shuffled(random.Random(seed))

    def time(self) -> float:
        return self.jumping.now_s

    def watch_steps(self, look: Callable[[asyncio.Handle], None] | None) -> None:
        """Let `look` see each callback of a shuffled loop just before it runs."""
        assert isinstance(self._ready, _Shuffled), "only a seeded loop is watched"
        self._ready.on_step = look
