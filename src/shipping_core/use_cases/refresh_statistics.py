"""Count in the background, so that a report finds little left to count."""

from __future__ import annotations

from attrs import frozen

from shipping_core.ports.statistics import Statistics


@frozen
class RefreshStatistics:
    """Keeps the figures fresh, in as many processes as there are."""

    statistics: Statistics

    async def __call__(self) -> None:
        """One round; the first one over a large store takes minutes, and goes on where it was stopped."""
        await self.statistics.refresh()
