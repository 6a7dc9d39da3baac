"""How a purchase is bent by an ordered accident."""

from decimal import Decimal

import attrs

from shipping_sandbox.shipstation_api.faults import Fault


@attrs.frozen
class Twist:
    """Nothing by default; dollars and reads."""

    insufficient_funds: bool = False
    cost_delta: Decimal = Decimal("0.00")
    processing_reads: int = 0

    @classmethod
    def from_fault(cls, fault: Fault | None) -> "Twist":
        """The part of `fault` that concerns a purchase."""
        match fault.fault if fault else None:
            case "insufficient_funds":
                return cls(insufficient_funds=True)
            case "cost_changed" if fault is not None:
                return cls(cost_delta=Decimal(fault.delta_minor).scaleb(-2))
            case "processing" if fault is not None:
                return cls(processing_reads=max(1, fault.polls))
            case _:
                return cls()
