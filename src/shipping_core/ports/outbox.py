"""Letters to customers, written with the money they speak of."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Letter, LetterState


class Outbox(Protocol):
    """Keeps letters until they arrived; one user's letters leave in the order they were written.

    A claim is for `lease_s` seconds of the store's own clock; then somebody else may take it. What
    `owner` no longer holds it cannot mark: those calls then change nothing and answer False. Claims are
    counted as tries, and the last reason given is kept; the list of letters shows both.
    """

    @abstractmethod
    async def put(self, letter: Letter) -> None:
        """Keep a letter; the same id again changes nothing. `sent` later than `created_at` by nature."""

    @abstractmethod
    async def claim(
        self, owner: str, now: dt.datetime, *, lease_s: float, limit: int = 20
    ) -> Sequence[Letter]:
        """Of up to `limit` users the oldest waiting letter each, where it is due and nobody else holds it."""

    @abstractmethod
    async def mark(self, letter_id: str, owner: str, state: LetterState, *, reason: str = "") -> bool:
        """Record how a claimed letter ended: SENT, UNREACHABLE or DEAD."""

    @abstractmethod
    async def postpone(self, letter_id: str, owner: str, until: dt.datetime, *, reason: str = "") -> bool:
        """Give a claimed letter back, to be tried again at `until`; the user's later ones wait behind it."""

    @abstractmethod
    async def revive(self, user_id: UserId) -> int:
        """The customer is back: unreachable letters wait again; how many."""

    @abstractmethod
    async def waiting(self) -> int:
        """How many letters have neither arrived nor been given up."""

    @abstractmethod
    async def ended(self, state: LetterState, *, limit: int = 100) -> Sequence[Letter]:
        """Letters in an end state, newest first; for operators."""
