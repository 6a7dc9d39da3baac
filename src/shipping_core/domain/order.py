"""A sale of one label, and the few moves it may make."""

from __future__ import annotations

import datetime as dt
import enum

from attrs import evolve, frozen

from shipping_core.domain.ids import Mode, OrderId, QuoteId, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Label, Rate, Shipment
from shipping_core.errors import Conflict


class OrderState(enum.Enum):
    """Where a sale stands. `FAILED`, `EXPIRED` and `VOIDED` are ends; `UNKNOWN` and `PARKED` wait."""

    RESERVED = "reserved"
    PURCHASING = "purchasing"
    UNKNOWN = "unknown"
    PARKED = "parked"
    PURCHASED = "purchased"
    FAILED = "failed"
    EXPIRED = "expired"
    VOID_REQUESTED = "void_requested"
    VOIDED = "voided"


S = OrderState
MOVES: frozenset[tuple[OrderState, OrderState]] = frozenset(
    {
        (S.RESERVED, S.PURCHASING),
        (S.RESERVED, S.FAILED),
        (S.RESERVED, S.EXPIRED),
        (S.PURCHASING, S.PURCHASED),
        (S.PURCHASING, S.FAILED),
        (S.PURCHASING, S.UNKNOWN),
        (S.UNKNOWN, S.PURCHASED),
        (S.UNKNOWN, S.FAILED),
        (S.UNKNOWN, S.PARKED),
        (S.PARKED, S.PURCHASED),
        (S.PARKED, S.FAILED),
        (S.PURCHASED, S.VOID_REQUESTED),
        (S.VOID_REQUESTED, S.VOIDED),
        (S.VOID_REQUESTED, S.PURCHASED),
        (S.PURCHASED, S.VOIDED),
    }
)
"""Every edge there is; anything else is refused."""
UNDECIDED = frozenset({S.RESERVED, S.PURCHASING, S.UNKNOWN, S.PARKED})
"""What may still turn out either way; its money is held."""
UNDER_WAY = UNDECIDED | {S.VOID_REQUESTED}
"""Where a worker may be at an order: it is undecided, or its label is being given back."""

NEVER_SENT_AFTER = dt.timedelta(minutes=10)
"""A reserved order this old is given up, and its money is free again."""
FIRST_WATCH = dt.timedelta(hours=1)
WATCHED_FOR = dt.timedelta(days=30)


