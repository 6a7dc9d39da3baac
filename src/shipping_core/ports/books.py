"""The books' own check."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.books import Difference


class Books(Protocol):
    """Compares the journal with everything it must agree with, as all of it was at one moment."""

    @abstractmethod
    async def differences(self, *, limit: int = 100) -> Sequence[Difference]:
        """Where they disagree, in the order of rules and subjects, up to `limit`."""
