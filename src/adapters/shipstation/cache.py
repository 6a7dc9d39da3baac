"""What an account may ship with: asked for once an hour, by one caller at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shipping_core.errors import GatewayError
from shipping_core.ports.clock import Clock

T = TypeVar("T")

FRESH_S = 3600.0
STALE_S = 24 * 3600.0
NEXT_TRY_S = 30.0
"""After a failure: neither forget that we know an older answer, nor ask again with every quote."""


class Hourly(Generic[T]):
    """A value that is good for an hour; up to a day old it is still better than none."""

    def __init__(self, load: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._loaded_at = self._next_try_at = float("-inf")

    async def get(self) -> T:
        """The value, loaded by the first of several callers.

        Raises:
            GatewayError: it could not be loaded, and what is known is more than a day old. A refused key is
                raised at once: an old list does not help when nothing can be bought.
        """
        async with self._lock:
            now = self._clock.monotonic_s()
            if self._value is not None and now < max(self._loaded_at + FRESH_S, self._next_try_at):
                return self._value
            try:
                self._value = await self._load()
                self._loaded_at = self._clock.monotonic_s()
            except GatewayError as exc:
                if self._value is None or now >= self._loaded_at + STALE_S or exc.code == "unauthorized":
                    self._value = None
                    raise
                self._next_try_at = now + NEXT_TRY_S
            return self._value
