"""Ask about every unsettled payment by ourselves: a notice may never come."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.ids import InvoiceId, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.letter import Word
from shipping_core.errors import Conflict, GatewayError, NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.settle_invoice import SettleInvoice, invoice_changed, invoice_letter
from shipping_core.use_cases.top_up import TopUp


@frozen
class SweepInvoices:
    """Asks when each invoice's time has come; any number of workers may run it."""

    invoices: InvoiceRepository
    settle: SettleInvoice
    top_up: TopUp
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self) -> int:
        """One round; how many invoices were asked about."""
        due = await self.invoices.to_ask(self.clock.now())
        for invoice in due:
            await self._guarded(invoice)
        return len(due)

    async def now(self, user_id: UserId, invoice_id: InvoiceId) -> Invoice:
        """Ask at once, because the customer says it is paid.

        Raises:
            NotFound: no such invoice, or somebody else's.
            GatewayError: the gateway does not say; nothing changed.
        """
        invoice = await self.invoices.get(invoice_id)
        if invoice.user_id != user_id:
            raise NotFound("invoice", invoice_id)
        await self._ask(invoice)
        return await self.invoices.get(invoice_id)

    async def _guarded(self, invoice: Invoice) -> None:
        try:
            await self._ask(invoice)
        except (Conflict, GatewayError):
            return  # another worker was first, or there is no word: it stays due

    async def _ask(self, invoice: Invoice) -> None:
        if not invoice.links:
            await self._look_for_a_link(invoice)
        for link in invoice.links:
            await self.settle(link.track_id, invoice.mode)

    async def _look_for_a_link(self, invoice: Invoice) -> None:
        found = await self.top_up.found(invoice) if invoice.attempts else None
        now = self.clock.now()
        if found is not None and found.link is not None and found.link.url:
            # Kept already; the letter has a transaction of its own, and its id makes it one letter.
            letter = invoice_letter(found, Word.LINK_READY)

            async def tell(tx: Transaction) -> None:
                await tx.outbox.put(letter)

            await self.unit_of_work.run(tell)
        elif found is None:
            done = invoice.expired(now) if now >= invoice.expires_at else invoice.asked(now)
            row = invoice_changed(invoice, done, "asked" if done.open(now) else "expired")

            async def put_off(tx: Transaction) -> None:
                await tx.invoices.save(done)
                await tx.audit.put(row)

            await self.unit_of_work.run(put_off)
