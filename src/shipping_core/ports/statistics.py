"""Figures, counted by the store itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.statistics import Report, Span


class Statistics(Protocol):
    """Counts what is kept, up to this moment."""

    @abstractmethod
    async def report(self, span: Span) -> Report:
        """The figures of a span.

        Raises:
            ValueError: no such time zone.
        """
