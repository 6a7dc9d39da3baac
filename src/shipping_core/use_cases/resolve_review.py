"""An operator decides about a payment that did not come as agreed."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId
from shipping_core.domain.invoice import Invoice, review_key, suspense_key
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Word
from shipping_core.domain.money import Money
from shipping_core.domain.plain_text import written
from shipping_core.errors import Conflict, InvalidInput
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.settle_invoice import invoice_changed, invoice_letter


@frozen
class ResolveReview:
    """Gives the user what came, or nothing. Each act needs a reason, is audited, and counts once.

    Every act raises Conflict when nothing of this link waits for a decision, or somebody else has decided
    meanwhile, and ValueError without a reason.
    """

    invoices: InvoiceRepository
    unit_of_work: UnitOfWork
    clock: Clock
    bell: Bell = field(factory=Bell)

    async def credit(
        self, invoice_id: InvoiceId, track_id: str, amount: Money, *, actor: str, reason: str
    ) -> Invoice:
        """The user gets `amount`; what is in suspense for it goes, and the rest of it back to the gateway.

        Raises:
            InvalidInput: the amount is not positive, or more than is in suspense where something is.
        """
        reason = written("reason", reason)
        invoice = await self._waiting(invoice_id, track_id)
        held = invoice.suspended.get(track_id)
        if amount.minor <= 0 or (held is not None and amount > held):
            raise InvalidInput("amount", "credit between one cent and what came")
        done = invoice.reviewed(track_id, self.clock.now())
        key = review_key(done.mode, track_id, done.version)
        lines = [] if held is not None else [self._line(done, Kind.SUSPENSE, key + ":in", amount)]
        if held is not None and held > amount:
            lines.append(self._line(done, Kind.SUSPENSE_RETURNED, key + ":rest", held - amount))

        async def body(tx: Transaction) -> None:
            await tx.invoices.save(done)
            for line in lines:
                await tx.balances.post(line)
            await tx.outbox.put(letter)
            await tx.audit.put(row)
            await tx.balances.credit(
                done.user_id,
                amount,
                key=key,
                mode=done.mode,
                kind=Kind.REVIEWED,
                at=done.updated_at,
                invoice_id=done.invoice_id,
                actor=actor,
                reason=reason,
            )

        letter = invoice_letter(done, Word.REVIEW_CREDITED, {"amount": str(amount), "reason": reason})
        row = invoice_changed(invoice, done, "review_credited", actor=actor, reason=reason)
        await self.unit_of_work.run(body)
        self.bell.ring()
        return done

    async def close(self, invoice_id: InvoiceId, track_id: str, *, actor: str, reason: str) -> Invoice:
        """The user gets nothing; what is in suspense goes back to the gateway's account."""
        reason = written("reason", reason)
        invoice = await self._waiting(invoice_id, track_id)
        held = invoice.suspended.get(track_id)
        done = invoice.reviewed(track_id, self.clock.now())
        back = suspense_key(done.mode, track_id, done.version) + ":closed"
        lines = [self._line(done, Kind.SUSPENSE_RETURNED, back, held)] if held is not None else []
        letter = invoice_letter(done, Word.REVIEW_CLOSED, {"reason": reason})
        row = invoice_changed(invoice, done, "review_closed", actor=actor, reason=reason)

        async def body(tx: Transaction) -> None:
            await tx.invoices.save(done)
            for line in lines:
                await tx.balances.post(line)
            await tx.outbox.put(letter)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        self.bell.ring()
        return done

    async def _waiting(self, invoice_id: InvoiceId, track_id: str) -> Invoice:
        invoice = await self.invoices.get(invoice_id)
        if track_id not in invoice.reviews:
            raise Conflict("review", f"{invoice_id} {track_id}")
        return invoice

    def _line(self, invoice: Invoice, kind: Kind, key: str, amount: Money) -> Transfer:
        accounts = book.GATEWAY_CLEARING, book.SUSPENSE
        source, target = accounts if kind is Kind.SUSPENSE else accounts[::-1]
        return Transfer(
            key, kind, source, target, amount, invoice.mode, invoice.updated_at, invoice_id=invoice.invoice_id
        )
