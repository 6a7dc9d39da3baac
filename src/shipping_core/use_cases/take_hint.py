"""A carrier says that something happened; all that comes of it is that we look sooner."""

from __future__ import annotations

import hashlib

from attrs import field, frozen

from shipping_core.errors import Conflict
from shipping_core.ports.answers import Answer, AnswerLog
from shipping_core.ports.clock import Clock
from shipping_core.use_cases.bell import Bell


@frozen
class TakeHint:
    """Remembers each hint once, by its digest; what it says is never believed, nor kept."""

    answers: AnswerLog
    clock: Clock
    bell: Bell = field(factory=Bell)

    async def __call__(self, raw: bytes) -> None:
        """When this returns it is remembered, and whoever asks the carrier is on the way.

        Raises:
            StoreUnavailable: it is not remembered; it will come again.
        """
        digest = hashlib.sha256(raw).hexdigest()
        try:
            known = await self.answers.begin(f"hint:{digest}", digest, self.clock.now())
        except Conflict:
            return
        if known is None:
            await self.answers.finish(f"hint:{digest}", Answer(200, b"", "text/plain"))
            self.bell.ring()
