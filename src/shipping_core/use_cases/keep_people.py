"""What operators do with a customer: money by hand, blocks, limits, notes; and what is kept of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from shipping_core.conversation.codec import dump
from shipping_core.domain.access import Act, Approval, Performed
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance, Kind, StatementLine
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.listing import Wanted
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.domain.order import OrderState
from shipping_core.domain.plain_text import written
from shipping_core.domain.refund import Refund
from shipping_core.domain.user import Limits, OperatorNote, User
from shipping_core.errors import Conflict, InsufficientFunds, InvalidInput, StaleVersion
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.clock import Clock
from shipping_core.ports.lists import Lists
from shipping_core.ports.personal_data import PersonalData
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.consent import Consent, save_decision
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.whole_list import whole_list

NOTES_KEPT = 100
EVERYTHING = 10_000
"""More of one kind than a person has."""
BLANK: Mapping[str, Any] = {
    "name": "", "username": "", "seen_at": None, "notes": (), "blocked_why": "", "limits": Limits()
}  # fmt: skip
"""The profile of somebody who was erased."""


@frozen
class Shelves:
    """The records that may be a customer's own."""

    templates: Shelf[Template]
    contacts: Shelf[Contact]
    presets: Shelf[ParcelPreset]


@frozen
class KeepPeople:
    """Each act needs a reason and is audited. All raise NotFound for a stranger, InvalidInput for what cannot
    be used, and Conflict where the user was changed meanwhile or is so already."""

    users: UserRepository
    balances: BalanceLedger
    sessions: SessionRepository
    shelves: Shelves
    personal_data: PersonalData
    lists: Lists
    unit_of_work: UnitOfWork
    converse: Converse
    consent: Consent
    clock: Clock
    staff: frozenset[UserId] = frozenset()
    bell: Bell = field(factory=Bell)

    async def balances_of(self, user_id: UserId) -> Mapping[Mode, Balance]:
        """A user's money, real and not."""
        return {mode: await self.balances.balance(user_id, mode) for mode in Mode}

    async def statement(
        self, user_id: UserId, mode: Mode, *, skip: int = 0, limit: int = 50
    ) -> tuple[StatementLine, ...]:
        """A part of a user's movements with the running balance, newest first."""
        await self.users.get(user_id)
        return tuple(await self.balances.statement(user_id, mode, skip=skip, limit=limit))

    async def adjust(
        self,
        user_id: UserId,
        amount: Money,
        *,
        mode: Mode,
        request: str,
        actor: str,
        reason: str,
        consent: Approval | None = None,
    ) -> Performed:
        """Give or, where negative, take money by hand. The same `request` again changes nothing more.

        Raises:
            InsufficientFunds: less is there than would be taken; nothing was moved, and nobody is asked.
            Conflict: they were erased.
        """
        reason = written("reason", reason)
        if not 0 < abs(amount.minor) <= LIMIT_MINOR:
            raise InvalidInput("amount", "must not be zero, and at most ten million dollars")
        user = await self._here(user_id)
        if consent is None and self.consent.needed(Act.CREDIT, _absolute(amount)):
            there = (await self.balances.balance(user_id, mode)).available
            if amount.minor < 0 and there < -amount:
                raise InsufficientFunds(-amount, there)
            facts = {
                "user_id": user_id, "minor": str(amount.minor), "currency": amount.currency,
                "mode": mode.value, "request": request,
            }  # fmt: skip
            asked = await self.consent.ask(
                Act.CREDIT, facts, by=actor, why=reason, amount=amount, user_id=user_id
            )
            return Performed(asked)
        now, key = self.clock.now(), f"adjust:{mode.value}:{request}"
        subject = f"user:{user_id}"
        signed = f"+{amount}" if amount.minor > 0 else str(amount)
        row = AuditRow(
            f"{subject}:{key}", subject, "balance_changed", now, after=signed, actor=actor, reason=reason
        )
        letter = Letter(
            f"{key}:changed",
            user.user_id,
            Word.BALANCE_CHANGED,
            now,
            facts={"amount": signed, "reason": reason, "mode": mode.value},
        )

        known = any(t.key == key for t in await self.balances.journal(user_id=user_id))

        async def body(tx: Transaction) -> None:
            if consent is not None:
                await save_decision(tx, consent)
            if not known:
                await tx.audit.put(row)
                await tx.outbox.put(letter)
            if amount.minor > 0:
                await tx.balances.credit(
                    user_id,
                    amount,
                    key=key,
                    mode=mode,
                    kind=Kind.ADJUSTMENT,
                    at=now,
                    actor=actor,
                    reason=reason,
                )
            else:
                await tx.balances.debit(
                    user_id, -amount, key=key, mode=mode, at=now, actor=actor, reason=reason
                )

        await self.unit_of_work.run(body)
        self.bell.ring()
        return Performed(balance=await self.balances.balance(user_id, mode))

    async def adjust_as_granted(self, granted: Approval) -> None:
        """The change of a balance that a second person has allowed."""
        facts = granted.facts
        await self.adjust(
            UserId(facts["user_id"]),
            Money(int(facts["minor"]), facts["currency"]),
            mode=Mode(facts["mode"]),
            request=facts["request"],
            actor=granted.asked_by,
            reason=granted.asked_why,
            consent=granted,
        )

    async def block(self, user_id: UserId, *, actor: str, reason: str) -> User:
        """No new orders and top-ups; what is under way, labels, balance and refunds stay theirs."""
        reason = written("reason", reason)
        if user_id in self.staff:
            raise InvalidInput("user_id", "is one of the operators: nobody blocks themselves")
        user = await self.users.get(user_id)
        if user.blocked:
            raise Conflict("user", f"{user_id} is blocked already")
        changed = user.changed(blocked=True, blocked_why=reason)
        return await self._save(changed, "blocked", actor, reason, word=Word.BLOCKED)

    async def unblock(self, user_id: UserId, *, actor: str, reason: str) -> User:
        """As before."""
        reason = written("reason", reason)
        user = await self.users.get(user_id)
        if not user.blocked:
            raise Conflict("user", f"{user_id} is not blocked")
        changed = user.changed(blocked=False, blocked_why="")
        return await self._save(changed, "unblocked", actor, reason, word=Word.UNBLOCKED)

    async def limit(self, user_id: UserId, limits: Limits, *, version: int, actor: str, reason: str) -> User:
        """What this user may do, otherwise than everybody else."""
        reason = written("reason", reason)
        for name, least, most in (("open_invoices", 0, 20), ("orders_a_day", 0, 10_000)):
            value = getattr(limits, name)
            if value is not None and not least <= value <= most:
                raise InvalidInput(f"limits.{name}", f"must be from {least} to {most}")
        if limits.topup_most is not None and not 0 <= limits.topup_most.minor <= LIMIT_MINOR:
            raise InvalidInput("limits.topup_most", "must not be negative")
        user = await self._at(user_id, version)
        return await self._save(user.changed(limits=limits), "limited", actor, reason)

    async def note(self, user_id: UserId, text: str, *, actor: str) -> User:
        """A word about them for the office; they never see it. Conflict where they were erased."""
        text = written("text", text)
        user = await self._here(user_id)
        made = OperatorNote(self.clock.now(), actor, text)
        return await self._save(
            user.changed(notes=(*user.notes, made)[-NOTES_KEPT:]), "noted", actor, "a note"
        )

    async def speak(self, user_id: UserId, language: str, *, actor: str, reason: str) -> User:
        """From now on they are spoken to in this language; Conflict where they were erased."""
        reason = written("reason", reason)
        if language not in {"en", "ru"}:
            raise InvalidInput("language", "must be en or ru")
        user = await self._here(user_id)
        await self._save(user.changed(), "language", actor, f"{language}: {reason}")
        await self.users.speak(user_id, language)
        await self.converse.speak(user_id, language)
        return await self.users.get(user_id)

    async def export(self, user_id: UserId, *, actor: str) -> Mapping[str, Any]:
        """Everything that is kept of a person, as plain data."""
        user = await self.users.get(user_id)
        await self._save(user.changed(), "exported", actor, "a copy of everything was made")
        session = await self.sessions.load(user_id)
        mine = {"user_id": user_id}
        kept: dict[str, Any] = {
            "user": await self.users.get(user_id),
            "balances": {m.value: b for m, b in (await self.balances_of(user_id)).items()},
            "orders": await self._all("orders", user_id),
            "topups": await self._all("topups", user_id),
            "transfers": await self.balances.journal(user_id=user_id),
            "refunds": await self._all("refunds", user_id),
            "letters": await self._all("letters", user_id),
            "templates": await self.shelves.templates.find(mine, limit=EVERYTHING),
            "contacts": await self.shelves.contacts.find(mine, limit=EVERYTHING),
            "parcels": await self.shelves.presets.find(mine, limit=EVERYTHING),
            "draft": session.draft if session else None,
        }
        return {name: dump(value) for name, value in kept.items()}

    async def _all(self, name: str, user_id: UserId) -> Sequence[Any]:
        """Every item of a list that is theirs, newest first."""
        return [item async for item in whole_list(self.lists, Wanted(name, {"user_id": user_id}))]

    async def erase(self, user_id: UserId, *, waive: bool, actor: str, reason: str) -> User:
        """Forget the person; ids, money and states stay, so that the books can still be proven.

        `waive` says that they gave up what is left of their balance, which is then taken off the books.
        Repeated, it finishes what a crash has left, and forgets what has come since.

        Raises:
            Conflict: an order, a refund or a top-up is under way, or there is a balance that is not waived.
        """
        reason, now = written("reason", reason), self.clock.now()

        async def body(tx: Transaction) -> User:
            user = await tx.users.get(user_id)
            await _nothing_open(tx, user_id, now)
            left = await _left(tx, user_id, waive=waive)
            gone = user.changed(**BLANK, erased_at=user.erased_at or now)
            if evolve(gone, version=user.version) == user and not left:
                return user
            await tx.users.save(gone)
            await tx.audit.put(_row(gone, "erased", now, actor, reason))
            for mode, amount in left.items():
                await tx.balances.debit(
                    user_id,
                    amount,
                    key=f"adjust:{mode.value}:erased:{user_id}:{gone.version}",
                    mode=mode,
                    at=now,
                    actor=actor,
                    reason="waived when erased",
                )
            return gone

        user = await self.unit_of_work.run(body)
        await self.personal_data.erase(user_id)
        return user

    async def _here(self, user_id: UserId) -> User:
        user = await self.users.get(user_id)
        if user.erased_at is not None:
            raise Conflict("user", f"{user_id} was erased")
        return user

    async def _at(self, user_id: UserId, version: int) -> User:
        user = await self.users.get(user_id)
        if user.version != version:
            raise StaleVersion("user", f"version {user.version} is there, not {version}")
        return user

    async def _save(
        self, after: User, action: str, actor: str, reason: str, *, word: Word | None = None
    ) -> User:
        now = self.clock.now()
        row = _row(after, action, now, actor, reason)
        letter = None
        if word is not None:
            letter = Letter(
                f"user:{after.user_id}:{after.version}", after.user_id, word, now, facts={"reason": reason}
            )

        async def body(tx: Transaction) -> None:
            await tx.users.save(after)
            if letter is not None:
                await tx.outbox.put(letter)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        if letter is not None:
            self.bell.ring()
        return after


