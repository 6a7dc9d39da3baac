"""Ask about every unsettled payment by ourselves: a notice may never come."""

from __future__ import annotations

import contextlib

from attrs import frozen

from shipping_core.domain.ids import InvoiceId, UserId
from shipping_core.domain.invoice import Invoice, InvoiceState, PayLink
from shipping_core.domain.letter import Word
from shipping_core.errors import Conflict, GatewayError, GatewayRefused, NotFound, StoreUnavailable
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
        except GatewayRefused:
            await self._asked_in_vain(invoice)
        except (Conflict, GatewayError):
            return  # another worker was first, or there is no word: it stays due
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - one bad invoice must not keep the others waiting
            await self.settle.notifier.alarm(exc)

    async def _asked_in_vain(self, invoice: Invoice) -> None:
        """What the gateway refuses to speak about must not keep others from being asked about."""
        with contextlib.suppress(Conflict):
            await self.invoices.save(invoice.asked(self.clock.now()))

    async def _ask(self, invoice: Invoice) -> None:
        for link in invoice.links:
            await self.settle(link.track_id, invoice.mode)
        if not invoice.links or len(invoice.links) < invoice.attempts:
            await self._look_for_a_link(await self.invoices.get(invoice.invoice_id))

    async def _look_for_a_link(self, invoice: Invoice) -> None:
        """Of a link whose creation was not answered nobody else may ever tell."""
        found = await self.top_up.found(invoice) if invoice.attempts else None
        if found is not None and found.link is not None:
            settled = await self.settle(found.link.track_id, found.mode)
            if settled is not None and settled.open(self.clock.now()) and not invoice.links:
                await self._tell_the_link(found, found.link)
        elif not invoice.links:
            await self._put_off(invoice)

    async def _tell_the_link(self, found: Invoice, link: PayLink) -> None:
        # Kept already; the letter has a transaction of its own, and its id makes it one letter.
        letter = invoice_letter(found, Word.LINK_READY)

        async def tell(tx: Transaction) -> None:
            await tx.outbox.put(letter)

        if link.url:
            await self.unit_of_work.run(tell)

    async def _put_off(self, invoice: Invoice) -> None:
        """No link yet; after its time, none that anybody could be waiting for."""
        now = self.clock.now()
        if invoice.state is not InvoiceState.NEW or now < invoice.expires_at:
            await self.invoices.save(invoice.asked(now))
            return
        over = invoice.expired(now)
        row = invoice_changed(invoice, over, "expired")

        async def end(tx: Transaction) -> None:
            await tx.invoices.save(over)
            await tx.audit.put(row)

        await self.unit_of_work.run(end)
