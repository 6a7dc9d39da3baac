"""Ask again what a conversation waits for, where a crash swallowed the answer."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation.session import SESSION_TTL
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
        """One round; how many conversations were waiting too long."""
        now = self.clock.now()
        waiting = [
            session
            for session in await self.sessions.unanswered(now - ASK_AGAIN_AFTER)
            if now - session.last_updated < SESSION_TTL
        ]
        for session in waiting:
            self.converse.ask_again(session)
        return len(waiting)
