"""Where conversations rest between two messages."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.conversation.session import Session
from shipping_core.domain.ids import UserId


class SessionRepository(Protocol):
    """Keeps one session per user. The dialogue in it fades after the session's time; the draft stays."""

    @abstractmethod
    async def load(self, user_id: UserId) -> Session | None:
        """The session as last saved, or None for a stranger."""

    @abstractmethod
    async def save(self, session: Session) -> None:
        """Replace the stored version `session.version - 1` (none for version 1).

        Raises:
            Conflict: another version is stored; nothing was changed.
        """
