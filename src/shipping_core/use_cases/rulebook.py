"""The owner's decisions as they stand: the environment's, with what operators decided at run time on it."""

from __future__ import annotations

import contextlib

from attrs import define, field

from shipping_core.domain.policy import STANDING, Policy, Rules, Standing
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.shelves import Shelf


@define
class Rulebook(Rules):
    """Each process has one and reads it again every second, so that all follow a change within two."""

    base: Policy
    shelf: Shelf[Standing]
    clock: Clock
    _now: Policy = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._now = self.base

    @property
    def now(self) -> Policy:
        """What counts now; as last read."""
        return self._now

    async def begin(self) -> Policy:
        """The first start keeps the environment's mode; from then on operators switch it."""
        now = self.clock.now()
        with contextlib.suppress(Conflict):  # not the first start
            await self.shelf.add(Standing(1, now, now, mode=self.base.mode))
        await self()
        return self._now

    async def __call__(self) -> bool:
        """Read them again; whether anything changed."""
        try:
            standing = await self.shelf.get(STANDING)
        except NotFound:
            return False
        if standing.version == self._now.version:
            return False
        self._now = standing.over(self.base)
        return True
