"""The books check themselves, so that a cent gone astray is known within the hour."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.books import Difference
from shipping_core.ports.books import Books
from shipping_core.ports.leases import Leases
from shipping_core.use_cases.raise_alert import RaiseAlert

TURN_S = 3300.0
"""Less than the hour between two rounds of one worker, so that each hour somebody looks, and only one."""
NAMED = 5
"""How many differences an alert names; the check itself tells more."""


@frozen
class CheckLedger:
    """Compares, and tells the operators of what differs. It changes nothing."""

    books: Books
    leases: Leases
    alert: RaiseAlert
    worker: str = "worker"

    async def __call__(self, *, limit: int = 100) -> Sequence[Difference]:
        """What differs now, up to `limit`.

        Raises:
            StoreUnavailable: nobody knows.
        """
        found = await self.books.differences(limit=limit)
        if found:
            many = f"{limit} or more" if len(found) == limit else str(len(found))
            lines = [f"Differences in the books: {many}", *(str(d) for d in found[:NAMED])]
            await self.alert(AlertKind.LEDGER_MISMATCH, "books", "\n".join(lines))
        return found

    async def in_turn(self) -> None:
        """The same, unless another worker did it within the hour."""
        if await self.leases.take("check ledger", self.worker, term_s=TURN_S) is not None:
            await self()
