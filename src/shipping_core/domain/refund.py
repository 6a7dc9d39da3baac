"""Money asked back for a label: who decides, what the carrier says, and the few moves in between.

    requested -> approved -> voiding -> void_ok -> processed
              `-> rejected, cancelled      `-> void_refused, void_unknown

Approving asks the carrier to take the label back at once. Only its yes, or an operator's override at our
own loss, brings the money back; once, by a key made of the refund's id. A carrier that has not told for an
hour leaves it to an operator, who rejects or overrides; the label is then watched, since it may be void.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from attrs import evolve, frozen

from shipping_core.domain.ids import Mode, OrderId, RefundId, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.order import FIRST_WATCH, WATCHED_FOR, Order, OrderState
from shipping_core.domain.policy import RefundRules
from shipping_core.errors import Conflict, NotEligible


class RefundState(enum.Enum):
    """Where a refund stands. `PROCESSED`, `REJECTED` and `CANCELLED` are ends."""

    REQUESTED = "requested"
    APPROVED = "approved"
    VOIDING = "voiding"
    """The carrier is being asked; a worker that died meanwhile is followed by a look-up."""
    VOID_OK = "void_ok"
    VOID_REFUSED = "void_refused"
    """The carrier keeps the label: reject, ask once more, or give the money back at our loss."""
    VOID_UNKNOWN = "void_unknown"
    """It did not answer; looked up before it is asked again. After `DOUBT_LASTS` an operator may decide."""
    PROCESSED = "processed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


S = RefundState
MOVES: frozenset[tuple[RefundState, RefundState]] = frozenset(
    {
        (S.REQUESTED, S.APPROVED),
        (S.REQUESTED, S.REJECTED),
        (S.REQUESTED, S.CANCELLED),
        (S.APPROVED, S.VOIDING),
        (S.VOIDING, S.VOID_OK),
        (S.VOIDING, S.VOID_REFUSED),
        (S.VOIDING, S.VOID_UNKNOWN),
        (S.VOID_UNKNOWN, S.VOIDING),
        (S.VOID_UNKNOWN, S.VOID_OK),
        (S.VOID_UNKNOWN, S.REJECTED),
        (S.VOID_UNKNOWN, S.PROCESSED),
        (S.VOID_REFUSED, S.VOIDING),
        (S.VOID_REFUSED, S.REJECTED),
        (S.VOID_REFUSED, S.PROCESSED),
        (S.VOID_OK, S.PROCESSED),
    }
)
"""Every edge there is; anything else is refused."""
ENDS = frozenset({S.PROCESSED, S.REJECTED, S.CANCELLED})
WRITTEN = ("note", "amount_reason", "decided_why", "void_answer")
"""What of a refund somebody wrote."""
DOUBT_LASTS = dt.timedelta(hours=1)
"""A carrier that has not told for so long need not be waited for; operators hear of it."""


def live_word(order_id: OrderId) -> str:
    """What the one live refund of an order has among its `unique`."""
    return f"live:{order_id}"


@frozen
class Refund:
    """One wish to give one label back. `version` grows by one with every change and guards each save."""

    refund_id: RefundId
    order_id: OrderId
    user_id: UserId
    mode: Mode
    carrier_code: str
    price: Money
    """What was left of the price paid when it was asked for: the most that is given back."""
    amount: Money
    created_at: dt.datetime
    updated_at: dt.datetime
    state: RefundState = RefundState.REQUESTED
    version: int = 1
    requested_by: str = "customer"
    at_once: bool = False
    """Cancelled by the customer while it was fresh; nobody has to approve it."""
    note: str = ""
    """An operator's word to the customer, who sees it."""
    amount_reason: str = ""
    """Why less than the price is given back."""
    decided_by: str = ""
    decided_why: str = ""
    void_answer: str = ""
    """The carrier's own words and code."""
    void_code: str = ""
    attempts: int = 0
    """How often the carrier was asked."""
    lookups: int = 0
    """How many look-ups have not told."""
    at_loss: bool = False
    decided_at: dt.datetime | None = None
    asked_at: dt.datetime | None = None
    """When the carrier was asked first, or first after its no."""
    ended_at: dt.datetime | None = None
    watched: bool = False
    """It was decided before the carrier told: somebody keeps looking whether the label is void after all."""
    tracking_number: str = ""
    """Of the label, by which it is looked for."""

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.refund_id

    @property
    def unique(self) -> tuple[str, ...]:
        """One live refund an order."""
        return () if self.state in ENDS else (live_word(self.order_id),)

    @property
    def live(self) -> bool:
        """Whether anything may still come of it."""
        return self.state not in ENDS

    @property
    def label_leaves(self) -> bool:
        """Whether the label is about to go back, or is gone: it is no more to be used."""
        return self.state in {S.APPROVED, S.VOIDING, S.VOID_OK, S.VOID_UNKNOWN}

    @property
    def waits_since(self) -> dt.datetime:
        """Since when it waits for the carrier, or else for an operator; notes and look-ups change nothing."""
        return self.asked_at or self.decided_at or self.created_at

    @property
    def credit_key(self) -> str:
        """The idempotency key of its credit: one a refund, ever."""
        return f"refund:{self.refund_id}"

    def moved(self, to: RefundState, now: dt.datetime, **changes: object) -> Refund:
        """In its next state.

        Raises:
            Conflict: there is no such edge; the text says where it stands, who decided and when.
        """
        if (self.state, to) not in MOVES:
            raise Conflict("refund", self.standing)
        ended = now if to in ENDS else None
        return self._next(now, state=to, ended_at=ended, **changes)

    def decided(self, to: RefundState, by: str, why: str, now: dt.datetime, **changes: object) -> Refund:
        """In the state that somebody chose for it.

        Raises:
            Conflict: as above; or the carrier may still tell whether the label is void.
        """
        doubt = self.state is S.VOID_UNKNOWN
        if doubt and now - (self.asked_at or self.created_at) < DOUBT_LASTS:
            raise Conflict("refund", f"{self.standing}: the carrier has an hour to tell")
        decision = {"decided_by": by, "decided_why": why, "decided_at": now, "watched": doubt}
        return self.moved(to, now, **{**decision, **changes})

    def watch_due(self, now: dt.datetime) -> bool:
        """Whether to look once more: hourly for a day after the decision, then daily for a month."""
        day = dt.timedelta(days=1)
        fresh = self.decided_at is not None and now - self.decided_at < day
        return self.watched and now - self.updated_at >= (FIRST_WATCH if fresh else day)

    def looked_after(self, now: dt.datetime) -> Refund:
        """One more look did not show its label void; after a month nobody looks any more."""
        return self._next(now, watched=now - (self.decided_at or self.updated_at) < WATCHED_FOR)

    def watch_over(self, now: dt.datetime) -> Refund:
        """Nobody has to look after its label any more."""
        return self._next(now, watched=False)

    def void_asked(self, now: dt.datetime) -> Refund:
        """The carrier is about to be asked; after its no, all waiting begins anew.

        Raises:
            Conflict: as above.
        """
        anew = self.asked_at is None or self.state is S.VOID_REFUSED
        asked_at, lookups = (now, 0) if anew else (self.asked_at, self.lookups)
        return self.moved(S.VOIDING, now, attempts=self.attempts + 1, asked_at=asked_at, lookups=lookups)

    def noted(self, note: str, now: dt.datetime) -> Refund:
        """With this word to the customer."""
        return self._next(now, note=note)

    def looked_up(self, now: dt.datetime) -> Refund:
        """One more look-up did not tell."""
        return self._next(now, lookups=self.lookups + 1)

    @property
    def telling(self) -> bool:
        """Whether there is anything in it that somebody wrote."""
        return any(getattr(self, name) for name in WRITTEN)

    def forgotten(self) -> Refund:
        """Without what was written about a person; what the books need stays."""
        blank: dict[str, Any] = dict.fromkeys(WRITTEN, "")
        return evolve(self, version=self.version + 1, **blank)

    @property
    def standing(self) -> str:
        """Where it stands, who decided and when, for whoever came too late."""
        by = f" already by {self.decided_by}" if self.decided_by else ""
        at = (self.decided_at or self.updated_at).isoformat(timespec="seconds")
        return f"{self.refund_id} is {self.state.value}{by}, since {at}"

    def _next(self, now: dt.datetime, **changes: object) -> Refund:
        made: Refund = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


