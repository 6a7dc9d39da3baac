"""What a step wants done outside; its outcome comes back as an event."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.draft import Draft
from shipping_core.domain.ids import InvoiceId, OrderId, RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Quote


@frozen
class AskPrices:
    """Check both addresses and ask all carriers: answers QuoteArrived or PricingFailed."""

    ticket: int
    draft: Draft


@frozen
class AskEstimate:
    """Rough prices from two ZIPs and a weight: answers EstimateArrived, or nothing."""

    ticket: int
    draft: Draft


@frozen
class PurchaseLabel:
    """Hold, buy, capture or release: answers LabelBought, PurchaseRefused or OutcomePending."""

    order_id: OrderId
    quote: Quote
    rate_id: RateId
    kept_as_entered: tuple[str, ...]


@frozen
class OpenInvoice:
    """Make a payment link: answers InvoiceOpened, InvoiceRefused, or PaymentLanded when nothing is missing.

    Without an `amount` it is for what is missing of `price`.
    """

    invoice_id: InvoiceId
    amount: Money | None
    price: Money | None = None
    for_order: OrderId | None = None


@frozen
class AskPayment:
    """Ask the gateway at once: answers PaymentLanded or PaymentAwaited."""

    invoice_id: InvoiceId


@frozen
class TakeAnswer:
    """Give the answer to whoever asked: answers AnswerTaken or AnswerRefused."""

    question: str
    subject: str
    text: str


Effect = AskPrices | AskEstimate | PurchaseLabel | OpenInvoice | AskPayment | TakeAnswer