@frozen
class Order:
    """One user's purchase of one rate; everything it needs is frozen into it when it is made.

    `price` is what was shown and held; `charged` what was captured in the end, never more.
    `version` grows by one with every change and guards each save.
    """

    order_id: OrderId
    user_id: UserId
    mode: Mode
    shipment: Shipment
    rate: Rate
    quote_id: QuoteId
    reference: str
    price: Money
    created_at: dt.datetime
    updated_at: dt.datetime
    state: OrderState = OrderState.RESERVED
    version: int = 1
    kept_as_entered: tuple[str, ...] = ()
    """The sides (`from`, `to`) whose address the customer kept against the carrier's advice."""
    carrier_order: str = ""
    sent_at: dt.datetime | None = None
    """When the purchase request was about to leave."""
    claimed_by: str = ""
    """The worker that may send it, and no other ever."""
    fence: int = 0
    """The version of the claim."""
    good_until: dt.datetime | None = None
    """When its price ends: after that it is not bought any more."""
    lookups: int = 0
    """How many complete look-ups have found no label for an unknown outcome."""
    label: Label | None = None
    charged: Money | None = None
    failure: str = ""
    watch_at: dt.datetime | None = None
    """When to look once more for a label that must not exist; None when nobody looks any more."""
    stray: Label | None = None
    """A label that appeared after the money was given back, and was voided, or could not be."""
    voiding: bool = False
    """An operator has asked the carrier to take its labels back: until it says no, nobody may adopt one."""
    refunded: Money | None = None
    """What of `charged` was given back, never more than that."""
    closing_told: bool = False
    """Whether the customer was told that the last day to ask it back comes near, or need not be."""
    addresses_gone: bool = False
    """Whether the people in it were forgotten; ZIPs and states stay for the books."""

    @property
    def undecided(self) -> bool:
        """Whether it may still turn out either way."""
        return self.state in UNDECIDED

    @property
    def under_way(self) -> bool:
        """Whether a worker may be at it."""
        return self.state in UNDER_WAY

    @property
    def in_doubt(self) -> bool:
        """Whether it was sent and nobody knows what came of it."""
        return self.state in {S.UNKNOWN, S.PARKED}

    @property
    def label_good(self) -> bool:
        """Whether there is a label that is not given back, and not being given back."""
        return self.label is not None and self.state not in {S.VOID_REQUESTED, S.VOIDED}

    @property
    def hold_key(self) -> str:
        """The idempotency key of this order's hold."""
        return f"hold:{self.order_id}"

    @property
    def capture_key(self) -> str:
        """The idempotency key of this order's capture."""
        return f"capture:{self.order_id}"

    @property
    def release_key(self) -> str:
        """The idempotency key of this order's release."""
        return f"release:{self.order_id}"

    @property
    def variance(self) -> Money:
        """What the carrier took beyond its offer; zero where it took less."""
        nothing = Money.zero(self.price.currency)
        return max(nothing, self.label.cost - self.rate.cost) if self.label else nothing

    def stale(self, now: dt.datetime) -> bool:
        """Whether it is too old to be sent to the carrier."""
        return now - self.created_at >= NEVER_SENT_AFTER or (
            self.good_until is not None and now >= self.good_until
        )

    def _move(self, to: OrderState, now: dt.datetime) -> Order:
        if (self.state, to) not in MOVES:
            raise Conflict("order", f"{self.order_id} is {self.state.value}, not to become {to.value}")
        return evolve(self, state=to, version=self.version + 1, updated_at=now)

    def claimed(self, now: dt.datetime, *, carrier_order: str, by: str = "") -> Order:
        """About to be bought; only one worker ever gets this saved.

        Raises:
            Conflict: the order is past that point, here as in every move below.
        """
        claimed = self._move(S.PURCHASING, now)
        return evolve(claimed, sent_at=now, carrier_order=carrier_order, claimed_by=by, fence=claimed.version)

    def purchased(self, label: Label, now: dt.datetime) -> Order:
        """Bought; a carrier that took less than quoted makes it cheaper for the customer, never dearer.

        A cost of nothing is a sample label's (ShipStation's sandbox), not a discount.
        """
        nothing = Money.zero(self.price.currency)
        saved = max(nothing, self.rate.cost - label.cost) if label.cost > nothing else nothing
        charged = max(Money(1, self.price.currency), self.price - saved)
        return evolve(self._move(S.PURCHASED, now), label=label, charged=charged)

    def failed(self, reason: str, now: dt.datetime) -> Order:
        """Surely not bought, as far as anybody can tell; one that was in doubt is watched for a month."""
        watch_at = now + FIRST_WATCH if self.in_doubt else None
        return evolve(self._move(S.FAILED, now), failure=reason, watch_at=watch_at)

    def expired(self, now: dt.datetime) -> Order:
        """Never sent to the carrier in time."""
        return self._move(S.EXPIRED, now)

    def unknown(self, reason: str, now: dt.datetime) -> Order:
        """Sent and not answered; the hold stays until a look-up decides."""
        return evolve(self._move(S.UNKNOWN, now), failure=reason)

    def parked(self, reason: str, now: dt.datetime) -> Order:
        """Doubt that only an operator can resolve; the money stays held."""
        return evolve(self._move(S.PARKED, now), failure=reason)

    def giving_back(self, now: dt.datetime, *, begun: bool = True) -> Order:
        """Parked, and its labels are going back to the carrier; or, where not `begun`, stay after all."""
        if self.state is not S.PARKED:
            raise Conflict("order", f"{self.order_id} is {self.state.value}, not parked")
        return evolve(self, voiding=begun, version=self.version + 1, updated_at=now)

    def looked_up(self, now: dt.datetime) -> Order:
        """One more complete look-up found nothing."""
        return evolve(self, lookups=self.lookups + 1, version=self.version + 1, updated_at=now)

    def watched(self, now: dt.datetime) -> Order:
        """Looked up again after its end, and still nothing: hourly for a day, then daily for a month."""
        since = now - (self.sent_at or self.created_at)
        pause = FIRST_WATCH if since < dt.timedelta(days=1) else dt.timedelta(days=1)
        again = now + pause if since < WATCHED_FOR else None
        return evolve(self, watch_at=again, version=self.version + 1, updated_at=now)

    @property
    def refundable(self) -> Money:
        """What is left of the price paid."""
        nothing = Money.zero(self.price.currency)
        return (self.charged or nothing) - (self.refunded or nothing)

    def void_requested(self, now: dt.datetime) -> Order:
        """The carrier is being asked to take the label back."""
        return self._move(S.VOID_REQUESTED, now)

    def void_refused(self, now: dt.datetime) -> Order:
        """The carrier keeps it: the label is good still."""
        return self._move(S.PURCHASED, now)

    def voided(self, amount: Money, now: dt.datetime) -> Order:
        """The carrier took the label back, and `amount` goes to the customer.

        Raises:
            Conflict: more than is left of the price paid; here as below.
        """
        return evolve(self._move(S.VOIDED, now), refunded=self._given(amount))

    def voided_after_all(self, now: dt.datetime) -> Order:
        """The carrier had taken the label back, although somebody decided otherwise; its money is settled."""
        return self._move(S.VOIDED, now)

    def given_back(self, amount: Money, now: dt.datetime) -> Order:
        """`amount` goes to the customer, and the label stays good: our loss."""
        return evolve(self, refunded=self._given(amount), version=self.version + 1, updated_at=now)

    def reminded(self, now: dt.datetime) -> Order:
        """Nobody has to tell its customer about the last day any more."""
        return evolve(self, closing_told=True, version=self.version + 1, updated_at=now)

    def _given(self, amount: Money) -> Money:
        if not 0 < amount.minor <= self.refundable.minor:
            raise Conflict("order", f"{self.order_id} has {self.refundable} left to give back, not {amount}")
        return amount + (self.refunded or Money.zero(amount.currency))

    def strayed(self, label: Label, now: dt.datetime) -> Order:
        """A label appeared after the end; the money stays where it is."""
        return evolve(self, stray=label, watch_at=None, version=self.version + 1, updated_at=now)

    def forgotten(self) -> Order:
        """Without the people in it, and without what was said of them; ZIPs and states stay for the books.

        Raises:
            Conflict: it is under way.
        """
        if self.under_way:
            raise Conflict("order", f"{self.order_id} is under way: {self.state.value}")
        made = evolve(self, shipment=self.shipment.forgotten(), failure="", addresses_gone=True)
        return evolve(made, version=self.version + 1)
