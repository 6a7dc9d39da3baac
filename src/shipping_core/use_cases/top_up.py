"""Open a top-up: our invoice first, then the gateway's payment link."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.ids import InvoiceId, OrderId, UserId
from shipping_core.domain.invoice import MINUTE, Invoice, InvoiceState, PayLink
from shipping_core.domain.money import Money
from shipping_core.domain.policy import Rules, to_top_up, topup_limits
from shipping_core.domain.user import Limits
from shipping_core.errors import (
    Conflict,
    InvalidAmount,
    NotFound,
    OutcomeUnknown,
    TooManyInvoices,
)
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.payments import LinkRequest, PaymentGateway
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.admission import Admission
from shipping_core.use_cases.settle_invoice import invoice_changed


@frozen
class TopUp:
    """Makes an invoice with a link to pay it. The same invoice id again makes no second one."""

    invoices: InvoiceRepository
    balances: BalanceLedger
    payments: PaymentGateway
    unit_of_work: UnitOfWork
    clock: Clock
    policy: Rules
    admission: Admission | None = None
    """Who may top up; without one, anybody may."""

    async def __call__(
        self, user_id: UserId, invoice_id: InvoiceId, amount: Money, *, for_order: OrderId | None = None
    ) -> Invoice:
        """The invoice, with its link.

        Raises:
            InvalidAmount: outside the limits; nothing was kept.
            TooManyInvoices: as many as may be are unpaid; nothing was kept.
            SalesClosed: this customer cannot top up now; nothing was kept.
            NotFound: the id is somebody else's.
            OutcomeUnknown: a link may have been made; the sweep looks for it, and so does the next try.
            GatewayError: no link was made; the same id may be tried again.
        """
        try:
            invoice = await self.invoices.get(invoice_id)
        except NotFound:
            invoice = await self._opened(user_id, invoice_id, amount, for_order)
        if invoice.user_id != user_id:
            raise NotFound("invoice", invoice_id)
        if invoice.link is not None or invoice.state is not InvoiceState.NEW:
            return invoice
        return await self._link(invoice)

    async def shortfall(self, user_id: UserId, price: Money) -> Money:
        """What has to be topped up to pay this price: as little as may be, nothing when it is there."""
        available = (await self.balances.balance(user_id, self.policy.now.mode)).available
        return to_top_up(price, available, self.policy.now)

    async def _opened(
        self, user_id: UserId, invoice_id: InvoiceId, amount: Money, for_order: OrderId | None
    ) -> Invoice:
        policy, now = self.policy.now, self.clock.now()
        limits = Limits() if self.admission is None else await self.admission.check(user_id)
        least, most = topup_limits(policy, limits)
        if not least <= amount <= most:
            raise InvalidAmount(least, most)
        known = await self.invoices.of_user(user_id, policy.mode, limit=50)
        unpaid = sum(invoice.payable(now) for invoice in known)
        if unpaid >= (policy.open_invoices if limits.open_invoices is None else limits.open_invoices):
            raise TooManyInvoices(unpaid)
        invoice = Invoice(
            invoice_id=invoice_id,
            user_id=user_id,
            mode=policy.mode,
            amount=amount,
            created_at=now,
            updated_at=now,
            expires_at=now + policy.invoice_lasts,
            for_order=for_order,
            ask_at=now + MINUTE,  # a crash before the first link leaves it to the sweep, which ends it
        )
        row = invoice_changed(None, invoice, "opened")

        async def body(tx: Transaction) -> None:
            await tx.invoices.add(invoice)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        return invoice

    async def _link(self, invoice: Invoice) -> Invoice:
        if invoice.attempts:
            found = await self.found(invoice)
            if found is not None:
                return found
        asking = invoice.asking_link(self.clock.now())
        await self.invoices.save(asking)
        request = LinkRequest(
            order_ref=asking.order_ref(asking.attempts),
            amount=asking.amount,
            mode=asking.mode,
            lasts=self.policy.now.invoice_lasts,
            description="Top up for shipping labels",
        )
        return await self._linked(asking, await self.payments.create(request))

    async def found(self, invoice: Invoice) -> Invoice | None:
        """The invoice with one more link whose creation was not answered; None when the gateway knows none.

        Raises:
            GatewayError: the gateway does not say.
        """
        since = invoice.created_at - self.policy.now.invoice_lasts
        known = {link.track_id for link in invoice.links}
        for link, payment in await self.payments.history(since, self.clock.now(), invoice.mode):
            ours = invoice.owns(link.order_ref) and payment.amount == invoice.amount
            if ours and link.track_id not in known:
                return await self._linked(invoice, link)
        return None

    async def _linked(self, invoice: Invoice, link: PayLink) -> Invoice:
        """Raises OutcomeUnknown where the link is made and could not be kept: it is found again later."""
        linked = invoice.linked(link, self.clock.now())
        row = invoice_changed(invoice, linked, "linked")

        async def body(tx: Transaction) -> None:
            await tx.invoices.save(linked)
            await tx.audit.put(row)

        try:
            await self.unit_of_work.run(body)
        except Conflict as exc:
            now_kept = await self.invoices.get(invoice.invoice_id)
            if now_kept.link is None:
                raise OutcomeUnknown("create", "made, but not kept") from exc
            return now_kept
        return linked
