"""Everything that can happen in a conversation: what the customer does, and what the world answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.draft import Draft, Entry, Field, Side
from shipping_core.domain.ids import InvoiceId, OrderId, RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Quote, Rate

# What the customer does.


@frozen
class Started:
    """The menu was asked for."""


@frozen
class NewOrder:
    """A new order; `guided` asks field by field."""

    guided: bool = False


@frozen
class DraftContinued:
    """Go on with the unfinished order."""


@frozen
class DraftDropped:
    """Forget the unfinished order and begin anew."""


@frozen
class TextRead:
    """A message, as the reader understood it.

    `found` is what it says about any field. `answer` and `reason` are what it says about the one field
    that was asked for, when one was.
    """

    found: Mapping[Field, Entry] = field(factory=dict)
    unread: str = ""
    answer: Entry | None = None
    reason: str = ""
    text: str = ""
    """The words themselves, for what is no field of an order."""


@frozen
class NotText:
    """A sticker, photo, voice message or the like. `kind` is Telegram's word for it."""

    kind: str


@frozen
class FieldSkipped:
    """An optional field is left out."""


@frozen
class SteppedBack:
    """One step back."""


@frozen
class PartEdited:
    """Write `part` (from, to, parcel) again."""

    part: str


@frozen
class FieldEdited:
    """Write one field again."""

    field: Field


@frozen
class PricesAsked:
    """The reviewed order is right: ask the carriers."""


@frozen
class SuggestionUsed:
    """Take the carrier's spelling of this side's address."""

    side: Side


@frozen
class AddressKept:
    """Use this side's address as entered, against the carrier's advice."""

    side: Side


@frozen
class MoreAsked:
    """Show the other prices."""


@frozen
class RateChosen:
    """One offer was tapped."""

    rate_id: RateId


@frozen
class PurchaseConfirmed:
    """Buy was tapped. The order id is the button's one-use token."""

    order_id: OrderId


@frozen
class CancelAsked:
    """Give the order up?"""


@frozen
class CancelConfirmed:
    """Yes, give it up."""


@frozen
class CancelDenied:
    """No, go on."""


@frozen
class LanguageChosen:
    """From now on in this language (ISO 639-1)."""

    language: str


@frozen
class OrderRepeated:
    """An order as it was or is kept, with its service where one is named and still offered."""

    draft: Draft
    carrier_code: str
    service_code: str


@frozen
class KeptUsed:
    """An address or a parcel that the customer keeps goes into the order: every field of its part."""

    found: Mapping[Field, Entry]


@frozen
class TopUpAsked:
    """Bring money in."""


@frozen
class AmountChosen:
    """This much, in cents as a button carries it."""

    minor: int


@frozen
class TopUpAndBuy:
    """Bring in what is missing, and buy as soon as it is there. The order id is the button's token."""

    order_id: OrderId


@frozen
class PaidSaid:
    """ "I have paid"."""


@frozen
class AsideAsked:
    """Something beside the order needs a text: `question` about `subject`."""

    question: str
    subject: str = ""


# What the world answers.

SHUT = frozenset({"blocked", "limit", "maintenance"})
"""Why a customer cannot order or top up now; `facts` say more, a message by language among it."""


@frozen
class QuoteArrived:
    """Prices, and the carriers' opinion of both addresses. `ticket` says for which question."""

    ticket: int
    quote: Quote
    checks: Mapping[Side, AddressCheck]


@frozen
class PricingFailed:
    """No prices. `reason`: no_rates, unavailable, refused, bad_field, or of `SHUT`; `detail` names more."""

    ticket: int
    reason: str
    detail: str = ""
    facts: Mapping[str, str] = field(factory=dict)


@frozen
class EstimateArrived:
    """Rough prices while the order is still being written."""

    ticket: int
    rates: tuple[Rate, ...]


@frozen
class LabelBought:
    """The purchase is recorded and paid."""

    order_id: OrderId


@frozen
class PurchaseRefused:
    """Nothing is bought or held. `reason`: funds, expired, refused, unavailable, or one of `SHUT`."""

    order_id: OrderId
    reason: str
    detail: str = ""
    facts: Mapping[str, str] = field(factory=dict)


@frozen
class OutcomePending:
    """The carrier did not answer; the money stays held until it is known."""

    order_id: OrderId


@frozen
class InvoiceOpened:
    """The payment link is there."""

    invoice_id: InvoiceId
    amount: Money
    url: str
    expires_at: dt.datetime


@frozen
class InvoiceRefused:
    """No payment link. `reason` is amount, many, unavailable, or one of `SHUT`; `facts` name more."""

    invoice_id: InvoiceId
    reason: str
    detail: str = ""
    facts: Mapping[str, str] = field(factory=dict)


@frozen
class PaymentLanded:
    """The money of this invoice is there, or was not needed."""

    invoice_id: InvoiceId


@frozen
class PaymentAwaited:
    """Not yet: nothing came, or it is `seen` and not certain."""

    invoice_id: InvoiceId
    seen: bool = False
    away: bool = False
    """The gateway does not answer."""


@frozen
class AnswerTaken:
    """The answer was good; what came of it is told beside the card."""

    question: str
    subject: str


@frozen
class AnswerRefused:
    """It was not: `word` is a note's word that says how to mend it."""

    question: str
    subject: str
    word: str
    facts: Mapping[str, str] = field(factory=dict)


Customer = (
    Started | NewOrder | DraftContinued | DraftDropped | TextRead | NotText | FieldSkipped | SteppedBack
    | PartEdited | FieldEdited | PricesAsked | SuggestionUsed | AddressKept | MoreAsked | RateChosen
    | PurchaseConfirmed | CancelAsked | CancelConfirmed | CancelDenied | LanguageChosen | OrderRepeated
    | KeptUsed | TopUpAsked | AmountChosen | TopUpAndBuy | PaidSaid | AsideAsked
)  # fmt: skip
World = (
    QuoteArrived | PricingFailed | EstimateArrived | LabelBought | PurchaseRefused | OutcomePending
    | InvoiceOpened | InvoiceRefused | PaymentLanded | PaymentAwaited | AnswerTaken | AnswerRefused
)  # fmt: skip
Event = Customer | World
