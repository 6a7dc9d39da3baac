"""The way to whoever runs the shop."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.alert import Alert


class Operators(Protocol):
    """Tells all of them."""

    @abstractmethod
    async def tell(self, alert: Alert) -> None:
        """Hand it over and return; nobody out of reach raises anything."""
