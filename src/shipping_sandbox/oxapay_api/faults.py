"""The accidents that can be ordered for Oxapay's calls."""

from typing import Literal

from shipping_sandbox.kit.accidents import Accident, Common

Operation = Literal["create", "inquire", "history", "currencies", "monitor", "*"]
Kind = Literal[Common, "401", "html", "html_with_effect"]


class Fault(Accident, forbid_unknown_fields=True, kw_only=True):
    """One order for an accident, as posted to /sandbox/faults/oxapay."""

    operation: Operation
    fault: Kind
    status: int = 500  # of 5xx, in the body; of html, on the wire
    wire_status: int | None = None  # of 401, 5xx and refuse: the HTTP status, if it differs from the body's
    retry_after: int = 2  # seconds, of 429
    key: str = "amount"  # of refuse: the field that is blamed

    def fits(self, operation: str, text: str) -> bool:
        """Whether a call is one this order is about."""
        return self.operation in ("*", operation) and self.concerns(text)
