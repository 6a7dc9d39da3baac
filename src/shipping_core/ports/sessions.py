"""Where conversations rest between two messages."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.conversation.session import Session
from shipping_core.domain.ids import UserId


class SessionRepository(Protocol):
    """Keeps one session per user. The dialogue in it fades after the session's time; the draft stays.

    A session that nobody would miss (`Session.spent`) may be forgotten once `SESSION_TTL` has passed since
    `last_updated`.
    """

    @abstractmethod
    async def load(self, user_id: UserId) -> Session | None:
        """The session as last saved, or None for a stranger."""

    @abstractmethod
    async def save(self, session: Session) -> None:
        """Replace the stored version `session.version - 1`; nothing, for a session's first version.

        Raises:
            Conflict: another version is stored; nothing was changed.
        """

    @abstractmethod
    async def unanswered(self, before: dt.datetime, *, limit: int = 100) -> Sequence[Session]:
        """Sessions that wait for the world (`Session.waits`), last changed before then, oldest first."""
