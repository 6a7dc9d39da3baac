"""A top-up by crypto: our invoice, the payment links it owns, and the few moves it may make.

The gateway's word decides (`Payment`, asked for over TLS), never a notice's. One invoice may own
several links, because a lost answer may have left one behind; each is judged alone, the first full
payment is credited, and whatever came otherwise waits in suspense for an operator.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.ids import InvoiceId, Mode, OrderId, UserId
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
WATCHED_FOR = dt.timedelta(days=7)
"""After its time an invoice is asked about every five minutes for a day, then hourly up to this."""


class InvoiceState(enum.Enum):
    """Where a top-up stands. `EXPIRED` may still be paid late, `CREDITED` may still be reversed."""

    NEW = "new"
    """No payment link yet, or its creation was not answered."""
    WAITING = "waiting"
    PAYING = "paying"
    EXPIRED = "expired"
    CREDITED = "credited"
    REVERSED = "reversed"


S = InvoiceState
MOVES: frozenset[tuple[InvoiceState, InvoiceState]] = frozenset(
    {
        (S.NEW, S.WAITING),
        (S.NEW, S.EXPIRED),
        (S.WAITING, S.PAYING),
        (S.WAITING, S.CREDITED),
        (S.WAITING, S.EXPIRED),
        (S.PAYING, S.CREDITED),
        (S.PAYING, S.EXPIRED),
        (S.EXPIRED, S.PAYING),
        (S.EXPIRED, S.CREDITED),
        (S.EXPIRED, S.WAITING),
        (S.CREDITED, S.REVERSED),
    }
)
"""Every edge there is; anything else is refused. A late `waiting` or `paying` never moves back."""


class PaymentStatus(enum.Enum):
    """What the gateway says of one link; `UNKNOWN` is a word we do not know, and moves no money."""

    NEW = "new"
    WAITING = "waiting"
    PAYING = "paying"
    PAID = "paid"
    MANUAL_ACCEPT = "manual_accept"
    UNDERPAID = "underpaid"
    EXPIRED = "expired"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


@frozen
class PayLink:
    """One payment page at the gateway; `order_ref` is what we called it there."""

    track_id: str
    order_ref: str
    url: str
    expires_at: dt.datetime


@frozen
class Payment:
    """The gateway's own account of one link. `sandbox` and `received` are None where it does not say.

    `received` is the value of everything that came, in the invoice's currency, rounded down.
    """

    track_id: str
    status: PaymentStatus
    word: str
    """The gateway's own word for the status."""
    amount: Money | None
    """What was invoiced; None for a currency we do not sell in."""
    order_ref: str
    sandbox: bool | None = None
    received: Money | None = None
    transactions: int = 0


