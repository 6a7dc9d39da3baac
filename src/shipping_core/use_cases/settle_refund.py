"""The transactions that a refund goes through, with its order and its money; each whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from attrs import evolve, field, frozen

from shipping_core.domain import ledger as book
from shipping_core.domain.access import Approval
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import RefundId
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.order import Order
from shipping_core.domain.refund import ENDS, Refund, RefundState, live_word
from shipping_core.errors import Conflict
from shipping_core.ports.clock import Clock
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.consent import save_decision
from shipping_core.use_cases.settle_order import order_changed


@frozen
class SettleRefund:
    """Moves a refund on.

    Every act raises Conflict when it, or its order, is not there any more; the text says where it is.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    bell: Bell = field(factory=Bell)

    async def changed(
        self,
        refund_id: RefundId,
        change: Callable[[Refund], Refund],
        *,
        word: Word | None = None,
        action: str = "",
        actor: str,
        reason: str = "",
    ) -> Refund:
        """Change a refund alone, as it stands, with a letter where a word is given.

        `change` may be called again where somebody else was faster; what it raises is raised, with nothing
        kept.
        """

        async def body(tx: Transaction) -> Refund:
            before = await tx.shelf(Refund).get(refund_id)
            after = change(before)
            await tx.shelf(Refund).save(after)
            if before.state is RefundState.VOID_UNKNOWN and after.state in ENDS:
                await _good_again(tx, await tx.orders.get(after.order_id), after, actor=actor)
            if word:
                facts = {"reason": reason if word is Word.REFUND_REJECTED else "", "note": after.note}
                await tx.outbox.put(refund_letter(after, word, facts))
            await tx.audit.put(refund_changed(after, before, action=action, actor=actor, reason=reason))
            return after

        after = await self.unit_of_work.run(body)
        self.bell.ring()
        return after

    async def saved(self, before: Refund, after: Refund, *, reason: str = "") -> Refund:
        """Keep the next version of a refund alone."""
        row = refund_changed(after, before, reason=reason)

        async def body(tx: Transaction) -> None:
            await _save(tx, after)
            await tx.audit.put(row)

        await self._run(body)
        return after

    async def voiding(self, refund: Refund, *, actor: str = "system", reason: str = "") -> Refund:
        """The carrier is about to be asked, for the first time or once more after a no."""
        now = self.clock.now()
        asked = refund.void_asked(now)
        row = refund_changed(asked, refund, actor=actor, reason=reason)

        async def body(tx: Transaction) -> None:
            await _save(tx, asked)
            await tx.audit.put(row)
            before = await tx.orders.get(asked.order_id)
            await _keep(tx, before.void_requested(now), before, actor=actor)

        await self._run(body)
        return asked

    async def refused(self, refund: Refund, answer: str, code: str) -> Refund:
        """The carrier keeps the label, which is good still; an operator decides what then."""
        now = self.clock.now()
        kept = refund.moved(RefundState.VOID_REFUSED, now, void_answer=answer, void_code=code)
        row = refund_changed(kept, refund, reason=f"{code} {answer}".strip())
        letter = refund_letter(kept, Word.REFUND_REFUSED, {"why": answer})

        async def body(tx: Transaction) -> None:
            await _save(tx, kept)
            await tx.outbox.put(letter)
            await tx.audit.put(row)
            await _good_again(tx, await tx.orders.get(kept.order_id), kept)

        await self._run(body)
        return kept

    async def credited(self, refund: Refund) -> Refund:
        """The label went back: the customer has the money, and the carrier owes us its cost."""
        now = self.clock.now()
        done = refund.moved(RefundState.PROCESSED, now)
        row, letter = refund_changed(done, refund), _processed(done)

        async def body(tx: Transaction) -> None:
            await _save(tx, done)
            await tx.outbox.put(letter)
            await tx.audit.put(row)
            before = await tx.orders.get(done.order_id)
            for line in carrier_credits(before, done, now):
                await tx.balances.post(line)
            await _keep(tx, before.voided(done.amount, now), before)
            await _credit(tx, done, Kind.REFUND)

        await self._run(body)
        return done

    async def given_at_loss(
        self, refund: Refund, *, actor: str, reason: str, consent: Approval | None = None
    ) -> Refund:
        """The customer has the money although the carrier keeps the label; it and the cost are our loss.

        Where the carrier has not told, the label counts as good until it is seen void.
        """
        now = self.clock.now()
        done = refund.decided(RefundState.PROCESSED, actor, reason, now, at_loss=True)
        row, letter = refund_changed(done, refund, actor=actor, reason=reason), _processed(done)

        async def body(tx: Transaction) -> None:
            await _save(tx, done)
            await tx.outbox.put(letter)
            await tx.audit.put(row)
            if consent is not None:
                await save_decision(tx, consent)
            before = await tx.orders.get(done.order_id)
            if refund.state is RefundState.VOID_UNKNOWN:
                before = await _good_again(tx, before, done, actor=actor)
            given = before.given_back(done.amount, now)
            await _keep(tx, given, before, action="given_back", actor=actor, reason=reason)
            await _credit(tx, done, Kind.REFUND_AT_LOSS, actor=actor, reason=reason)

        await self._run(body)
        return done

    async def found_void(self, refund: Refund) -> Refund:
        """The money was given at our loss, and now the carrier shows the label void: it owes us its cost.

        The loss stays booked as it was; the customer hears that the label is not valid, unless they have no
        money of it or were forgotten.
        """
        now = self.clock.now()
        seen = refund.watch_over(now)
        row = refund_changed(seen, refund, action="found_void")
        letter = refund_letter(seen, Word.REFUND_VOIDED)

        async def body(tx: Transaction) -> None:
            await _save(tx, seen)
            if live := await tx.shelf(Refund).by_unique(live_word(seen.order_id)):
                raise Conflict("refund", live.standing)
            before = await tx.orders.get(seen.order_id)
            if seen.state is RefundState.PROCESSED and not before.addresses_gone:
                await tx.outbox.put(letter)
            await tx.audit.put(row)
            for line in carrier_credits(before, seen, now):
                await tx.balances.post(line)
            await _keep(tx, before.voided_after_all(now), before)

        await self._run(body)
        return seen

    async def asked_again(self, refund: Refund, again: Refund) -> Refund:
        """It was rejected, and now the carrier shows the label void: `again` brings the money back."""
        seen = refund.watch_over(again.created_at)
        rows = [refund_changed(seen, refund, action="found_void"), refund_changed(again, None)]

        async def body(tx: Transaction) -> None:
            await _save(tx, seen)
            await tx.shelf(Refund).add(again)
            for row in rows:
                await tx.audit.put(row)

        await self._run(body)
        return again

    async def _run(self, body: Callable[[Transaction], Awaitable[None]]) -> None:
        await self.unit_of_work.run(body)
        self.bell.ring()


