"""The record of changes is sealed as it settles, and the seals are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.listing import Wanted
from shipping_core.domain.seal import Seal, sealed
from shipping_core.errors import Conflict
from shipping_core.ports.audit import AuditLog
from shipping_core.ports.clock import Clock
from shipping_core.ports.lists import Lists
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.raise_alert import RaiseAlert
from shipping_core.use_cases.whole_list import whole_list

SETTLED_AFTER = dt.timedelta(minutes=10)
"""No transaction lasts so long: nothing is kept any more among rows that are older."""
A_SEAL = 1000
"""Rows under one seal at most."""
NAMED = 5


@frozen
class SealAudit:
    """Adds to the chain, and finds where it is broken. It changes no row."""

    audit: AuditLog
    seals: Shelf[Seal]
    lists: Lists
    clock: Clock
    alert: RaiseAlert

    async def __call__(self) -> int:
        """Seal what is settled; how many rows were."""
        done, now = 0, self.clock.now()
        newest = await self._newest()
        while True:
            after = newest.last if newest else 0
            rows = await self.audit.kept(after=after, before=now - SETTLED_AFTER, limit=A_SEAL)
            if not rows:
                return done
            newest = sealed(newest, rows, now)
            try:
                await self.seals.add(newest)
            except Conflict:
                return done  # another worker has just done it
            done += len(rows)

    async def broken(self) -> Sequence[Seal]:
        """The seals that do not hold what they held, oldest first; operators hear of them."""
        found: list[Seal] = []
        before: Seal | None = None
        async for seal in whole_list(self.lists, Wanted("seals", sort="last", descending=False)):
            if not await self._holds(seal, before):
                found.append(seal)
            before = seal
        if found:
            lines = [f"Broken seals of the audit: {len(found)}", *(s.seal_id for s in found[:NAMED])]
            await self.alert(AlertKind.LEDGER_MISMATCH, "audit", "\n".join(lines))
        return found

    async def _holds(self, seal: Seal, before: Seal | None) -> bool:
        rows = await self.audit.kept(after=seal.first, upto=seal.last, limit=A_SEAL + 1)
        return seal.holds(before, rows)

    async def _newest(self) -> Seal | None:
        page = await self.lists.page(Wanted("seals", sort="last", limit=1))
        return next(iter(page.items), None)
