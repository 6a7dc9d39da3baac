"""Keys that opened nothing, counted across processes."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.access import Guesses


class GuessLog(Protocol):
    """Keeps one count a network, and forgets it when its time is over."""

    @abstractmethod
    async def of(self, network: str) -> Guesses | None:
        """What is remembered of a network."""

    @abstractmethod
    async def add(self, network: str, at: dt.datetime) -> Guesses:
        """One more, as `Guesses.one_more` counts; of many at once, each counts."""
