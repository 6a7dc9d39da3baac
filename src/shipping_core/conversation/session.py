"""One user's conversation between two messages."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, field, frozen

from shipping_core.conversation.states import Answering, Bought, Buying, Idle, Invoicing, Pricing, State
from shipping_core.domain.draft import Draft
from shipping_core.domain.ids import UserId

SESSION_TTL = dt.timedelta(seconds=3600)
"""A dialogue without any action for this long is over; every action refreshes it."""

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

REMEMBERED_UPDATES = 32
"""How many handled inputs a session remembers, to know a redelivered one."""


@frozen
class Session:
    """The dialogue (which fades), the draft and the language (which stay), under one version.

    Versions never start anew, or the button of a forgotten session could fit its successor: the first
    one follows `born`, the second of the day it began in.
    """

    user_id: UserId
    last_updated: dt.datetime
    version: int = 0
    born: int = 0
    language: str = "en"
    state: State = field(factory=Idle)
    draft: Draft = field(factory=Draft)
    handled: tuple[int, ...] = ()

    def awake(self, now: dt.datetime) -> Session:
        """Itself, or with the dialogue faded when nothing happened for `SESSION_TTL`."""
        if isinstance(self.state, Idle) or now - self.last_updated < SESSION_TTL:
            return self
        draft = self.state.draft if isinstance(self.state, Buying) else self.draft
        return evolve(self, state=Idle(), draft=draft)

    @classmethod
    def begin(cls, user_id: UserId, now: dt.datetime, language: str) -> Session:
        """A stranger's session, not kept yet."""
        born = int((now - EPOCH).total_seconds())
        return cls(user_id, now, born, born, language)

    @property
    def first(self) -> bool:
        """Whether nothing of this session was kept before."""
        return self.version == self.born + 1

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer of the world, which a crash may have swallowed."""
        return isinstance(self.state, Answering | Buying | Invoicing | Pricing)

    @property
    def spent(self) -> bool:
        """Whether nothing is lost when it is forgotten after its time: no draft, no money on its way."""
        return isinstance(self.state, Idle | Bought) and self.draft.empty

    def has_handled(self, update_id: int) -> bool:
        """Whether this input has had its effect already."""
        return update_id in self.handled

    def after(
        self,
        state: State,
        draft: Draft,
        now: dt.datetime,
        *,
        language: str = "",
        update_id: int | None = None,
    ) -> Session:
        """The next version."""
        handled = self.handled if update_id is None else (*self.handled, update_id)[-REMEMBERED_UPDATES:]
        return evolve(
            self,
            state=state,
            draft=draft,
            handled=handled,
            language=language or self.language,
            last_updated=now,
            version=self.version + 1,
        )
