"""Where sales are kept."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.order import Order, OrderState


class OrderRepository(Protocol):
    """Keeps orders; a save only succeeds on the version it was made from."""

    @abstractmethod
    async def add(self, order: Order) -> None:
        """Keep a new order.

        Raises:
            Conflict: its id or its reference is taken.
        """

    @abstractmethod
    async def get(self, order_id: OrderId) -> Order:
        """The order as it was last saved.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def save(self, order: Order) -> None:
        """Replace the stored version `order.version - 1`.

        Raises:
            Conflict: another version is stored; nothing was changed.
            NotFound: there is none.
        """

    @abstractmethod
    async def of_user(self, user_id: UserId, *, limit: int = 10, skip: int = 0) -> Sequence[Order]:
        """A user's orders, newest first."""

    @abstractmethod
    async def begun_since(
        self, user_id: UserId, since: dt.datetime, mode: Mode, *, but: Collection[OrderState] = ()
    ) -> int:
        """How many orders a user has begun after that moment in this mode, those in `but` left out."""

    @abstractmethod
    async def in_states(
        self, states: Collection[OrderState], *, before: dt.datetime, limit: int = 100
    ) -> Sequence[Order]:
        """Orders in one of `states` last changed before that moment, oldest first."""

    @abstractmethod
    async def to_watch(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Order]:
        """Orders that ended without a label, whose `watch_at` has come, longest overdue first."""

    @abstractmethod
    async def by_tracking(self, user_id: UserId, numbers: Collection[str]) -> Sequence[Order]:
        """A user's orders whose label has one of these tracking numbers, written just so."""

    @abstractmethod
    async def to_remind(
        self,
        since: dt.datetime,
        until: dt.datetime,
        *,
        only: Collection[str] = (),
        but: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[Order]:
        """Bought orders begun after `since` and up to `until`, not `closing_told`, oldest first.

        Of the carriers in `only`, or, where that is empty, of all that are not in `but`.
        """
