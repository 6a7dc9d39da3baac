"""A carrier that does what a test writes down for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import define, evolve, field

from adapters.memory.shipping import MemoryShipping
from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.ids import Mode
from shipping_core.domain.shipment import Address, Label, Shipment
from shipping_core.ports.shipping import Bought, Estimate, Offers, Prepared, Purchase, VoidAnswer


@define
class ScriptedShipping(MemoryShipping):
    """Beside lost and refused purchases: errors of every other call, slow purchases, double labels."""

    errors: dict[str, list[Exception]] = field(factory=dict, init=False)
    """What the next calls of a method raise, one each, in order."""
    double_labels: int = field(default=0, init=False)
    """How many labels too many the next purchase makes, before its own."""
    hidden_lookups: int = field(default=0, init=False)
    """How many coming look-ups do not see yet what was bought."""
    slow: asyncio.Event | None = field(default=None, init=False)
    """Where set, a purchase is made and then answered only when this is."""
    asked: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set as soon as a purchase was made."""
    prices: Sequence[int] = field(default=(), init=False)
    """Where set, the cents that the offers of the next quote cost, in their order."""
    voids_approved: bool = field(default=True, init=False)

    def _stumble(self, operation: str) -> None:
        if self.errors.get(operation):
            raise self.errors[operation].pop(0)

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        self._stumble("check_address")
        return await MemoryShipping.check_address(self, address, mode)

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        self._stumble("rates")
        offers = await MemoryShipping.rates(self, shipment, reference=reference, mode=mode)
        return offers if not self.prices else self._priced(offers)

    def _priced(self, offers: Offers) -> Offers:
        pairs = zip(offers.rates, self.prices, strict=False)
        priced = (evolve(r, price=evolve(r.price, minor=c), cost=evolve(r.cost, minor=c)) for r, c in pairs)
        return Offers(tuple(priced))

    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:
        self._stumble("estimate")
        return await MemoryShipping.estimate(self, estimate, mode)

    async def prepare(self, purchase: Purchase) -> Prepared:
        self._stumble("prepare")
        return await MemoryShipping.prepare(self, purchase)

    async def buy(self, prepared: Prepared) -> Bought:
        for _ in range(self.double_labels):
            self.labels.setdefault(prepared.purchase.reference, []).append(self._label(prepared))
        self.double_labels = 0
        try:
            bought = await MemoryShipping.buy(self, prepared)
        finally:
            self.asked.set()
            if self.slow is not None:
                await self.slow.wait()
        return bought

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
        self._stumble("void")
        if not self.voids_approved:
            return VoidAnswer(approved=False, reason_code="used")
        return await MemoryShipping.void(self, label, mode)

    @property
    def live_labels(self) -> list[Label]:
        """Every label that costs somebody something."""
        return [label for made in self.labels.values() for label in made if not label.voided]
