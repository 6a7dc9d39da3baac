"""Ask again what a conversation waits for, where a crash swallowed the answer."""

from __future__ import annotations

import contextlib

from attrs import frozen

from shipping_core.errors import Conflict
from shipping_core.ports.clock import Clock
from shipping_core.ports.sessions import SessionRepository
from shipping_core.use_cases.converse import ASK_AGAIN_AFTER, Converse


@frozen
class ResumeSessions:
    """Every effect may be asked for twice: a second answer finds no place, and an order is sold once."""

    sessions: SessionRepository
    converse: Converse
    clock: Clock

    async def __call__(self) -> int:
        """One round; how many conversations were waiting too long and are asked for again.

        One that nobody came back to in time is put to rest, or it would stand before the others for ever.
        """
        now, count = self.clock.now(), 0
        for session in await self.sessions.unanswered(now - ASK_AGAIN_AFTER):
            awake = session.awake(now)
            if awake is session:
                self.converse.ask_again(session)
                count += 1
                continue
            with contextlib.suppress(Conflict):  # they have just come back
                await self.sessions.save(awake.after(awake.state, awake.draft, now))
        return count
