"""Accidents on order: the next matching call suffers, then things are normal again."""

from typing import Literal

import attrs
import msgspec

Operation = Literal[
    "buy_label", "rates", "validate", "find", "void", "track", "carriers", "prepare", "document", "*"
]
Kind = Literal[
    "delay",
    "refuse",
    "lose_answer",
    "lose_answer_without_effect",
    "429",
    "5xx",
    "5xx_with_effect",
    "truncated",
    "insufficient_funds",
    "processing",
    "cost_changed",
]
# These bend a purchase instead of the transport, so other calls never use them up.
_OF_A_PURCHASE = {"insufficient_funds", "processing", "cost_changed"}


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One order for an accident, as posted to /sandbox/faults/shipstation."""

    operation: Operation
    fault: Kind
    count: int | None = 1  # how many calls suffer; null is every one
    skip: int = 0  # so many matching calls pass unharmed first
    delay_s: float = 1.0  # the effect comes first, then the wait, then the answer
    retry_after: int = 2
    status: int = 500  # of 5xx
    source: str = "ShipStation"  # error_source of 429 and refuse: ShipStation or carrier
    polls: int = 1  # so many reads after the purchase still say "processing"
    delta_minor: int = 100  # cost_changed adds so many cents
    match: str | None = None  # only calls with this text in path, query or body
    version: Literal["v1", "v2"] | None = None

    def fits(self, version: str, operation: str, text: str) -> bool:
        """Whether a call is one this order is about."""
        return (
            self.operation in ("*", operation)
            and self.version in (None, version)
            and (self.fault not in _OF_A_PURCHASE or operation == "buy_label")
            and not (self.fault == "processing" and version == "v1")
            and (self.match is None or self.match in text)
        )


@attrs.define
class FaultBook:
    """The accidents still to come, oldest order first."""

    orders: list[Fault] = attrs.field(factory=list)

    def take(self, version: str, operation: str, text: str) -> Fault | None:
        """The accident for this call, used up, or None."""
        for fault in self.orders:
            if not fault.fits(version, operation, text):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            self._use(fault)
            return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self.orders.remove(fault)
