"""A carrier that does to each purchase what fate has for it, and remembers every request."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from adapters.memory.shipping import MemoryShipping
from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Address, Label, Shipment
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import Bought, Offers, Prepared, Purchase, VoidAnswer, Wallet
from world.faults import Faults
from world.points import Trace

if TYPE_CHECKING:
    from shipping_core.domain.order import Order

MINUTE_S = 60.0
SENT_WITHIN = dt.timedelta(minutes=10, seconds=30)
"""A price is charged this long after it was confirmed, or never; the half minute is for stumbling calls."""
IN_TIME_S = 14 * MINUTE_S
"""A label that can be seen this soon has to be found before its order is given up."""
SEND_WITHIN_S = 5.0
"""A purchase leaves this soon after its claim, or not at all."""


class Fate(Enum):
    """What becomes of one request to buy."""

    BOUGHT = "bought"
    SLOW = "bought, answered after up to a minute"
    NO_FILE = "bought, and the answer carries no document"
    DEARER = "bought, for more than was offered"
    CHEAPER = "bought, for less than was offered"
    SAMPLE = "bought, and costs nothing"
    REFUSED = "refused"
    WALLET = "refused: our wallet is empty"
    NOT_SENT = "never reached the carrier"
    TOO_FAST = "answered 429 by the door"
    LOST = "answered 5xx, nothing bought"
    REPLY_LOST = "bought, and the answer never came"
    TRUNCATED = "bought, and the answer was cut off"
    FAILED_BOUGHT = "bought, and answered 5xx"
    TWO_LABELS = "two labels made, and the answer never came"
    LATE = "answered 5xx, the label appears within minutes"
    VERY_LATE = "answered 5xx, the label appears after everybody gave up"
    AUTO_VOID = "bought, never answered, and voided by the carrier itself"


MAKES_LABEL = frozenset(Fate) - {Fate.REFUSED, Fate.WALLET, Fate.NOT_SENT, Fate.TOO_FAST, Fate.LOST}
ANSWERED = frozenset({Fate.BOUGHT, Fate.SLOW, Fate.NO_FILE, Fate.DEARER, Fate.CHEAPER, Fate.SAMPLE})


@define
class Made:
    """A label, and from when on a look-up sees it."""

    label: Label
    seen_from_s: float
    asked_at_s: float


@define(kw_only=True)
class WorldCarrier(MemoryShipping):
    """Draws a fate for each purchase, or takes the next of `script`."""

    time_s: Callable[[], float]
    rng: random.Random
    faults: Faults
    trace: Trace
    order_of: Callable[[str], Order | None]
    """The stored order of a reference, as it is at this moment."""
    claimed_at_s: Callable[[str], float | None]
    """When a reference was claimed, by the steady clock."""
    now: Callable[[], dt.datetime]
    """The wall clock."""
    script: list[Fate] = field(factory=list)
    finds_fail: int = 0
    """How many coming look-ups are not answered."""
    voids: list[str] = field(factory=list)
    """How the next voids end: refused, unknown, unknown_done."""
    posts: Counter[str] = field(factory=Counter, init=False)
    made: dict[str, list[Made]] = field(factory=dict, init=False)
    fates: dict[str, Fate] = field(factory=dict, init=False)
    _numbers: int = field(default=0, init=False)

    async def wallets(self, mode: Mode) -> Sequence[Wallet]:
        await self._answer()
        return [Wallet(code, balance) for code, balance in self.wallet.items()]

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        await self._answer()
        return await MemoryShipping.check_address(self, address, mode)

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        await self._answer("rates", 0.1)
        return await MemoryShipping.rates(self, shipment, reference=reference, mode=mode)

    async def prepare(self, purchase: Purchase) -> Prepared:
        await self._answer("prepare", 0.1)
        return Prepared(purchase, f"shipment-of-{purchase.reference}")

    async def buy(self, prepared: Prepared) -> Bought:
        reference = prepared.purchase.reference
        fate = self.script.pop(0) if self.script else self._fate()
        self.trace.note("carrier", f"{reference}: {fate.value}")
        if fate is Fate.NOT_SENT:
            raise GatewayUnavailable("buy", "connect refused")
        self._posted(prepared)
        self.fates[reference] = fate
        bought = self._make(prepared, fate) if fate in MAKES_LABEL else None
        await asyncio.sleep(self._latency_s(fate))
        if fate is Fate.REFUSED:
            raise GatewayRefused("buy", "no such address", code="refused")
        if fate is Fate.WALLET:
            raise GatewayRefused("buy", "wallet", code="insufficient_funds")
        if fate is Fate.TOO_FAST:
            raise GatewayUnavailable("buy", "too many requests", retry_after_s=10)
        if bought is None or fate not in ANSWERED:
            raise OutcomeUnknown("buy", fate.name.lower())
        return bought

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        await self._answer()
        if self.finds_fail:
            self.finds_fail -= 1
            raise GatewayUnavailable("find")
        if self.faults.happens(self.faults.rates.partner / 3):
            raise GatewayUnavailable("find", "429", retry_after_s=30)
        found = self.made.get(prepared.purchase.reference, [])
        return [m.label for m in found if m.seen_from_s <= self.time_s()]

    async def document(self, label: Label, mode: Mode) -> bytes:
        await self._answer("document", 0.2)
        self.labels = {ref: [m.label for m in made] for ref, made in self.made.items()}
        return await MemoryShipping.document(self, label, mode)

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        await self._answer()
        drawn = self.rng.choice(("refused", "unknown", "unknown_done")) if self.faults.stumbles() else "done"
        how = self.voids.pop(0) if self.voids else drawn
        made = next(m for every in self.made.values() for m in every if m.label.label_id == label.label_id)
        if how == "refused":
            return VoidAnswer(approved=False, message="in use", reason_code="used")
        already = made.label.voided
        if how != "unknown":
            made.label = evolve(made.label, voided=True)
        if how != "done":
            raise OutcomeUnknown("void", "no answer")
        return VoidAnswer(approved=not already, reason_code="voided" if already else "")

    def live(self, reference: str) -> list[Label]:
        """Every label of this purchase that costs somebody something, seen by look-ups or not."""
        return [m.label for m in self.made.get(reference, []) if not m.label.voided]

    def came_in_time(self, label_id: str) -> bool:
        """Whether a label could be seen so early that nobody should have given it up."""
        every = (m for made in self.made.values() for m in made if m.label.label_id == label_id)
        return any(m.seen_from_s - m.asked_at_s < IN_TIME_S for m in every)

    async def _answer(self, operation: str = "", failing: float = 0.0) -> None:
        await asyncio.sleep(self.rng.random() * (2 if self.faults.active else 0.2))
        if operation and self.faults.happens(self.faults.rates.partner * failing):
            raise GatewayUnavailable(operation, "no answer")

    def _fate(self) -> Fate:
        return self.rng.choice(tuple(Fate)) if self.faults.stumbles() else Fate.BOUGHT

    def _posted(self, prepared: Prepared) -> None:
        reference = prepared.purchase.reference
        self.posts[reference] += 1
        if self.posts[reference] > 1:
            self.trace.wrong(f"I4 {reference} was bought {self.posts[reference]} times")
        order = self.order_of(reference)
        if order is None:
            self.trace.wrong(f"I5 {reference} was bought for no order")
        elif order.mode is not prepared.purchase.mode:
            self.trace.wrong(f"I13 {reference} was bought in another mode")
        elif self.now() - order.created_at > SENT_WITHIN:
            self.trace.wrong(f"{reference} was bought at a price that was too old")
        claimed = self.claimed_at_s(reference)
        if claimed is None or self.time_s() - claimed >= SEND_WITHIN_S:
            self.trace.wrong(f"{reference} was sent long after it was claimed")

    def _latency_s(self, fate: Fate) -> float:
        if fate in {Fate.SLOW, Fate.REPLY_LOST}:
            return 5 + self.rng.random() * 54
        return self.rng.random() * 2

    def _make(self, prepared: Prepared, fate: Fate) -> Bought:
        now = self.time_s()
        seen = now + (self.rng.random() * 4 * MINUTE_S if self.faults.stumbles() else 0.0)
        if fate is Fate.LATE:
            seen = now + self.rng.random() * 10 * MINUTE_S
        if fate is Fate.VERY_LATE:
            seen = now + (20 + self.rng.random() * 30) * MINUTE_S
        labels = [self._sold(prepared, fate) for _ in range(2 if fate is Fate.TWO_LABELS else 1)]
        self.made.setdefault(prepared.purchase.reference, []).extend(Made(one, seen, now) for one in labels)
        document = None if fate is Fate.NO_FILE else self._pdf(prepared.purchase, labels[0])
        return Bought(labels[0], document)

    def _sold(self, prepared: Prepared, fate: Fate) -> Label:
        self._numbers += 1
        rate = prepared.purchase.rate
        changes = {Fate.DEARER: 117, Fate.CHEAPER: -117, Fate.SAMPLE: -rate.cost.minor}
        return Label(
            label_id=f"label-{self._numbers}",
            tracking_number=f"ZZ{self._numbers:012d}",
            carrier_code=rate.carrier_code,
            service_code=rate.service_code,
            cost=rate.cost + Money(changes.get(fate, 0)),
            shipment_ref=prepared.carrier_order,
            voided=fate is Fate.AUTO_VOID,
        )
