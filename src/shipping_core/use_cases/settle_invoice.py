"""Ask the gateway what became of a payment, and do what follows: credit once, review, reverse, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import field, frozen

from shipping_core.domain import ledger as book
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import InvoiceId, Mode
from shipping_core.domain.invoice import (
    Invoice,
    InvoiceState,
    PayLink,
    Payment,
    PaymentStatus,
    reversal_key,
    suspense_key,
    topup_key,
)
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.money import Money
from shipping_core.domain.settling import Judgement, Verdict, judge, right_mode
from shipping_core.errors import Conflict, NotFound, OperatorNeeded, TransactionConflict
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.payments import PaymentGateway
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.bell import Bell

RACES = 8
"""How often a judgement is made anew after somebody else changed the invoice."""

Acts = Callable[[Transaction], Awaitable[None]]


@frozen
class SettleInvoice:
    """Believes the gateway's answer to our question, and nothing else. Any number of workers may ask."""

    invoices: InvoiceRepository
    payments: PaymentGateway
    unit_of_work: UnitOfWork
    notifier: Notifier
    clock: Clock
    bell: Bell = field(factory=Bell)

    async def __call__(self, track_id: str, mode: Mode) -> Invoice | None:
        """The invoice that owns this link, settled as far as it goes; None when it is nobody's.

        Raises:
            GatewayError: the gateway does not say; nothing changed.
        """
        try:
            payment = await self.payments.inquire(track_id, mode)
        except NotFound:
            known = await self.invoices.by_track_id(track_id, mode)
            return known and await self._nothing(known)
        for _ in range(RACES):
            invoice = await self.invoices.by_track_id(track_id, mode) or await self._adopted(payment, mode)
            if invoice is None:
                await self._nobodys(payment, mode)
                return None
            try:
                return await self._apply(invoice, payment)
            except Conflict:
                continue
        raise Conflict("invoice", track_id)

    async def _adopted(self, payment: Payment, mode: Mode) -> Invoice | None:
        """A link whose creation was never answered, known by the reference we gave it."""
        root = payment.order_ref.partition("-")[0]
        try:
            invoice = await self.invoices.get(InvoiceId(root))
        except NotFound:
            return None
        if invoice.mode is not mode or not invoice.owns(payment.order_ref):
            return None
        link = PayLink(payment.track_id, payment.order_ref, "", invoice.expires_at)
        linked = invoice.linked(link, self.clock.now())
        try:
            return await self._commit(invoice, linked, "linked")
        except Conflict:
            return await self.invoices.by_track_id(payment.track_id, mode)

    async def _nobodys(self, payment: Payment, mode: Mode) -> None:
        """Money that nobody asked for waits in suspense, once, and the operators hear of it."""
        came = payment.amount and (payment.received or payment.amount)
        if payment.status is PaymentStatus.PAID and came and came.minor > 0 and right_mode(mode, payment):
            key, accounts = suspense_key(mode, payment.track_id), (book.GATEWAY_CLEARING, book.SUSPENSE)
            line = Transfer(key, Kind.SUSPENSE, *accounts, came, mode, self.clock.now())

            async def body(tx: Transaction) -> None:
                await tx.balances.post(line)

            try:
                await self.unit_of_work.run(body)
            except TransactionConflict:
                raise
            except Conflict:
                pass  # it waits there already, as it was counted at first
        track = payment.track_id
        await self._alarm(f"{track} belongs to no invoice of ours", f"payment:{track}")

    async def _apply(self, invoice: Invoice, payment: Payment) -> Invoice:
        judged = judge(invoice, payment)
        now = self.clock.now()
        track = payment.track_id
        match judged.verdict:
            case Verdict.NOTHING:
                return await self._nothing(invoice)
            case Verdict.PAYING:
                return await self._commit(invoice, invoice.paying(now), "paying")
            case Verdict.EXPIRE:
                if any(link.track_id != track and now < link.expires_at for link in invoice.links):
                    return await self._nothing(invoice)  # another link can still be paid
                done = invoice.expired(now)
                return await self._commit(invoice, done, "expired", Word.INVOICE_EXPIRED)
            case Verdict.CREDIT:
                done = invoice.credited(track, now, surplus=judged.surplus)
                acts = self._credit(invoice, done, track, judged)
                done = await self._commit(invoice, done, "credited", Word.CREDITED, acts)
                if judged.surplus is not None:
                    await self._waits(done, track)
                return done
            case Verdict.REVIEW:
                return await self._review(invoice, payment, judged)
            case Verdict.REVERSE:
                return await self._reverse(invoice, track)
            case _:  # RETURNED
                done = invoice.returned(track, now)
                acts = self._out_of_suspense(invoice, done, track)
                return await self._commit(invoice, done, "returned", Word.REVIEW_CLOSED, acts)

    async def _nothing(self, invoice: Invoice) -> Invoice:
        """Over time is over, whatever the gateway has not said yet; and the next question is put off."""
        now = self.clock.now()
        if invoice.state in {InvoiceState.NEW, InvoiceState.WAITING} and now >= invoice.expires_at:
            return await self._commit(invoice, invoice.expired(now), "expired", Word.INVOICE_EXPIRED)
        if invoice.ask_at is not None and invoice.ask_at <= now:
            asked = invoice.asked(now)
            await self.invoices.save(asked)
            return asked
        return invoice

    async def _review(self, invoice: Invoice, payment: Payment, judged: Judgement) -> Invoice:
        """Certain money goes into suspense; of uncertain money there is only the case."""
        track, reason = payment.track_id, judged.reason
        came = payment.received if judged.surplus is None else judged.surplus
        certain = came if reason not in {"mode_mismatch", "foreign_reference"} else None
        first = certain is not None and certain.minor > 0 and track not in invoice.suspended
        suspended = certain if first and track not in invoice.decided else None
        done = invoice.doubted(track, reason, self.clock.now(), suspended=suspended)

        async def suspend(tx: Transaction) -> None:
            if suspended is not None:
                await tx.balances.post(self._line(Kind.SUSPENSE, track, suspended, done))

        done = await self._commit(
            invoice, done, "in_review", Word.IN_REVIEW, suspend, facts={"reason": reason}
        )
        await self._waits(done, track)
        return done

    async def _reverse(self, invoice: Invoice, track: str) -> Invoice:
        done = invoice.reversed(self.clock.now())
        key = reversal_key(track, done.reversals)
        empty = self._out_of_suspense(invoice, done, track)

        async def take_back(tx: Transaction) -> None:
            await empty(tx)
            await tx.balances.reverse(
                done.user_id,
                done.amount,
                key=key,
                mode=done.mode,
                invoice_id=done.invoice_id,
                at=done.updated_at,
            )

        done = await self._commit(invoice, done, "reversed", Word.REVERSED, take_back)
        await self.notifier.alarm(OperatorNeeded(f"{track} of {done.invoice_id} was reversed"))
        return done

    def _credit(self, invoice: Invoice, done: Invoice, track: str, judged: Judgement) -> Acts:
        empty = self._out_of_suspense(invoice, done, track)
        surplus = judged.surplus

        async def credit(tx: Transaction) -> None:
            await empty(tx)
            if surplus is not None:
                await tx.balances.post(self._line(Kind.SUSPENSE, track, surplus, done))
            await tx.balances.credit(
                done.user_id,
                done.amount,
                key=topup_key(done.mode, track),
                mode=done.mode,
                kind=Kind.TOPUP,
                at=done.updated_at,
                invoice_id=done.invoice_id,
            )

        return credit

    def _out_of_suspense(self, invoice: Invoice, done: Invoice, track: str) -> Acts:
        held = invoice.suspended.get(track)

        async def give_back(tx: Transaction) -> None:
            if held is not None:
                await tx.balances.post(self._line(Kind.SUSPENSE_RETURNED, track, held, done))

        return give_back

    def _line(self, kind: Kind, track: str, amount: Money, done: Invoice) -> Transfer:
        accounts = book.GATEWAY_CLEARING, book.SUSPENSE
        source, target = accounts if kind is Kind.SUSPENSE else accounts[::-1]
        part = ":returned" if kind is Kind.SUSPENSE_RETURNED else ""
        key = suspense_key(done.mode, track, done.version) + part
        return Transfer(
            key, kind, source, target, amount, done.mode, done.updated_at, invoice_id=done.invoice_id
        )

    async def _commit(
        self,
        before: Invoice,
        done: Invoice,
        action: str,
        word: Word | None = None,
        acts: Acts | None = None,
        facts: dict[str, str] | None = None,
    ) -> Invoice:
        row = invoice_changed(before, done, action, reason=(facts or {}).get("reason", ""))
        letter = invoice_letter(done, word, facts) if word else None

        async def body(tx: Transaction) -> None:
            await tx.invoices.save(done)
            if letter is not None:
                await tx.outbox.put(letter)
            await tx.audit.put(row)
            if acts is not None:
                await acts(tx)

        await self.unit_of_work.run(body)
        if letter is not None:
            self.bell.ring()
        return done

    async def _waits(self, invoice: Invoice, track: str) -> None:
        why = invoice.reviews.get(track, "")
        await self._alarm(
            f"{invoice.invoice_id} waits for review: {why}", f"invoice:{invoice.invoice_id}:{why}"
        )

    async def _alarm(self, words: str, subject: str) -> None:
        await self.notifier.alarm(OperatorNeeded(words, AlertKind.PAYMENT_IN_REVIEW, subject))


def invoice_changed(
    before: Invoice | None, done: Invoice, action: str, *, actor: str = "system", reason: str = ""
) -> AuditRow:
    """The audit row of one change of an invoice."""
    subject = f"invoice:{done.invoice_id}"
    return AuditRow(
        row_id=f"{subject}:{done.version}",
        subject=subject,
        action=action,
        at=done.updated_at,
        before=before.state.value if before else "",
        after=done.state.value,
        actor=actor,
        reason=reason,
    )


def invoice_letter(done: Invoice, word: Word, facts: dict[str, str] | None = None) -> Letter:
    """The letter about one change of an invoice."""
    letter_id = f"{done.invoice_id}:{done.version}:{word.value}"
    return Letter(
        letter_id, done.user_id, word, done.updated_at, invoice_id=done.invoice_id, facts=facts or {}
    )
