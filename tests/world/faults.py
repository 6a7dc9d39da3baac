"""What goes wrong with processes and with the store, drawn by the seed."""

from __future__ import annotations

import random

from attrs import define, frozen

from shipping_core.errors import StoreUnavailable, TransactionConflict


@frozen
class Rates:
    """How likely each accident is, at each of its occasions."""

    crash: float = 0.0
    """At each crash point."""
    stops: float = 0.0
    """Of these, how many are asked to stop instead of killed: cancelled, and dead twenty seconds later."""
    away: float = 0.0
    """The store does not answer, and the act was not done."""
    unsure: float = 0.0
    """The store does not answer, and the act was done all the same."""
    conflict: float = 0.0
    """A transaction loses again and again, and is given up."""
    rerun: float = 0.0
    """The body of a transaction runs once in vain."""
    slow: float = 0.0
    """A call to the store takes up to two seconds."""
    stale: float = 0.0
    """A list is up to a minute old when it arrives: somebody else has acted meanwhile."""
    asleep: float = 0.0
    """The whole process sleeps for up to twenty seconds, as a paused machine does."""
    partner: float = 0.0
    """A carrier, the payment gateway or Telegram stumbles."""


CALM = Rates()
STORMY = Rates(
    crash=0.001,
    stops=0.25,
    away=0.004,
    unsure=0.004,
    conflict=0.01,
    rerun=0.05,
    slow=0.05,
    stale=0.1,
    asleep=0.0003,
    partner=0.5,
)
"""Every fifth order meets a crash, and every one some accident."""


@define
class Faults:
    """Draws accidents while it is `active`."""

    rng: random.Random
    rates: Rates
    active: bool = True

    def crashes(self) -> bool:
        """Whether the process dies at this point."""
        return self.active and self.rng.random() < self.rates.crash

    def happens(self, rate: float) -> bool:
        """Whether an accident of this likelihood happens now."""
        return self.active and rate > 0 and self.rng.random() < rate

    def stumbles(self) -> bool:
        """Whether a partner has an accident now."""
        return self.happens(self.rates.partner)

    def away(self, point: str) -> None:
        """Raises StoreUnavailable where the store is away before it acted."""
        if self.active and self.rng.random() < self.rates.away:
            raise StoreUnavailable(f"{point}: not done")

    def unsure(self, point: str) -> None:
        """Raises StoreUnavailable where the answer of the store is lost after it acted."""
        if self.active and self.rng.random() < self.rates.unsure:
            raise StoreUnavailable(f"{point}: done, and not answered")

    def conflict(self, point: str) -> None:
        """Raises TransactionConflict where a transaction is given up."""
        if self.active and self.rng.random() < self.rates.conflict:
            raise TransactionConflict("transaction", point)

    def delay_s(self) -> float:
        """How long a call to the store takes: most take no time at all."""
        if self.active and self.rng.random() < self.rates.slow:
            return self.rng.random() * 2
        return 0.0

    def staleness_s(self) -> float:
        """How old a list is when it arrives."""
        if self.active and self.rng.random() < self.rates.stale:
            return self.rng.random() * 60
        return 0.0
