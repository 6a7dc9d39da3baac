"""The accidents that can be ordered for ShipStation's calls."""

from typing import Literal

from shipping_sandbox.kit.accidents import Accident, Common

Operation = Literal[
    "buy_label", "rates", "validate", "find", "void", "track", "carriers", "prepare", "document", "*"
]
Kind = Literal[Common, "insufficient_funds", "processing", "cost_changed"]
# These bend a purchase instead of the transport, so other calls never use them up.
_OF_A_PURCHASE = {"insufficient_funds", "processing", "cost_changed"}


class Fault(Accident, forbid_unknown_fields=True, kw_only=True):
    """One order for an accident, as posted to /sandbox/faults/shipstation."""

    operation: Operation
    fault: Kind
    retry_after: int = 2
    status: int = 500  # of 5xx
    source: str = "ShipStation"  # error_source of 429 and refuse: ShipStation or carrier
    polls: int = 1  # so many reads after the purchase still say "processing"
    delta_minor: int = 100  # cost_changed adds so many cents
    version: Literal["v1", "v2"] | None = None

    def fits(self, version: str, operation: str, text: str) -> bool:
        """Whether a call is one this order is about."""
        return (
            self.operation in ("*", operation)
            and self.version in (None, version)
            and (self.fault not in _OF_A_PURCHASE or operation == "buy_label")
            and not (self.fault == "processing" and version == "v1")
            and self.concerns(text)
        )
