"""The ledger's port: business acts, each one atomic step."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Balance, Kind, StatementLine, Transfer
from shipping_core.domain.money import Money


class BalanceLedger(Protocol):
    """Holds and moves users' money. The same `key` again changes nothing and answers the same.

    Every act raises Conflict when its key is known with other content, and ValueError for an amount
    that is not between 1 and 10^9 minor units.
    """

    @abstractmethod
    async def balance(self, user_id: UserId, mode: Mode) -> Balance:
        """A user's money in this mode; zero for a stranger."""

    @abstractmethod
    async def credit(
        self,
        user_id: UserId,
        amount: Money,
        *,
        key: str,
        mode: Mode,
        kind: Kind,
        at: dt.datetime,
        invoice_id: InvoiceId | None = None,
        order_id: OrderId | None = None,
        refund_id: RefundId | None = None,
        actor: str = "system",
        reason: str = "",
    ) -> Balance:
        """Bring money in: `kind` is one of `CREDIT_SOURCES`."""

    @abstractmethod
    async def debit(
        self,
        user_id: UserId,
        amount: Money,
        *,
        key: str,
        mode: Mode,
        at: dt.datetime,
        actor: str,
        reason: str,
    ) -> Balance:
        """Take away by hand, as an adjustment.

        Raises:
            InsufficientFunds: `available` is less than `amount`; nothing was taken.
        """

    @abstractmethod
    async def hold(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, order_id: OrderId, at: dt.datetime
    ) -> Balance:
        """Promise `amount` to one order.

        Raises:
            InsufficientFunds: `available` is less than `amount`; nothing was held.
        """

    @abstractmethod
    async def capture(
        self, user_id: UserId, amount: Money, *, key: str, hold_key: str, at: dt.datetime
    ) -> Balance:
        """Spend `amount` of a hold and release the rest of it.

        Raises:
            Conflict: the hold was resolved otherwise, or is smaller than `amount`.
            NotFound: there is no such hold.
        """

    @abstractmethod
    async def release(self, user_id: UserId, *, key: str, hold_key: str, at: dt.datetime) -> Balance:
        """Give a whole hold back.

        Raises:
            Conflict: the hold was resolved otherwise.
            NotFound: there is no such hold.
        """

    @abstractmethod
    async def reverse(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, invoice_id: InvoiceId, at: dt.datetime
    ) -> Balance:
        """Take back what the gateway took back; the one act that may leave `available` below zero."""

    @abstractmethod
    async def post(self, transfer: Transfer) -> None:
        """Record a movement between two accounts of our own, such as what a carrier charged us.

        Raises:
            ValueError: one of the accounts is not in `SYSTEM_ACCOUNTS`.
        """

    @abstractmethod
    async def statement(
        self, user_id: UserId, mode: Mode, *, skip: int = 0, limit: int = 10
    ) -> Sequence[StatementLine]:
        """A part of `domain.ledger.statement`, newest first; its lines are counted where they are kept."""

    @abstractmethod
    async def journal(self, *, user_id: UserId | None = None) -> Sequence[Transfer]:
        """Every transfer, oldest first; or those that touch one user."""