@frozen
class Invoice:
    """One user's wish to top up `amount`. `version` grows with every change and guards each save."""

    invoice_id: InvoiceId
    user_id: UserId
    mode: Mode
    amount: Money
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    state: InvoiceState = InvoiceState.NEW
    version: int = 1
    links: tuple[PayLink, ...] = ()
    attempts: int = 0
    """How many links were asked for; the next one's `order_ref` carries the next number."""
    for_order: OrderId | None = None
    """The purchase that waits for this money."""
    ask_at: dt.datetime | None = None
    """When the gateway is asked next; None when nobody will ask any more."""
    credited_by: str = ""
    """The track id whose payment was credited."""
    reviews: Mapping[str, str] = field(factory=dict)
    """Track id -> why an operator has to look: underpaid, overpaid, second_payment, …"""
    suspended: Mapping[str, Money] = field(factory=dict)
    """Track id -> what lies in suspense for it."""
    decided: Mapping[str, str] = field(factory=dict)
    """Track id -> the reviews an operator has decided, so that the next look does not open them again."""
    reversals: int = 0

    def payable(self, now: dt.datetime) -> bool:
        """Whether the customer has a page to pay it on; one just begun counts, its page may be coming."""
        coming = now - self.created_at < 2 * MINUTE
        return self.open(now) and (coming or (self.link is not None and bool(self.link.url)))

    def open(self, now: dt.datetime) -> bool:
        """Whether a payment is still expected."""
        return self.state in {S.NEW, S.WAITING, S.PAYING} and now < self.expires_at

    @property
    def link(self) -> PayLink | None:
        """The newest payment link."""
        return self.links[-1] if self.links else None

    @property
    def in_review(self) -> bool:
        """Whether an operator has something to decide."""
        return bool(self.reviews)

    def order_ref(self, attempt: int) -> str:
        """What the gateway knows this invoice's `attempt`th link as, counted from 1."""
        return self.invoice_id if attempt == 1 else f"{self.invoice_id}-{attempt}"

    def owns(self, order_ref: str) -> bool:
        """Whether we gave the gateway this reference for this invoice."""
        return order_ref in {self.order_ref(n) for n in range(1, self.attempts + 1)}

    def _next(self, now: dt.datetime, **changes: object) -> Invoice:
        changed: Invoice = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return changed

    def _move(self, to: InvoiceState, now: dt.datetime, **changes: object) -> Invoice:
        if self.state is not to and (self.state, to) not in MOVES:
            raise Conflict("invoice", f"{self.invoice_id} is {self.state.value}, not to become {to.value}")
        return self._next(now, state=to, **changes)

    def asking_link(self, now: dt.datetime) -> Invoice:
        """About to ask the gateway for one more link; stored before the call."""
        return self._next(now, attempts=self.attempts + 1, ask_at=now + MINUTE)

    def linked(self, link: PayLink, now: dt.datetime) -> Invoice:
        """The gateway made this link; one that is known already is asked about soon, and that is all.

        Raises:
            Conflict: the link does not carry our reference.
        """
        if not self.owns(link.order_ref):
            raise Conflict("link", link.track_id)
        known = {known.track_id for known in self.links}
        links = self.links if link.track_id in known else (*self.links, link)
        expires_at = max(self.expires_at, link.expires_at)
        late = self.state is S.EXPIRED and expires_at <= now
        to = self.state if late or self.state in {S.PAYING, S.CREDITED, S.REVERSED} else S.WAITING
        return self._move(to, now, links=links, expires_at=expires_at, ask_at=now + MINUTE)

    def asked(self, now: dt.datetime) -> Invoice:
        """The gateway was asked and nothing changed."""
        return self._next(now, ask_at=self.next_ask(now))

    def next_ask(self, now: dt.datetime) -> dt.datetime | None:
        """When to ask again: every minute while payable, then every five, then hourly, then never."""
        late = now - self.expires_at
        if late < dt.timedelta(0):
            return now + MINUTE
        if late < DAY:
            return now + 5 * MINUTE
        return now + 60 * MINUTE if late < WATCHED_FOR else None

    def paying(self, now: dt.datetime) -> Invoice:
        """A payment is on its way."""
        return self._move(S.PAYING, now, ask_at=self.next_ask(now))

    def expired(self, now: dt.datetime) -> Invoice:
        """Its time is over; a late payment still counts, where there was ever something to pay."""
        return self._move(S.EXPIRED, now, ask_at=self.next_ask(now) if self.attempts else None)

    def credited(self, track_id: str, now: dt.datetime, *, surplus: Money | None = None) -> Invoice:
        """This link's payment is the user's money now; what came beyond it waits for an operator."""
        reviews, suspended = self._left_without(track_id)
        if surplus is not None:
            reviews[track_id], suspended[track_id] = "overpaid", surplus
        return self._move(
            S.CREDITED,
            now,
            credited_by=track_id,
            reviews=reviews,
            suspended=suspended,
            ask_at=self.next_ask(now),
        )

    def doubted(self, track_id: str, reason: str, now: dt.datetime, *, suspended: Money | None) -> Invoice:
        """This link's payment came, but not as agreed; an operator decides. `suspended` is what is there."""
        held = self.suspended if suspended is None else {**self.suspended, track_id: suspended}
        reviews = {**self.reviews, track_id: reason}
        return self._next(now, reviews=reviews, suspended=held, ask_at=self.next_ask(now))

    def returned(self, track_id: str, now: dt.datetime) -> Invoice:
        """The gateway gave the payment back before it was ever credited; nothing is left to decide."""
        reviews, suspended = self._left_without(track_id)
        return self._next(now, reviews=reviews, suspended=suspended, ask_at=self.next_ask(now))

    def reviewed(self, track_id: str, now: dt.datetime) -> Invoice:
        """The operator has decided.

        Raises:
            Conflict: nothing of this link waits for a decision.
        """
        if track_id not in self.reviews:
            raise Conflict("review", f"{self.invoice_id} {track_id}")
        decided = {**self.decided, track_id: self.reviews[track_id]}
        reviews, suspended = self._left_without(track_id)
        return self._next(now, reviews=reviews, suspended=suspended, decided=decided)

    def _left_without(self, track_id: str) -> tuple[dict[str, str], dict[str, Money]]:
        """The other links' reviews, and what is in suspense for them."""
        reviews = {k: v for k, v in self.reviews.items() if k != track_id}
        return reviews, {k: v for k, v in self.suspended.items() if k != track_id}

    def reversed(self, now: dt.datetime) -> Invoice:
        """The gateway took the credited payment back, and whatever came with it."""
        reviews, suspended = self._left_without(self.credited_by)
        if self.credited_by in self.decided:  # an operator gave what came beyond it, and has to hear of this
            reviews[self.credited_by] = "refunded_after_decision"
        return self._move(
            S.REVERSED, now, reviews=reviews, suspended=suspended, reversals=self.reversals + 1, ask_at=None
        )


def topup_key(mode: Mode, track_id: str) -> str:
    """The idempotency key of a payment's credit: one a link, ever."""
    return f"topup:{mode.value}:{track_id}"


def suspense_key(mode: Mode, track_id: str, version: int = 0) -> str:
    """The idempotency key of what this link's payment does in suspense as its invoice becomes `version`.

    A payment may wait, go and wait anew. Zero is for money that belongs to no invoice; it comes once.
    """
    return f"suspense:{mode.value}:{track_id}" + (f":{version}" if version else "")


def review_key(mode: Mode, track_id: str, version: int) -> str:
    """The idempotency key of what an operator gives for this link as its invoice becomes `version`."""
    return f"review:{mode.value}:{track_id}:{version}"


def reversal_key(track_id: str, number: int) -> str:
    """The idempotency key of the `number`th time the gateway took a payment back."""
    return f"reversal:{track_id}:{number}"
