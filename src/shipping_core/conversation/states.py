"""Where a conversation can be. Each state is plain data and survives a save and a load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from shipping_core.conversation.screens import Note
from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.draft import Draft, Entry, Field, Side
from shipping_core.domain.ids import InvoiceId, OrderId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Quote, Rate


@frozen
class Idle:
    """The menu; nothing is being written."""


@frozen
class Resuming:
    """An unfinished order is there, and something new has begun: which of the two?

    What is new is `found`, on top of `instead` where a whole order is to be written again.
    """

    found: Mapping[Field, Entry] = field(factory=dict)
    guided: bool = False
    instead: Draft = field(factory=Draft)
    wish: Wish | None = None


@frozen
class Composing:
    """The card is open and takes any text; `estimate` are the rough prices that `ticket` asked for."""

    estimate: tuple[Rate, ...] = ()
    ticket: int = 0


@frozen
class Guided:
    """Step by step: one field is being asked for."""

    asking: Field


@frozen
class FixingPart:
    """One address or the parcel is being written again."""

    part: str


@frozen
class FixingField:
    """One field is being written again."""

    asking: Field


@frozen
class Reviewing:
    """All 18 steps are done; the customer looks it over before prices are asked for."""


@frozen
class Wish:
    """The service a customer had chosen before, and what it cost then, where prices were shown."""

    carrier_code: str
    service_code: str
    was: Rate | None = None
    paid_for: bool = False
    """The customer topped up to buy it at `was`; at that price or less it is bought without asking again."""


@frozen
class Pricing:
    """The carriers are being asked; `ticket` numbers the question."""

    ticket: int
    wish: Wish | None = None


@frozen
class ChoosingRate:
    """Prices are on the table."""

    quote: Quote
    checks: Mapping[Side, AddressCheck] = field(factory=dict)
    more: bool = False

    def undecided(self, draft: Draft) -> tuple[Side, ...]:
        """The sides whose address the carrier doubts and the customer has not spoken for."""
        doubted = (s for s in Side if s in self.checks and self.checks[s].needs_decision)
        return tuple(s for s in doubted if s not in draft.kept)


@frozen
class Confirming:
    """One price is chosen; Buy is one tap away. `order_id` is the button's one-use token."""

    choice: ChoosingRate
    rate: Rate
    order_id: OrderId


@frozen
class Buying:
    """The purchase is on its way. What was written is kept here in case it comes back refused."""

    confirming: Confirming
    draft: Draft


@frozen
class Bought:
    """The label is there."""

    order_id: OrderId


@frozen
class Waiting:
    """The carrier did not answer; a look-up will tell. What was written comes back if nothing was bought."""

    order_id: OrderId
    written: Draft = field(factory=Draft)


@frozen
class ToppingUp:
    """How much? `confirming` is the purchase that waits for the money."""

    confirming: Confirming | None = None


@frozen
class Invoicing:
    """The payment link is being made; of `amount`, or of what is missing for the purchase that waits."""

    invoice_id: InvoiceId
    amount: Money | None = None
    confirming: Confirming | None = None


@frozen
class Paying:
    """The payment link is there; money is expected until `expires_at`."""

    invoice_id: InvoiceId
    amount: Money
    url: str
    expires_at: dt.datetime
    confirming: Confirming | None = None


@frozen
class Leaving:
    """Really cancel? `back` is where a no returns to."""

    back: (
        Composing
        | Guided
        | FixingPart
        | FixingField
        | Reviewing
        | Pricing
        | ChoosingRate
        | Confirming
        | Resuming
    )


Interrupted = (
    Idle | Resuming | Composing | Guided | FixingPart | FixingField | Reviewing | Pricing | ChoosingRate
    | Confirming | Bought | Waiting | ToppingUp | Invoicing | Paying | Leaving
)  # fmt: skip
"""What a question beside the order may interrupt."""


@frozen
class Asking:
    """A question beside the order: the next text answers it, and then `back` goes on as it was.

    `question` names what is asked, `subject` what it is about (an id, or nothing); `use_cases.asides` knows
    who takes the answer.
    """

    question: str
    subject: str
    back: Interrupted
    missed: Note | None = None
    """What was to be said meanwhile of what was interrupted; it is said when that goes on."""


@frozen
class Answering:
    """The answer is being taken; after a crash it is taken once more, so whoever takes it must allow that."""

    question: str
    subject: str
    text: str
    back: Interrupted
    missed: Note | None = None


State = (
    Idle | Resuming | Composing | Guided | FixingPart | FixingField | Reviewing | Pricing | ChoosingRate
    | Confirming | Buying | Bought | Waiting | ToppingUp | Invoicing | Paying | Leaving | Asking | Answering
)  # fmt: skip
