"""Not too much at once."""

from __future__ import annotations

import asyncio

from attrs import define, field

from shipping_core.ports.clock import Clock


@define
class Throttle:
    """Lets at most `per_s` a second go on, one after another; zero lets everybody."""

    clock: Clock
    per_s: float
    _next_s: float = field(default=0.0, init=False)

    async def turn(self) -> None:
        """Wait for one's turn, in the order of asking."""
        if not self.per_s:
            return
        now_s = self.clock.monotonic_s()
        mine_s = max(now_s, self._next_s)
        self._next_s = mine_s + 1 / self.per_s
        await asyncio.sleep(mine_s - now_s)
