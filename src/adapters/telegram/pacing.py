"""How fast messages may leave: about one a second to a chat, thirty a second to everybody.

Figures: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Final

from attrs import frozen


@frozen
class Rate:
    """`per_s` messages a second over time, of which `burst` may leave at once."""

    per_s: float
    burst: int


TO_ONE_CHAT: Final = Rate(per_s=1.0, burst=5)
TO_EVERYBODY: Final = Rate(per_s=30.0, burst=30)


class Pace:
    """Spreads sends over time for each key; remembers a key only while it still owes time."""

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._paid_until: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._paid_until)

    def reserve(self, key: Hashable) -> float:
        """Take the next free place for `key`; how long to wait for it, in seconds."""
        if self._rate is None:
            return 0.0
        loop = asyncio.get_running_loop()
        now = loop.time()
        step = 1 / self._rate.per_s
        known = self._paid_until.get(key)
        paid_until = max(known or now, now) + step
        self._paid_until[key] = paid_until
        if known is None:
            loop.call_at(paid_until, self._forget, key)
        return max(0.0, paid_until - self._rate.burst * step - now)

    def _forget(self, key: Hashable) -> None:
        loop = asyncio.get_running_loop()
        paid_until = self._paid_until[key]
        if paid_until > loop.time():
            loop.call_at(paid_until, self._forget, key)
        else:
            del self._paid_until[key]
