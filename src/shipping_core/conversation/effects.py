"""What a step wants done outside; its outcome comes back as an event."""

from __future__ import annotations

from attrs import frozen

from shipping_core.domain.draft import Draft
from shipping_core.domain.ids import OrderId, RateId
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


Effect = AskPrices | AskEstimate | PurchaseLabel
