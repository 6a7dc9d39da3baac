"""Wake a worker of this process, instead of letting it find out by itself."""

from __future__ import annotations

import asyncio

from attrs import field, frozen


@frozen
class Bell:
    """Rung when there is work; a lost ring costs patience only, for the work itself is stored."""

    _event: asyncio.Event = field(factory=asyncio.Event, init=False)

    def ring(self) -> None:
        """There is work."""
        self._event.set()

    async def wait(self, at_most_s: float) -> None:
        """Until it rings, or for so long."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()
