"""The ledger in memory: a journal of transfers, and one materialised balance per user."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from adapters.memory.database import View
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Balance, Kind, StatementLine, Transfer
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, InsufficientFunds, NotFound
from shipping_core.ports.balances import BalanceLedger


@frozen
class MemoryBalances(BalanceLedger):
    """Transfers by key, holds resolved at most once."""

    view: View

    async def balance(self, user_id: UserId, mode: Mode) -> Balance:
        return self.view.get("balances", (mode, user_id)) or Balance()

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
        transfer = Transfer(
            key=key,
            kind=kind,
            source=book.CREDIT_SOURCES[kind],
            target=book.available(user_id),
            amount=amount,
            mode=mode,
            created_at=at,
            order_id=order_id,
            invoice_id=invoice_id,
            refund_id=refund_id,
            actor=actor,
            reason=reason,
        )
        if not self._known(transfer):
            self._post(user_id, transfer)
        return await self.balance(user_id, mode)

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
        source, target = book.available(user_id), book.ADJUSTMENTS
        transfer = Transfer(
            key, Kind.ADJUSTMENT, source, target, amount, mode, at, actor=actor, reason=reason
        )
        if not self._known(transfer):
            await self._spend(user_id, transfer)
        return await self.balance(user_id, mode)

    async def hold(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, order_id: OrderId, at: dt.datetime
    ) -> Balance:
        source, target = book.available(user_id), book.held(user_id)
        transfer = Transfer(key, Kind.HOLD, source, target, amount, mode, at, order_id=order_id)
        if not self._known(transfer):
            await self._spend(user_id, transfer)
        return await self.balance(user_id, mode)

    async def capture(
        self, user_id: UserId, amount: Money, *, key: str, hold_key: str, at: dt.datetime
    ) -> Balance:
        hold = self._hold(user_id, hold_key)
        if amount > hold.amount:
            raise Conflict("hold", hold_key)
        spent = self._resolving(hold, key, Kind.CAPTURE, book.LABEL_REVENUE, amount, at)
        if not self._known(spent):
            self._resolve(user_id, hold_key, spent)
            rest = hold.amount - amount
            if rest.minor:
                back = self._resolving(hold, f"{key}:rest", Kind.RELEASE, book.available(user_id), rest, at)
                self._post(user_id, back)
        return await self.balance(user_id, hold.mode)

    async def release(self, user_id: UserId, *, key: str, hold_key: str, at: dt.datetime) -> Balance:
        hold = self._hold(user_id, hold_key)
        back = self._resolving(hold, key, Kind.RELEASE, book.available(user_id), hold.amount, at)
        if not self._known(back):
            self._resolve(user_id, hold_key, back)
        return await self.balance(user_id, hold.mode)

    async def reverse(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, invoice_id: InvoiceId, at: dt.datetime
    ) -> Balance:
        source, target = book.available(user_id), book.GATEWAY_CLEARING
        transfer = Transfer(key, Kind.REVERSAL, source, target, amount, mode, at, invoice_id=invoice_id)
        if not self._known(transfer):
            self._post(user_id, transfer)
        return await self.balance(user_id, mode)

    async def post(self, transfer: Transfer) -> None:
        if not {transfer.source, transfer.target} <= book.SYSTEM_ACCOUNTS:
            raise ValueError("a user's money moves by the other acts")
        if not self._known(transfer):
            self.view.put("transfers", transfer.key, transfer)

    async def statement(
        self, user_id: UserId, mode: Mode, *, skip: int = 0, limit: int = 10
    ) -> Sequence[StatementLine]:
        lines = book.statement(await self.journal(user_id=user_id), user_id, mode)
        return list(lines[::-1][skip : skip + limit])

    async def journal(self, *, user_id: UserId | None = None) -> Sequence[Transfer]:
        every: list[Transfer] = list(self.view.scan("transfers"))
        if user_id is None:
            return every
        own = {book.available(user_id), book.held(user_id)}
        return [t for t in every if own & {t.source, t.target}]

    async def _spend(self, user_id: UserId, transfer: Transfer) -> None:
        before = await self.balance(user_id, transfer.mode)
        if before.available < transfer.amount:
            raise InsufficientFunds(transfer.amount, before.available)
        self._post(user_id, transfer)

    def _known(self, transfer: Transfer) -> bool:
        stored: Transfer | None = self.view.get("transfers", transfer.key)
        if stored is not None and not stored.same_intention(transfer):
            raise Conflict("transfer", transfer.key)
        return stored is not None

    def _hold(self, user_id: UserId, key: str) -> Transfer:
        hold: Transfer | None = self.view.get("transfers", key)
        if hold is None or hold.kind is not Kind.HOLD or hold.target != book.held(user_id):
            raise NotFound("hold", key)
        return hold

    def _resolving(
        self, hold: Transfer, key: str, kind: Kind, target: str, amount: Money, at: dt.datetime
    ) -> Transfer:
        resolves = "" if key.endswith(":rest") else hold.key
        return Transfer(key, kind, hold.target, target, amount, hold.mode, at, resolves, hold.order_id)

    def _resolve(self, user_id: UserId, hold_key: str, transfer: Transfer) -> None:
        if self.view.get("resolutions", hold_key) is not None:
            raise Conflict("hold", hold_key)
        self.view.put("resolutions", hold_key, transfer.key)
        self._post(user_id, transfer)

    def _post(self, user_id: UserId, transfer: Transfer) -> None:
        self.view.put("transfers", transfer.key, transfer)
        before = self.view.get("balances", (transfer.mode, user_id)) or Balance()
        sums = {book.available(user_id): before.available, book.held(user_id): before.held}
        for account, change in ((transfer.source, -transfer.amount), (transfer.target, transfer.amount)):
            if account in sums:
                sums[account] += change
        self.view.put("balances", (transfer.mode, user_id), Balance(*sums.values()))
