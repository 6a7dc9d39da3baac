"""A carrier that does what a test writes down for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import define, evolve, field

from adapters.memory.shipping import MemoryShipping
from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Address, Label, Rate, Shipment, Tracking
from shipping_core.ports.shipping import Bought, Estimate, Offers, Prepared, Purchase, VoidAnswer


@define
class ScriptedShipping(MemoryShipping):
    """Beside lost and refused purchases: errors of every other call, slow purchases, double labels."""

    errors: dict[str, list[BaseException]] = field(factory=dict, init=False)
    """What the next calls of a method raise, one each, in order."""
    double_labels: int = field(default=0, init=False)
    """How many labels too many the next purchase makes, before its own."""
    hidden_lookups: int = field(default=0, init=False)
    """How many coming look-ups do not see yet what was bought."""
    slow: asyncio.Event | None = field(default=None, init=False)
    """Where set, a purchase (or what `slow_at` names) is made and then answered only when this is."""
    slow_at: str = field(default="buy", init=False)
    asked: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set as soon as a purchase was made."""
    dearer_cents: int = field(default=0, init=False)
    """How much more every coming offer costs."""
    offers: int = field(default=3, init=False)
    """How many offers a quote has."""
    voids_approved: bool = field(default=True, init=False)
    lost_voids: list[BaseException] = field(factory=list, init=False)
    """What the next voids raise, one each, after the label went back."""
    voids_asked: int = field(default=0, init=False)
    tracked: str = field(default="label_created", init=False)
    """What tracking says of every parcel."""
    gives_document: bool = field(default=True, init=False)
    """Whether the answer to a purchase carries the label's file."""
    wants_phone: bool = field(default=False, init=False)

    @property
    def requires_sender_phone(self) -> bool:
        return self.wants_phone

    def _stumble(self, operation: str) -> None:
        if self.errors.get(operation):
            raise self.errors[operation].pop(0)

    async def _wait(self, operation: str) -> None:
        if self.slow is not None and self.slow_at == operation:
            await self.slow.wait()

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        self._stumble("check_address")
        return await MemoryShipping.check_address(self, address, mode)

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        self._stumble("rates")
        if not self.offers:
            return Offers((), (("USPS", "no service"),))
        offers = await MemoryShipping.rates(self, shipment, reference=reference, mode=mode)
        return Offers(tuple(self._offer(offers.rates, number) for number in range(self.offers)))

    def _offer(self, rates: Sequence[Rate], number: int) -> Rate:
        """The usual offers, over and over; each round is a dollar dearer and has its own names."""
        around, which = divmod(number, len(rates))
        rate = rates[which]
        more = Money(self.dearer_cents + 100 * around)
        name = f"-{around}" if around else ""
        return evolve(
            rate,
            rate_id=RateId(f"{rate.rate_id}{name}"),
            service_code=f"{rate.service_code}{name}",
            price=rate.price + more,
            cost=rate.cost + more,
        )

    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:
        self._stumble("estimate")
        return await MemoryShipping.estimate(self, estimate, mode)

    async def prepare(self, purchase: Purchase) -> Prepared:
        self._stumble("prepare")
        await self._wait("prepare")
        return await MemoryShipping.prepare(self, purchase)

    async def buy(self, prepared: Prepared) -> Bought:
        for _ in range(self.double_labels):
            self.labels.setdefault(prepared.purchase.reference, []).append(self._label(prepared))
        self.double_labels = 0
        try:
            bought = await MemoryShipping.buy(self, prepared)
        finally:
            self.asked.set()
            await self._wait("buy")
        return bought if self.gives_document else Bought(bought.label)

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        self._stumble("find")
        if self.hidden_lookups:
            self.hidden_lookups -= 1
            return []
        return await MemoryShipping.find(self, prepared)

    async def document(self, label: Label, mode: Mode) -> bytes:
        self._stumble("document")
        return await MemoryShipping.document(self, label, mode)

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        self.voids_asked += 1
        self._stumble("void")
        if not self.voids_approved:
            return VoidAnswer(approved=False, message="This label was used.", reason_code="used")
        answer = await MemoryShipping.void(self, label, mode)
        if self.lost_voids:
            raise self.lost_voids.pop(0)
        return answer

    async def track(self, label: Label, mode: Mode) -> Tracking:
        self._stumble("track")
        return Tracking(self.tracked, "")

    @property
    def live_labels(self) -> list[Label]:
        """Every label that costs somebody something."""
        return [label for made in self.labels.values() for label in made if not label.voided]
