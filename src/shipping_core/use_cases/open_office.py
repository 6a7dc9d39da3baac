"""Who stands at the office's door."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Final

from attrs import evolve, frozen

from shipping_core.domain.access import ApiKey, Operator, Role, fingerprint_of
from shipping_core.errors import Conflict, TooFast
from shipping_core.ports.clock import Clock
from shipping_core.ports.guesses import GuessLog
from shipping_core.ports.shelves import Shelf

OWNER: Final = Operator("owner", Role.OWNER)
"""Whoever has the first key."""
NOTED_EVERY: Final = dt.timedelta(hours=1)


@frozen
class OpenOffice:
    """Tells operators by their keys, and makes whoever guesses wait."""

    keys: Shelf[ApiKey]
    guesses: GuessLog
    clock: Clock
    first_print: str
    """The fingerprint of the owner's first key, which the environment names and no store keeps."""

    async def __call__(self, secret: str, network: str) -> Operator | None:
        """The operator with this key; None for a key that opens nothing, which counts as a guess.

        Raises:
            TooFast: there were too many guesses from this network; the key was not looked at.
        """
        now = self.clock.now()
        before = await self.guesses.of(network)
        wait = before.wait(now) if before is not None else dt.timedelta(0)
        if wait > dt.timedelta(0):
            raise TooFast(wait.total_seconds())
        operator = await self._known(fingerprint_of(secret), now)
        if operator is None:
            await self.guesses.add(network, now)
        return operator

    async def _known(self, fingerprint: str, now: dt.datetime) -> Operator | None:
        if hmac.compare_digest(fingerprint, self.first_print):
            return OWNER
        key = await self.keys.by_unique(f"print:{fingerprint}")
        if key is None or not key.opens(fingerprint, now):
            return None
        if key.used_at is None or now - key.used_at >= NOTED_EVERY:
            await self._note(key, now)
        return Operator(f"key:{key.name}", key.role, key.key_id)

    async def _note(self, key: ApiKey, now: dt.datetime) -> None:
        try:
            await self.keys.save(evolve(key, used_at=now, version=key.version + 1))
        except Conflict:
            return  # it was noted, or changed, meanwhile
