"""One text to many customers."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.rich_text import rich_text
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, InvalidInput

LANGUAGES = ("en", "ru")
"""What goes to everybody is written in each of these; the first is for whoever speaks none of them."""
MOST_DAYS = 3650


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
    """With money to spend."""
    active_days: int | None = None
    """Seen within so many days."""
    language: str = ""

    def checked(self) -> Segment:
        """Itself.

        Raises:
            InvalidInput: nobody could be in it.
        """
        if self.active_days is not None and not 1 <= self.active_days <= MOST_DAYS:
            raise InvalidInput("segment.active_days", f"choose between 1 and {MOST_DAYS} days")
        if self.language not in {"", *LANGUAGES}:
            raise InvalidInput("segment.language", f"choose one of {', '.join(LANGUAGES)}, or none")
        return self

    def seen_since(self, now: dt.datetime) -> dt.datetime | None:
        """Since when somebody in it must have been seen; None where that does not matter."""
        return None if self.active_days is None else now - dt.timedelta(days=self.active_days)

    def has(self, user: User, now: dt.datetime) -> bool:
        """Whether a user is in it, their balance left aside."""
        since = self.seen_since(now)
        return (
            not user.blocked
            and user.erased_at is None
            and self.language in {"", user.language}
            and (since is None or (user.seen_at is not None and user.seen_at >= since))
        )


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
    mode: Mode | None = None
    """Whose money counts for its segment, from its start to its end; None before."""

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.broadcast_id

    @property
    def unique(self) -> tuple[str, ...]:
        """Nothing but its id."""
        return ()

    def text(self, language: str) -> str:
        """As somebody of this language reads it; in the first language there is where it is not theirs."""
        fallback = next(self.texts[known] for known in LANGUAGES if known in self.texts)
        return self.texts.get(language, fallback)

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


def readable(texts: Mapping[str, str], segment: Segment) -> dict[str, str]:
    """The texts as they may be sent, in every language that the segment speaks.

    Raises:
        InvalidInput: one is missing, or its mark-up is broken.
    """
    for language in (segment.language,) if segment.language else LANGUAGES:
        if language not in texts:
            raise InvalidInput(f"texts.{language}", "write the text in this language too")
    for language in texts:
        if language not in LANGUAGES:
            raise InvalidInput(f"texts.{language}", f"write in {' and '.join(LANGUAGES)} only")
    return {language: rich_text(f"texts.{language}", text) for language, text in texts.items()}


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

    def ended(self, state: CopyState, now: dt.datetime) -> Copy:
        """What became of it."""
        return evolve(self, state=state, version=self.version + 1, updated_at=now)


@frozen
class Progress:
    """How far a broadcast has come. `uncertain` copies were under way when a worker died."""

    total: int
    sent: int
    unreachable: int
    failed: int
    uncertain: int