async def _nothing_open(tx: Transaction, user_id: UserId, now: dt.datetime) -> None:
    for order in await tx.orders.of_user(user_id, limit=EVERYTHING):
        if order.undecided or order.state is OrderState.VOID_REQUESTED:
            raise Conflict("order", f"{order.order_id} is under way: wait until it ends")
    for refund in await tx.shelf(Refund).find({"user_id": user_id}, limit=EVERYTHING):
        if refund.live:
            raise Conflict("refund", f"{refund.refund_id} is under way: decide it first")
    for mode in Mode:
        for invoice in await tx.invoices.of_user(user_id, mode, limit=EVERYTHING):
            if invoice.open(now) or invoice.reviews:
                raise Conflict("top-up", f"{invoice.invoice_id} is under way: wait, or decide it first")


async def _left(tx: Transaction, user_id: UserId, *, waive: bool) -> Mapping[Mode, Money]:
    money = {mode: await tx.balances.balance(user_id, mode) for mode in Mode}
    left = {mode: balance.available for mode, balance in money.items() if balance.posted.minor}
    if left and not waive:
        text = ", ".join(f"{amount} in {mode.value} mode" for mode, amount in left.items())
        raise Conflict("balance", f"{user_id} has {text}: pay it out, or have it waived")
    if any(amount.minor < 0 for amount in left.values()):
        raise Conflict("balance", f"{user_id} owes money")
    return left


def _row(user: User, action: str, now: dt.datetime, actor: str, reason: str) -> AuditRow:
    subject = f"user:{user.user_id}"
    return AuditRow(
        f"{subject}:{user.version}", subject, action, now, after=action, actor=actor, reason=reason
    )


def _absolute(amount: Money) -> Money:
    return amount if amount.minor > 0 else -amount
