"""Parts of payments and letters with one safety rule taken out of each."""

from __future__ import annotations

import itertools

from attrs import define, evolve, frozen

from adapters.memory.invoices import MemoryInvoices
from adapters.memory.outbox import MemoryAudit
from shipping_core.domain import settling
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import Invoice, Payment, PaymentStatus
from shipping_core.domain.settling import Judgement, Verdict
from shipping_core.ports.payments import Notice
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.settle_invoice import Acts, SettleInvoice
from shipping_core.use_cases.sweep_invoices import SweepInvoices
from shipping_core.use_cases.take_notice import TakeNotice
from shipping_core.use_cases.top_up import TopUp
from world.gateway import WorldGateway

_numbers = itertools.count(1)


@frozen
class CarelessInvoices(MemoryInvoices):
    """Saves over whatever is there."""

    async def save(self, invoice: Invoice) -> None:
        self._own(invoice)
        self.view.put("invoices", invoice.invoice_id, invoice)


@frozen
class CredulousNotices(TakeNotice):
    """Credits on the notice's word."""

    async def __call__(self, raw: bytes, signature: str | None) -> None:
        notice: Notice = self.payments.read_notice(raw, signature)
        if await self.inbox.put(notice, self.clock.now()):
            self.bell.ring()
        invoice = await self.settle.invoices.by_track_id(notice.track_id, self.policy.now.mode)
        if invoice is None or notice.word not in {"paid", "underpaid", "manual_accept", "paying"}:
            return
        word = Payment(
            notice.track_id,
            status=PaymentStatus.PAID,
            word="paid",
            amount=invoice.amount,
            order_ref=invoice.order_ref(invoice.attempts),
            sandbox=self.policy.now.mode is Mode.TEST,
            received=invoice.amount,
            transactions=1,
        )
        await self.settle._apply(invoice, word)


@frozen
class CarelessAudit(MemoryAudit):
    """Keeps no row twice, and minds none that says something else."""

    async def put(self, row: AuditRow) -> None:
        if self.view.get("audit", row.row_id) is None:
            self.view.put("audit", row.row_id, row)


@define
class TrustingGateway(WorldGateway):
    """Reads a notice whoever signed it."""

    def read_notice(self, raw: bytes, signature: str | None) -> Notice:
        return WorldGateway.read_notice(self, raw, self.sign(raw))


@frozen
class CarelessReviews(SettleInvoice):
    """Puts nothing into suspense."""

    async def _review(self, invoice: Invoice, payment: Payment, judged: Judgement) -> Invoice:
        return await SettleInvoice._review(self, invoice, evolve(payment, received=None), judged)


@frozen
class StubbornSettle(SettleInvoice):
    """Never takes back what the gateway took back."""

    async def _apply(self, invoice: Invoice, payment: Payment) -> Invoice:
        if payment.status in {PaymentStatus.REFUNDED, PaymentStatus.REFUNDING}:
            return invoice
        return await SettleInvoice._apply(self, invoice, payment)


@frozen
class NoSweep(SweepInvoices):
    """Waits for notices."""

    async def __call__(self) -> int:
        return 0


@frozen
class ForgetfulTopUp(TopUp):
    """Asks for one more link without looking for the last one."""

    async def found(self, invoice: Invoice) -> Invoice | None:
        return None


def fresh_key(*_: object) -> str:
    """An idempotency key that is another one on every try."""
    return f"fresh:{next(_numbers)}"


@frozen
class AskingSettle(SettleInvoice):
    """Asks the gateway once more, inside the transaction."""

    def _credit(self, invoice: Invoice, done: Invoice, track: str, judged: Judgement) -> Acts:
        acts = SettleInvoice._credit(self, invoice, done, track, judged)

        async def asking(tx: Transaction) -> None:
            await self.payments.inquire(track, done.mode)
            await acts(tx)

        return asking


def paid_whatever(invoice: Invoice, payment: Payment) -> Judgement:
    """`settling._paid`, whatever was invoiced."""
    if invoice.credited_by:
        return settling.NOTHING
    return Judgement(Verdict.CREDIT)
