"""Everything that says something about a person."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.ids import UserId


class PersonalData(Protocol):
    """Blanks what is personal; money, ids and states stay, so that the books can still be proven."""

    @abstractmethod
    async def erase(self, user_id: UserId) -> None:
        """Forget the session, templates, contacts, presets, letters' and refunds' words, label files, and the
        people and streets in orders; the profile is the caller's. Letters that have not arrived are dead from
        then on. May be repeated until it ends without an error."""

    @abstractmethod
    async def forget_addresses(self, before: dt.datetime, *, limit: int = 100) -> int:
        """The same for the people in orders that ended before then; how many orders were changed."""
