"""Who may be the only one, by the store's own clock."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.lease import Lease


class Leases(Protocol):
    """Gives a name to one owner at a time."""

    @abstractmethod
    async def take(self, name: str, owner: str, *, term_s: float) -> Lease | None:
        """The lease, new or renewed (with the same fence); None while somebody else has it."""

    @abstractmethod
    async def release(self, lease: Lease) -> None:
        """Give it up now; nothing happens when it is somebody else's by then."""
