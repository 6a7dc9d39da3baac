"""The ledger: transfers are only ever inserted, a user's balance is changed by a guarded update.

The transfer comes first and the balance last, since that is where rivals meet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen
from pymongo import ReturnDocument

from adapters.mongo.documents import (
    BalanceDocument,
    TransferDocument,
    from_document,
    next_number,
    request_hash,
    to_document,
)
from adapters.mongo.scope import Document, Scope
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Balance, Kind, StatementLine, Transfer
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, InsufficientFunds, NotFound
from shipping_core.ports.balances import BalanceLedger


def balance_id(user_id: UserId, mode: Mode) -> Document:
    """The `_id` of a user's balance; the order of its fields counts."""
    return {"mode": mode.value, "user": user_id}


@frozen
class MongoBalances(BalanceLedger):
    """Transfers by key; holds resolved at most once, by a unique index."""

    scope: Scope

    async def balance(self, user_id: UserId, mode: Mode) -> Balance:
        return _balance(await self.scope.one(BalanceDocument, {"_id": balance_id(user_id, mode)}))

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
            key,
            kind,
            book.CREDIT_SOURCES[kind],
            book.available(user_id),
            amount,
            mode,
            at,
            order_id=order_id,
            invoice_id=invoice_id,
            actor=actor,
            reason=reason,
            refund_id=refund_id,
        )
        return await self.scope.transact(lambda scope: _Body(scope, user_id, mode).gain(transfer))

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
        return await self.scope.transact(lambda scope: _Body(scope, user_id, mode).spend(transfer))

    async def hold(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, order_id: OrderId, at: dt.datetime
    ) -> Balance:
        source, target = book.available(user_id), book.held(user_id)
        transfer = Transfer(key, Kind.HOLD, source, target, amount, mode, at, order_id=order_id)
        return await self.scope.transact(lambda scope: _Body(scope, user_id, mode).spend(transfer))

    async def capture(
        self, user_id: UserId, amount: Money, *, key: str, hold_key: str, at: dt.datetime
    ) -> Balance:
        def transfers(hold: Transfer) -> list[Transfer]:
            if amount > hold.amount:
                raise Conflict("hold", hold_key)
            spent = _resolving(hold, key, Kind.CAPTURE, book.LABEL_REVENUE, amount, at)
            rest = hold.amount - amount
            if not rest.minor:
                return [spent]
            back = Transfer(
                f"{key}:rest",
                Kind.RELEASE,
                hold.target,
                hold.source,
                rest,
                hold.mode,
                at,
                order_id=hold.order_id,
            )
            return [spent, back]

        return await self.scope.transact(
            lambda scope: _resolve(scope, user_id, key=key, hold_key=hold_key, transfers=transfers)
        )

    async def release(self, user_id: UserId, *, key: str, hold_key: str, at: dt.datetime) -> Balance:
        def transfers(hold: Transfer) -> list[Transfer]:
            return [_resolving(hold, key, Kind.RELEASE, hold.source, hold.amount, at)]

        return await self.scope.transact(
            lambda scope: _resolve(scope, user_id, key=key, hold_key=hold_key, transfers=transfers)
        )

    async def reverse(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, invoice_id: InvoiceId, at: dt.datetime
    ) -> Balance:
        source, target = book.available(user_id), book.GATEWAY_CLEARING
        transfer = Transfer(key, Kind.REVERSAL, source, target, amount, mode, at, invoice_id=invoice_id)
        return await self.scope.transact(lambda scope: _Body(scope, user_id, mode).gain(transfer, sign=-1))

    async def post(self, transfer: Transfer) -> None:
        if not {transfer.source, transfer.target} <= book.SYSTEM_ACCOUNTS:
            raise ValueError("a user's money moves by the other acts")

        async def body(scope: Scope) -> None:
            if not await _known(scope, transfer):
                await _insert(scope, transfer)

        await self.scope.transact(body)

    async def statement(
        self, user_id: UserId, mode: Mode, *, skip: int = 0, limit: int = 10
    ) -> Sequence[StatementLine]:
        own = [book.available(user_id), book.held(user_id)]
        # one account a branch, so that the server merges what its indexes have in order
        spent: list[Document] = [{"source": account, "target": {"$nin": own}} for account in own]
        came: Document = {"target": book.available(user_id), "source": {"$nin": own}}
        moved: Document = {"mode": mode.value, "$or": [*spent, came]}
        newest = [("created_at", -1), ("number", -1)]
        found = await self.scope.some(TransferDocument, moved, sort=newest, skip=skip, limit=limit)
        if not found:
            return []
        after = Money(await self._sum(own, moved, found[-1]))
        lines = []
        for transfer in (from_document(line, Transfer) for line in reversed(found)):
            amount = transfer.amount if transfer.target in own else -transfer.amount
            after += amount
            lines.append(StatementLine(transfer, amount, after))
        return lines[::-1]

    async def _sum(self, own: list[str], moved: Document, first: Document) -> int:
        """What all movements before this one come to; they are added up where they are."""
        at, number = first["created_at"], first["number"]
        earlier = {"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "number": {"$lt": number}}]}
        signed = {"$cond": [{"$in": ["$target", own]}, "$amount.minor", {"$multiply": [-1, "$amount.minor"]}]}
        stages: list[Document] = [
            {"$match": {"$and": [moved, earlier]}},
            {"$group": {"_id": None, "sum": {"$sum": signed}}},
        ]
        with self.scope.act():
            cursor = await self.scope.collection(TransferDocument).aggregate(
                stages, session=self.scope.session
            )
            [*sums] = await cursor.to_list()
        return int(sums[0]["sum"]) if sums else 0

    async def journal(self, *, user_id: UserId | None = None) -> Sequence[Transfer]:
        query: Document = {}
        if user_id is not None:
            own = {"$in": [book.available(user_id), book.held(user_id)]}
            query = {"$or": [{"source": own}, {"target": own}]}
        with self.scope.act():
            lines = self.scope.collection(TransferDocument).find(
                query,
                sort=[("created_at", 1), ("number", 1)],
                allow_disk_use=True,
                session=self.scope.session,
            )
            return [from_document(line, Transfer) for line in await lines.to_list()]


@frozen
class _Body:
    """What happens to one user's balance in one run of a transaction."""

    scope: Scope
    user_id: UserId
    mode: Mode

    async def gain(self, transfer: Transfer, sign: int = 1) -> Balance:
        if await _known(self.scope, transfer):
            return await self.now()
        await _insert(self.scope, transfer)
        return await self.change(transfer, available=sign * transfer.amount.minor, upsert=True) or Balance()

    async def spend(self, transfer: Transfer) -> Balance:
        """Out of what is available: to be held, or gone."""
        if await _known(self.scope, transfer):
            return await self.now()
        await _insert(self.scope, transfer)
        minor = transfer.amount.minor
        guard = {"available": {"$gte": minor}}
        held = minor if transfer.target == book.held(self.user_id) else 0
        after = await self.change(transfer, guard, available=-minor, held=held)
        if after is None:
            raise InsufficientFunds(transfer.amount, (await self.now()).available)
        return after

    async def now(self) -> Balance:
        return await MongoBalances(self.scope).balance(self.user_id, self.mode)

    async def change(
        self,
        transfer: Transfer,
        guard: Document | None = None,
        *,
        available: int,
        held: int = 0,
        upsert: bool = False,
    ) -> Balance | None:
        currency = transfer.amount.currency
        change: dict[str, Any] = {"$inc": {"available": available, "held": held, "version": 1}}
        found: Document | None = await self.scope.collection(BalanceDocument).find_one_and_update(
            {"_id": balance_id(self.user_id, self.mode), "currency": currency, **(guard or {})},
            change,
            upsert=upsert,
            return_document=ReturnDocument.AFTER,
            session=self.scope.session,
        )
        return None if found is None else _balance(found)


async def _resolve(
    scope: Scope,
    user_id: UserId,
    *,
    key: str,
    hold_key: str,
    transfers: Callable[[Transfer], list[Transfer]],
) -> Balance:
    """End a hold by these transfers, the first of which resolves it."""
    known = {"_id": {"$in": [hold_key, key]}}
    lines = await scope.some(TransferDocument, {"$or": [known, {"resolves": hold_key}]}, limit=3)
    by_key = {line["_id"]: line for line in lines}
    hold = from_document(by_key[hold_key], Transfer) if hold_key in by_key else None
    if hold is None or hold.kind is not Kind.HOLD or hold.target != book.held(user_id):
        raise NotFound("hold", hold_key)
    made = transfers(hold)
    body = _Body(scope, user_id, hold.mode)
    if key in by_key:
        _must_be(by_key[key], made[0])
        return await body.now()
    if any(line["resolves"] == hold_key for line in lines):
        raise Conflict("hold", hold_key)
    await _insert(scope, *made)
    back = sum(t.amount.minor for t in made if t.target == hold.source)
    whole = hold.amount.minor
    after = await body.change(hold, {"held": {"$gte": whole}}, available=back, held=-whole)
    if after is None:
        raise Conflict("balance", user_id)
    return after


def _resolving(hold: Transfer, key: str, kind: Kind, target: str, amount: Money, at: dt.datetime) -> Transfer:
    return Transfer(key, kind, hold.target, target, amount, hold.mode, at, hold.key, hold.order_id)


def _balance(document: Document | None) -> Balance:
    if document is None:
        return Balance()
    kept = BalanceDocument.model_validate_doc(document)
    return Balance(Money(kept.available, kept.currency), Money(kept.held, kept.currency))


async def _known(scope: Scope, transfer: Transfer) -> bool:
    """Whether it was done before; looked up only when there is reason to."""
    if not scope.careful:
        return False
    stored = await scope.one(TransferDocument, {"_id": transfer.key})
    if stored is not None:
        _must_be(stored, transfer)
    return stored is not None


def _must_be(stored: Document, transfer: Transfer) -> None:
    if stored["request_hash"] != request_hash(transfer):
        raise Conflict("transfer", transfer.key)


async def _insert(scope: Scope, *transfers: Transfer) -> None:
    for transfer in transfers:
        document = to_document(transfer, number=next_number(), request_hash=request_hash(transfer))
        await scope.collection(TransferDocument).insert_one(document, session=scope.session)
