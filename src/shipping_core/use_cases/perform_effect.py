"""Do what a step of the conversation wants done, and say what came of it."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.conversation import events as ev
from shipping_core.conversation.effects import (
    AskEstimate,
    AskPayment,
    AskPrices,
    Effect,
    OpenInvoice,
    PurchaseLabel,
    TakeAnswer,
)
from shipping_core.domain.assembling import shipment_of
from shipping_core.domain.ids import UserId
from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.money import Money
from shipping_core.errors import (
    OURS_TO_MEND,
    Conflict,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    InsufficientFunds,
    InvalidAddress,
    InvalidAmount,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    SalesClosed,
    TooManyInvoices,
)
from shipping_core.ports.notifier import Notifier
from shipping_core.use_cases.asides import Asides
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.quick_quote import estimate_of
from shipping_core.use_cases.quote_rates import QuoteRates
from shipping_core.use_cases.sweep_invoices import SweepInvoices
from shipping_core.use_cases.top_up import TopUp


@frozen
class PerformEffect:
    """Runs one effect. Every error of ours or a partner's becomes an event; only a bug is raised."""

    quotes: QuoteRates
    buy: BuyLabel
    notifier: Notifier
    top_up: TopUp | None = None
    sweep: SweepInvoices | None = None
    asides: Asides = field(factory=Asides)

    async def __call__(self, user_id: UserId, effect: Effect) -> ev.World | None:
        """The outcome, or None where there is nothing worth telling.

        Raises:
            StoreUnavailable: nothing is known; the same effect is asked for again later.
        """
        match effect:
            case AskPrices():
                return await self._prices(user_id, effect)
            case AskEstimate():
                return await self._estimate(user_id, effect)
            case PurchaseLabel():
                return await self._purchase(user_id, effect)
            case OpenInvoice():
                return await self._invoice(user_id, effect)
            case TakeAnswer():
                return await self.asides(user_id, effect)
            case _:  # AskPayment
                return await self._payment(user_id, effect)

    async def _prices(self, user_id: UserId, wanted: AskPrices) -> ev.World:
        try:
            if self.buy.admission is not None:
                await self.buy.admission.check(user_id)
            quote, checks = await self.quotes.with_checks(user_id, shipment_of(wanted.draft))
        except InvalidAddress as exc:
            return ev.PricingFailed(wanted.ticket, "bad_field", exc.field)
        except SalesClosed as exc:
            return ev.PricingFailed(wanted.ticket, exc.reason, facts=exc.facts)
        except GatewayRefused as exc:
            return ev.PricingFailed(wanted.ticket, await self._refusal(exc), exc.reason)
        except GatewayError as exc:
            return ev.PricingFailed(wanted.ticket, "unavailable", exc.reason)
        return ev.QuoteArrived(wanted.ticket, quote, checks)

    async def _estimate(self, user_id: UserId, wanted: AskEstimate) -> ev.World | None:
        try:
            rates = await self.quotes.estimate(estimate_of(wanted.draft), user_id)
        except (GatewayError, InvalidAddress):
            return None  # an estimate is a courtesy
        return ev.EstimateArrived(wanted.ticket, rates)

    async def _purchase(self, user_id: UserId, wanted: PurchaseLabel) -> ev.World:
        order_id = wanted.order_id
        try:
            order = await self.buy(
                user_id=user_id,
                order_id=order_id,
                quote=wanted.quote,
                rate_id=wanted.rate_id,
                kept_as_entered=wanted.kept_as_entered,
            )
        except InsufficientFunds as exc:
            return ev.PurchaseRefused(order_id, "funds", str(exc.shortfall))
        except QuoteExpired:
            return ev.PurchaseRefused(order_id, "expired")
        except SalesClosed as exc:
            return ev.PurchaseRefused(order_id, exc.reason, facts=exc.facts)
        except OutcomeUnknown:
            return ev.OutcomePending(order_id)
        except GatewayUnavailable as exc:
            return ev.PurchaseRefused(order_id, "unavailable", exc.reason)
        except GatewayRefused as exc:
            if exc.code == "insufficient_funds":
                self.quotes.pause(wanted.rate_id, wanted.quote)
            return ev.PurchaseRefused(order_id, await self._refusal(exc), exc.reason)
        except Conflict:
            return ev.PurchaseRefused(order_id, "refused")
        if order.label is not None:
            return ev.LabelBought(order_id)
        if order.undecided:
            return ev.OutcomePending(order_id)
        return ev.PurchaseRefused(order_id, "refused", order.failure)

    async def _invoice(self, user_id: UserId, wanted: OpenInvoice) -> ev.World:
        invoice_id = wanted.invoice_id
        if self.top_up is None:
            return ev.InvoiceRefused(invoice_id, "unavailable")
        try:
            amount = wanted.amount
            if amount is None:
                amount = await self.top_up.shortfall(user_id, wanted.price or Money.zero())
                if amount.minor == 0:
                    return ev.PaymentLanded(invoice_id)
            invoice = await self.top_up(user_id, invoice_id, amount, for_order=wanted.for_order)
        except InvalidAmount as exc:
            return ev.InvoiceRefused(
                invoice_id, "amount", facts={"from": str(exc.least), "to": str(exc.most)}
            )
        except SalesClosed as exc:
            return ev.InvoiceRefused(invoice_id, exc.reason, facts=exc.facts)
        except TooManyInvoices as exc:
            return ev.InvoiceRefused(invoice_id, "many", str(exc.open_invoices))
        except GatewayError as exc:
            if isinstance(exc, GatewayRefused):
                await self.notifier.alarm(exc)
            return ev.InvoiceRefused(invoice_id, "unavailable", exc.reason)
        except Conflict:
            return ev.InvoiceRefused(invoice_id, "unavailable")
        if invoice.state is InvoiceState.CREDITED:
            return ev.PaymentLanded(invoice_id)
        if invoice.link is None or not invoice.link.url:
            return ev.InvoiceRefused(invoice_id, "unavailable")
        return ev.InvoiceOpened(invoice_id, invoice.amount, invoice.link.url, invoice.expires_at)

    async def _payment(self, user_id: UserId, wanted: AskPayment) -> ev.World:
        invoice_id = wanted.invoice_id
        if self.sweep is None:
            return ev.PaymentAwaited(invoice_id, away=True)
        try:
            invoice = await self.sweep.now(user_id, invoice_id)
        except (Conflict, GatewayError, NotFound):
            return ev.PaymentAwaited(invoice_id, away=True)
        if invoice.state is InvoiceState.CREDITED:
            return ev.PaymentLanded(invoice_id)
        return ev.PaymentAwaited(invoice_id, seen=invoice.state is InvoiceState.PAYING)

    async def _refusal(self, error: GatewayRefused) -> str:
        """The word for a refusal; the operators hear of one that is theirs."""
        if error.code in OURS_TO_MEND:
            await self.notifier.alarm(error)
            return "closed"
        return "no_rates" if error.code == "no_rates" else "refused"
