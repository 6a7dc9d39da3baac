"""One text to many customers."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.ids import UserId
from shipping_core.errors import Conflict


class BroadcastState(enum.Enum):
    """`STOPPED` and `DONE` are ends."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


S = BroadcastState
MOVES: frozenset[tuple[BroadcastState, BroadcastState]] = frozenset(
    {
        (S.DRAFT, S.SENDING),
        (S.DRAFT, S.STOPPED),
        (S.SENDING, S.PAUSED),
        (S.SENDING, S.STOPPED),
        (S.SENDING, S.DONE),
        (S.PAUSED, S.SENDING),
        (S.PAUSED, S.STOPPED),
    }
)


@frozen
class Segment:
    """Whom it is for; every condition that is set must hold. Blocked and erased users are never in it."""

    with_balance: bool = False
    active_days: int | None = None
    """Seen within so many days."""
    language: str = ""


@frozen
class Broadcast:
    """`texts` by language, in Telegram's HTML. `version` guards each save."""

    broadcast_id: str
    texts: Mapping[str, str]
    segment: Segment
    created_at: dt.datetime
    updated_at: dt.datetime
    created_by: str
    version: int = 1
    state: BroadcastState = BroadcastState.DRAFT
    total: int = 0
    """How many were in the segment when it was started."""
    after: str = ""
    """The last user whose turn came, in the order of ids."""

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.broadcast_id

    @property
    def unique(self) -> tuple[str, ...]:
        """Nothing but its id."""
        return ()

    def moved(self, to: BroadcastState, now: dt.datetime, **changes: object) -> Broadcast:
        """In its next state.

        Raises:
            Conflict: there is no such edge.
        """
        if (self.state, to) not in MOVES:
            raise Conflict(
                "broadcast", f"{self.broadcast_id} is {self.state.value}, not to become {to.value}"
            )
        return self.changed(now, state=to, **changes)

    def changed(self, now: dt.datetime, **changes: object) -> Broadcast:
        """The next version."""
        made: Broadcast = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


class CopyState(enum.Enum):
    """What became of one customer's copy. `SENDING` after a crash is uncertain, and never sent again."""

    SENDING = "sending"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@frozen
class Copy:
    """One customer's copy of a broadcast; its row is the claim, made before it is sent."""

    broadcast_id: str
    user_id: UserId
    created_at: dt.datetime
    updated_at: dt.datetime
    state: CopyState = field(default=CopyState.SENDING)
    version: int = 1

    @property
    def record_id(self) -> str:
        """One a customer."""
        return f"{self.broadcast_id}:{self.user_id}"

    @property
    def unique(self) -> tuple[str, ...]:
        """Nothing but its id."""
        return ()
