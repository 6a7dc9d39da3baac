"""Who may do what in the office: roles, keys, and the consent of a second person."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.ids import UserId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict


class Role(enum.Enum):
    """Each may do what the ones before it may."""

    VIEWER = "viewer"
    """Sees."""
    SUPPORT = "support"
    """Helps customers: notes, languages, blocks, refunds asked for in their name."""
    FINANCE = "finance"
    """Moves money: refunds, payments in review, balances."""
    OWNER = "owner"
    """Settings, keys, erasure, broadcasts."""

    def may(self, needed: Role) -> bool:
        """Whether this role is at least that one."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


def fingerprint_of(secret: str) -> str:
    """What is kept of a key: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


FREE_GUESSES = 5
GUESS_WINDOW = dt.timedelta(minutes=15)
LONGEST_WAIT = dt.timedelta(hours=1)


@frozen
class Guesses:
    """Keys from one network that opened nothing. Five within 15 minutes make it wait, each more twice as
    long; a key that opens does not make up for them.
    """

    network: str
    count: int
    since: dt.datetime
    last: dt.datetime

    @property
    def until(self) -> dt.datetime:
        """When they are forgotten."""
        return self.since + GUESS_WINDOW if self.count < FREE_GUESSES else self.last + 2 * LONGEST_WAIT

    def one_more(self, now: dt.datetime) -> Guesses:
        """With the one just made."""
        if now >= self.until:
            return Guesses(self.network, 1, now, now)
        return evolve(self, count=self.count + 1, last=now)

    def wait(self, now: dt.datetime) -> dt.timedelta:
        """How long nobody from there is listened to; zero or less: speak."""
        if self.count < FREE_GUESSES or now >= self.until:
            return dt.timedelta(0)
        doubled: int = 2 ** min(self.count - FREE_GUESSES, 10)
        return self.last + min(doubled * dt.timedelta(minutes=1), LONGEST_WAIT) - now


@frozen
class Operator:
    """Somebody from the office, as the journal and the audit name them."""

    name: str
    """`key:ola`, `owner`, `cli`: whoever acts, never a secret."""
    role: Role
    key_id: str = ""
    """Of the key they came with; the owner's first key has none."""


@frozen
class ApiKey:
    """A key to the office. Only its fingerprint is kept (SHA-256, hex); the key itself is shown once."""

    key_id: str
    name: str
    role: Role
    fingerprint: str
    hint: str
    """Its first characters, to tell keys apart."""
    created_at: dt.datetime
    updated_at: dt.datetime
    created_by: str
    version: int = 1
    previous: str = ""
    """The fingerprint before the last rotation, good until `previous_until`."""
    previous_until: dt.datetime | None = None
    used_at: dt.datetime | None = None
    """To the hour or so."""
    revoked_at: dt.datetime | None = None

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.key_id

    @property
    def unique(self) -> tuple[str, ...]:
        """Names of keys that open differ, and so do all fingerprints."""
        prints = tuple(f"print:{p}" for p in (self.fingerprint, self.previous) if p)
        return prints if self.revoked_at else (f"name:{self.name.casefold()}", *prints)

    def opens(self, fingerprint: str, now: dt.datetime) -> bool:
        """Whether a key of this fingerprint is good now."""
        if self.revoked_at is not None:
            return False
        if fingerprint == self.fingerprint:
            return True
        return fingerprint == self.previous and self.previous_until is not None and now < self.previous_until

    def changed(self, now: dt.datetime, **changes: object) -> ApiKey:
        """The next version."""
        made: ApiKey = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


class ApprovalState(enum.Enum):
    """Where a wish for consent stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    """And done, in the same transaction."""
    REFUSED = "refused"


class Act(enum.Enum):
    """What may need a second person."""

    CREDIT = "credit"
    OVERRIDE = "override"
    PRODUCTION = "production"


@frozen
class Approval:
    """An act that waits for somebody else's consent; `facts` are its arguments as plain text."""

    approval_id: str
    act: Act
    facts: Mapping[str, str]
    asked_by: str
    asked_why: str
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    version: int = 1
    state: ApprovalState = ApprovalState.WAITING
    amount: Money | None = None
    user_id: UserId | None = None
    decided_by: str = ""
    decided_why: str = ""

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.approval_id

    @property
    def unique(self) -> tuple[str, ...]:
        """An act waits once."""
        if self.state is not ApprovalState.WAITING:
            return ()
        facts = ":".join(f"{k}={v}" for k, v in sorted(self.facts.items()))
        return (f"{self.act.value}:{facts}",)

    def expired(self, now: dt.datetime) -> bool:
        """Whether its time is over: it can only be refused then."""
        return now >= self.expires_at

    def decided(self, state: ApprovalState, by: str, why: str, now: dt.datetime) -> Approval:
        """Granted or refused.

        Raises:
            Conflict: it was decided before, or is granted after its time or by who asked for it.
        """
        if self.state is not ApprovalState.WAITING:
            at = self.updated_at.isoformat(timespec="seconds")
            raise Conflict(
                "approval", f"{self.approval_id} was {self.state.value} by {self.decided_by} at {at}"
            )
        granted = state is ApprovalState.GRANTED
        if granted and self.expired(now):
            raise Conflict("approval", f"{self.approval_id} has expired: ask anew")
        if granted and by == self.asked_by:
            raise Conflict("approval", f"{self.approval_id} needs somebody else than {by}")
        return evolve(
            self, state=state, decided_by=by, decided_why=why, version=self.version + 1, updated_at=now
        )


@frozen
class Performed:
    """What came of an act: done, or waiting for `approval`; and the `balance` that it moved, as it is now."""

    approval: Approval | None = field(default=None)
    balance: Balance | None = field(default=None)
