"""What to show, as facts; a door decides how it looks. No wording here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from shipping_core.conversation.desk_screens import DeskScreen
from shipping_core.conversation.refund_screens import RefundScreen
from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.desk import Contact, ParcelPreset
from shipping_core.domain.draft import Draft, Field, Problem, Side
from shipping_core.domain.ids import Mode, OrderId, RateId, RefundId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Balance
from shipping_core.domain.letter import Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.rating import Tag
from shipping_core.domain.refund import Eligibility, Refund
from shipping_core.domain.shipment import Rate, Tracking


@frozen
class Facts:
    """What every screen may need and no rule decides.

    `version` goes into the buttons, so that a press on an old card is known. `balance` is None where
    the screen does not show it. `mode` is that of what the screen speaks of, or else of what begins now.
    """

    version: int
    language: str
    now: dt.datetime
    mode: Mode
    balance: Balance | None = None
    last_order: Order | None = None
    twin: Order | None = None
    """A label bought a moment ago for the very parcel that is about to be paid for."""
    to_top_up: Money | None = None
    """What is missing for the purchase about to be confirmed; zero when nothing is."""
    coins: tuple[str, ...] = ()
    """What a top-up can be paid with, where it is known."""
    can_top_up: bool = False
    offers: tuple[Money, ...] = ()
    """Amounts to choose from; any other from `least` to `most` can be written."""
    least: Money | None = None
    most: Money | None = None
    contact: str = ""
    """Where customers reach a person."""
    refund_after: dt.timedelta = dt.timedelta(days=5)
    """How old a label must be before it can be asked back."""
    shut: Note | None = None
    """Why nothing can be ordered or topped up now, where a screen leads there."""
    contacts: tuple[Contact, ...] = ()
    """Addresses to choose from where one is asked for."""
    parcels: tuple[ParcelPreset, ...] = ()


@frozen
class Note:
    """One remark above or below a screen: a machine word and its facts.

    `NOTES` lists the words; `reason:` stands before one of the reader's reasons.
    """

    word: str
    facts: Mapping[str, str] = field(factory=dict)


NOTES = frozenset(
    {
        "address_unread", "forgotten", "kept_many", "lacks", "name_empty", "name_long", "name_taken",
        "parcel_unread",
        "already_bought", "bad_field", "blocked", "busy", "cancelled", "choose_first", "closed",
        "decide_address", "expired", "funds", "label_later", "limit", "maintenance", "moment",
        "no_rates", "not_bought", "not_paid_yet", "not_text", "nothing_found", "nothing_to_cancel",
        "paid", "payment_seen", "payments_away", "price_changed", "price_same", "refund_many",
        "refund_none", "refund_unknown", "refused", "service_gone", "stale", "topup_amount", "topup_many",
        "unavailable",
    }
)  # fmt: skip
"""Every word a rule may put into a `Note`, besides `reason:…`."""


# The order, as one card.


@frozen
class Menu:
    """The way in: balance, new order, the unfinished one, the last one again."""

    has_draft: bool
    wants_balance = True


@frozen
class ResumeOrNew:
    """Go on with this unfinished order, or begin anew?"""

    draft: Draft


@frozen
class OrderCard:
    """The order so far; `asking` is the smallest set still missing."""

    draft: Draft
    asking: tuple[Field, ...]
    problems: tuple[Problem, ...]
    estimate: tuple[Rate, ...] = ()


@frozen
class AskField:
    """One field, as step `number` of `total`; `number` is 0 outside the step-by-step path."""

    field: Field
    number: int
    total: int
    current: str = ""


@frozen
class AskPart:
    """An address or the parcel, to be written again; or one field of it."""

    part: str
    draft: Draft


@frozen
class Review:
    """All that was entered, before prices are asked for."""

    draft: Draft
    problems: tuple[Problem, ...]


@frozen
class Working:
    """A wait: `what` is prices, purchase or link."""

    what: str
    draft: Draft


@frozen
class RateList:
    """Offers to choose from, cheapest first."""

    draft: Draft
    rates: tuple[Rate, ...]
    tags: Mapping[RateId, Tag]
    expires_at: dt.datetime
    hidden: int
    problems: tuple[Problem, ...]
    doubts: Mapping[Side, AddressCheck]
    wants_balance = True


@frozen
class ConfirmPurchase:
    """The last look before paying; `residential` is what the carrier knows of the recipient's address."""

    draft: Draft
    rate: Rate
    order_id: OrderId
    expires_at: dt.datetime
    kept: frozenset[Side]
    residential: bool | None = None
    wants_balance = True


@frozen
class Purchased:
    """The label is bought."""

    order_id: OrderId
    wants_balance = True


@frozen
class PurchasePending:
    """The carrier did not answer; what happens next."""

    order_id: OrderId


@frozen
class TopUpAmounts:
    """How much to top up? `price` is of the purchase that waits for it."""

    price: Money | None = None
    wants_balance = True


@frozen
class PaymentLink:
    """Where to pay, and until when; `price` is of the purchase that goes on once it is paid."""

    amount: Money
    url: str
    expires_at: dt.datetime
    price: Money | None = None


@frozen
class ConfirmCancel:
    """Really give it up?"""

    draft: Draft


@frozen
class AskAside:
    """A question beside the order; the next text answers it."""

    question: str
    subject: str


# Pages beside the order; they never touch it.


@frozen
class OrderList:
    """A customer's orders, newest first."""

    orders: tuple[Order, ...]
    page: int
    has_more: bool


@frozen
class OrderDetails:
    """One order, and where it stands about being given back; its refund that is under way or paid."""

    order: Order
    judged: Eligibility | None = None
    refund: Refund | None = None


@frozen
class TrackingPage:
    """Where a parcel is."""

    order: Order
    tracking: Tracking


@frozen
class QuickQuote:
    """Prices for two ZIPs and a weight; nothing can be bought from here."""

    rates: tuple[Rate, ...]
    tags: Mapping[RateId, Tag]
    draft: Draft


@frozen
class QuoteUsage:
    """How to ask for a quick quote."""


@frozen
class Help:
    """What this is and how to use it."""


@frozen
class Languages:
    """Choose a language."""


@frozen
class Remark:
    """Just a note."""


@frozen
class PaymentQr:
    """The payment link once more, to be scanned with another device."""

    amount: Money
    url: str


@frozen
class News:
    """What a letter says about an order, a top-up or a refund."""

    word: Word
    order: Order | None = None
    invoice: Invoice | None = None
    facts: Mapping[str, str] = field(factory=dict)
    refund_id: RefundId | None = None
    wants_balance = True

    @property
    def mode(self) -> Mode | None:
        """That of the money or label it speaks of; None where it speaks of none."""
        if self.order is not None:
            return self.order.mode
        if self.invoice is not None:
            return self.invoice.mode
        return Mode(self.facts["mode"]) if "mode" in self.facts else None


@frozen
class Announcement:
    """An operator's words to many, in the mark-up of `domain.rich_text`."""

    html: str


@frozen
class LabelCaption:
    """What stands under the label's PDF."""

    order: Order


Screen = (
    Menu | ResumeOrNew | OrderCard | AskField | AskPart | Review | Working | RateList | ConfirmPurchase
    | Purchased | PurchasePending | ConfirmCancel | OrderList | OrderDetails | TrackingPage | QuickQuote
    | QuoteUsage | Help | Languages | Remark | LabelCaption | TopUpAmounts | PaymentLink | PaymentQr | News
    | AskAside | Announcement
    | AskAside | RefundScreen
    | AskAside | DeskScreen
)  # fmt: skip