class Verdict(enum.Enum):
    """Whether a label may be asked back now, and why not."""

    ELIGIBLE = "eligible"
    FRESH = "fresh"
    """Younger than the rule says: it may be cancelled at once instead."""
    TOO_LATE = "too_late"
    """The carrier's window is over."""
    NO_LABEL = "no_label"
    VOIDED = "voided"
    REFUNDED = "refunded"
    ASKED = "asked"
    """A refund of it is under way."""
    IN_USE = "in_use"
    """The carrier has seen the parcel."""


@frozen
class Eligibility:
    """One label against the rules. From `since` on it may be asked back, before `until`."""

    order: Order
    verdict: Verdict
    since: dt.datetime
    until: dt.datetime

    @property
    def ok(self) -> bool:
        """Whether it may be asked back now."""
        return self.verdict is Verdict.ELIGIBLE

    def refusal(self) -> NotEligible:
        """It, as an error."""
        return NotEligible(self.order.order_id, self.verdict.value, self.since, self.until)


@frozen
class Asked:
    """What came of one word of a wish: a refund, or why not; neither where it names no label of theirs."""

    word: str
    order: Order | None = None
    refund: Refund | None = None
    refused: Eligibility | None = None


def eligibility(order: Order, rules: RefundRules, now: dt.datetime, *, asked: bool = False) -> Eligibility:
    """Judge one order: `since` is exactly the least age after the purchase was begun.

    `asked` says that a refund of it is under way.
    """
    since = order.created_at + rules.least_age
    until = order.created_at + dt.timedelta(days=rules.window(order.rate.carrier_code).days)
    if asked:
        verdict = Verdict.ASKED
    elif order.state is OrderState.VOIDED:
        verdict = Verdict.VOIDED
    elif order.label is None or order.state is not OrderState.PURCHASED:
        verdict = Verdict.NO_LABEL
    elif order.refundable.minor <= 0:
        verdict = Verdict.REFUNDED
    elif now >= until:
        verdict = Verdict.TOO_LATE
    elif now < since:
        verdict = Verdict.FRESH
    else:
        verdict = Verdict.ELIGIBLE
    return Eligibility(order, verdict, since, until)
