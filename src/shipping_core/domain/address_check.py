"""A carrier's opinion on whether an address can be delivered to."""

from __future__ import annotations

import enum

from attrs import frozen

from shipping_core.domain.shipment import Address


class Verdict(enum.Enum):
    """What the carrier's address check says."""

    VERIFIED = "verified"
    SUGGESTION = "suggestion"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    """This account or API has no such check; not a fault of the address."""


@frozen
class AddressCheck:
    """A deliverability answer; `suggestion` is set with `SUGGESTION`, `residential` where known."""

    verdict: Verdict
    suggestion: Address | None = None
    residential: bool | None = None
    message: str = ""

    @property
    def needs_decision(self) -> bool:
        """Whether the customer must say what to do before buying."""
        return self.verdict in {Verdict.SUGGESTION, Verdict.FAILED}