async def _save(tx: Transaction, refund: Refund) -> None:
    stored = await tx.shelf(Refund).get(refund.refund_id)
    if stored.version != refund.version - 1:
        raise Conflict("refund", stored.standing)
    await tx.shelf(Refund).save(refund)


async def _good_again(tx: Transaction, before: Order, refund: Refund, *, actor: str = "system") -> Order:
    order = before.void_refused(refund.updated_at)
    await _keep(tx, order, before, actor=actor)
    return order


async def _keep(
    tx: Transaction,
    order: Order,
    before: Order,
    *,
    action: str = "",
    actor: str = "system",
    reason: str = "",
) -> None:
    row = order_changed(order, before, actor, reason)
    await tx.orders.save(order)
    await tx.audit.put(evolve(row, action=action or row.action))


async def _credit(
    tx: Transaction, refund: Refund, kind: Kind, *, actor: str = "system", reason: str = ""
) -> None:
    await tx.balances.credit(
        refund.user_id,
        refund.amount,
        key=refund.credit_key,
        mode=refund.mode,
        kind=kind,
        at=refund.updated_at,
        order_id=refund.order_id,
        refund_id=refund.refund_id,
        actor=actor,
        reason=reason,
    )


def carrier_credits(order: Order, refund: Refund, now: dt.datetime) -> list[Transfer]:
    """What the carrier owes us for a label it took back: its cost, and what it took beyond its offer."""
    beyond = order.variance
    usual = (order.label.cost if order.label else beyond) - beyond
    parts = [("", book.CARRIER_COST, usual), (":variance", book.CARRIER_VARIANCE, beyond)]
    key = f"{Kind.CARRIER_CREDIT.value}:{refund.refund_id}"
    return [
        Transfer(
            key + part,
            Kind.CARRIER_CREDIT,
            source,
            book.CARRIER_PAYABLE,
            amount,
            order.mode,
            now,
            order_id=order.order_id,
            refund_id=refund.refund_id,
        )
        for part, source, amount in parts
        if amount.minor > 0
    ]


def refund_changed(
    refund: Refund, before: Refund | None, *, action: str = "", actor: str = "system", reason: str = ""
) -> AuditRow:
    """What happened to a refund."""
    subject = f"refund:{refund.refund_id}"
    return AuditRow(
        row_id=f"{subject}:{refund.version}",
        subject=subject,
        action=action or refund.state.value,
        at=refund.updated_at,
        before=before.state.value if before else "",
        after=refund.state.value,
        actor=actor,
        reason=reason,
    )


def refund_letter(refund: Refund, word: Word, facts: Mapping[str, str] | None = None) -> Letter:
    """What its customer must hear."""
    return Letter(
        f"{refund.refund_id}:{word.value}:{refund.version}",
        refund.user_id,
        word,
        refund.updated_at,
        order_id=refund.order_id,
        refund_id=refund.refund_id,
        facts={name: text for name, text in (facts or {}).items() if text},
    )


def _processed(refund: Refund) -> Letter:
    return refund_letter(refund, Word.REFUND_PROCESSED, {"amount": str(refund.amount), "note": refund.note})
