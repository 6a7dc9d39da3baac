"""A clock that jumps instead of waiting, and the objects most tests start from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import define, field

from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Address, Parcel, Rate, Shipment, Size, Weight
from shipping_core.ports.clock import Clock
from shipping_core.ports.shipping import Prepared, Purchase

NOON = dt.datetime(2031, 4, 5, 12, tzinfo=dt.UTC)


@define
class JumpingClock(Clock):
    """Moves only when told, and remembers every wait."""

    passed_s: float = 0.0
    waits: list[float] = field(factory=list)

    def now(self) -> dt.datetime:
        """Noon, and what passed since."""
        return NOON + dt.timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        """What passed."""
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        """Jump."""
        self.waits.append(seconds)
        self.passed_s += seconds


JANE = Address("Jane Doe", "215 Clayton St", "San Francisco", "CA", "94117", phone="+14155550134")
JOHN = Address("John Smith", "123 Main St", "Los Angeles", "CA", "90012", street2="Apt 4")
BOX = Parcel(Weight(Decimal(35), "oz"), Size(Decimal(10), Decimal(8), Decimal("6.5"), "in"))
SHIPMENT = Shipment(JANE, JOHN, BOX)


def a_rate(reference: str = "se-500100|se-700300", cents: int = 786) -> Rate:
    """An offer of the post."""
    return Rate(
        rate_id=RateId("se-700300"),
        carrier="USPS",
        carrier_code="stamps_com",
        service="Ground Advantage",
        service_code="usps_ground_advantage",
        price=Money(cents),
        cost=Money(cents),
        carrier_reference=reference,
    )


def prepared(
    *, mode: Mode = Mode.PRODUCTION, rate: Rate | None = None, carrier_order: str = "se-500100"
) -> Prepared:
    """A purchase under the reference `t-42`."""
    return Prepared(Purchase("t-42", rate or a_rate(), SHIPMENT, mode), carrier_order)


V1_RATE = a_rate("stamps_com|usps_ground_advantage|package")
