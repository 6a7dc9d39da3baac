"""Somebody who talks to us."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, field, frozen

from shipping_core.domain.ids import UserId
from shipping_core.domain.money import Money


@frozen
class Limits:
    """What this user may do, where it differs from everybody else; None is as usual."""

    open_invoices: int | None = None
    topup_most: Money | None = None
    orders_a_day: int | None = None


@frozen
class OperatorNote:
    """What an operator wrote about a user; the user never sees it."""

    at: dt.datetime
    actor: str
    text: str


@frozen
class User:
    """A customer, known from the first message on. `version` guards what operators change."""

    user_id: UserId
    joined_at: dt.datetime
    language: str = "en"
    version: int = 1
    name: str = ""
    """As Telegram tells it; a person's own words, never to be trusted or logged."""
    username: str = ""
    seen_at: dt.datetime | None = None
    """To the hour or so."""
    blocked: bool = False
    blocked_why: str = ""
    limits: Limits = field(factory=Limits)
    notes: tuple[OperatorNote, ...] = ()
    erased_at: dt.datetime | None = None
    """Since when nothing personal is kept of them."""

    def changed(self, **changes: object) -> User:
        """The next version."""
        made: User = evolve(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
        return made
