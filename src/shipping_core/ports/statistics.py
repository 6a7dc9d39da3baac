"""Figures, counted by the store itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.statistics import Report, Span


class Statistics(Protocol):
    """Counts what is kept. Whatever was committed before a call is in its figures."""

    @abstractmethod
    async def report(self, span: Span) -> Report:
        """The figures of a span.

        Raises:
            ValueError: no such time zone, or days that make no span.
            StoreUnavailable: so much is not counted yet that it takes longer; ask again later.
        """

    @abstractmethod
    async def refresh(self) -> None:
        """Count what came since the last time, so that a report finds little left to count.

        It may be done side by side, be killed half-way, and be done again.

        Raises:
            StoreUnavailable: the store did not answer in time; what was counted stays.
        """
