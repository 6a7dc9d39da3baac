"""A payment gateway whose customers pay in every way there is, and whose notices come as they like."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections.abc import Callable, Coroutine, Sequence
from enum import Enum
from typing import Any

from attrs import define, field

from adapters.memory.payments import MemoryPayments
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment, PaymentStatus
from shipping_core.domain.money import Money
from shipping_core.errors import GatewayUnavailable, NotFound, OutcomeUnknown
from shipping_core.ports.payments import LinkRequest
from world.faults import Faults
from world.points import Trace

P = PaymentStatus
Deliver = Callable[[bytes, str], None]


class Way(Enum):
    """How somebody pays a link."""

    FULL = "full"
    FULL_LATER = "seen at once, certain some minutes later"
    OVER = "more than was asked for"
    UNDER = "less than was asked for"
    UNDER_THEN_BACK = "less, and the gateway returns it"
    LATE = "after the link expired; the gateway does not take it"
    LATE_TAKEN = "after the link expired; the gateway takes it"
    MORE_LATER = "full, and once more by the same link after it was credited"
    TWICE = "twice, by two links of one invoice where there are two"
    BY_HAND = "accepted by hand at the gateway"
    BACK = "full, and taken back after it was credited"
    STRANGE = "ends in a word nobody knows"
    WRONG_WORLD = "real money for a test invoice, or the other way round"
    OTHER_AMOUNT = "the gateway says that something else was invoiced"
    OTHER_CURRENCY = "the gateway says that it was invoiced in a currency we do not sell in"
    OTHER_REFERENCE = "the gateway says that it was for somebody else's invoice"
    NEVER = "not at all"


MISREPORTS: dict[Way, dict[str, Any]] = {
    Way.OTHER_AMOUNT: {"amount": Money(1)},
    Way.OTHER_CURRENCY: {"amount": None},
    Way.OTHER_REFERENCE: {"order_ref": "inv_another"},
}


class Opening(Enum):
    """What becomes of one request for a link."""

    MADE = "made"
    REPLY_LOST = "made, and the answer never came"
    LOST = "not answered, not made"
    NOT_SENT = "never reached the gateway"


@define(kw_only=True)
class WorldGateway(MemoryPayments):
    """Draws how links are made and how notices travel; `deliver` brings a notice to one of our doors."""

    rng: random.Random
    faults: Faults
    trace: Trace
    deliver: Deliver = field(init=False)
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]] = field(init=False)
    openings: list[Opening] = field(factory=list)
    """What becomes of the next requests, in order."""
    notices_lost: bool = False
    """Whether no notice ever arrives."""
    on_its_way: int = field(default=0, init=False)
    """Payments and notices that are not where they are going yet."""
    ways: dict[str, Way] = field(factory=dict, init=False)
    """How each link was paid."""
    sent: list[tuple[bytes, str]] = field(factory=list, init=False)
    """Every authentic notice ever sent."""

    async def create(self, request: LinkRequest) -> PayLink:
        self.created[request.order_ref] += 1
        if self.created[request.order_ref] > 1:
            self.trace.wrong(f"a second link was asked for under {request.order_ref}")
        drawn = self.rng.choice(tuple(Opening)) if self.faults.stumbles() else Opening.MADE
        if self.open_links(request.order_ref):
            self.trace.wrong(f"{request.order_ref} is one link too many: the last one was not looked for")
        opening = self.openings.pop(0) if self.openings else drawn
        self.trace.note("gateway", f"{request.order_ref}: {opening.value}")
        if opening is Opening.NOT_SENT:
            raise GatewayUnavailable("create", "connect refused")
        link = self._make(request) if opening is not Opening.LOST else None
        await asyncio.sleep(self.rng.random() * 2)
        if link is None or opening is Opening.REPLY_LOST:
            raise OutcomeUnknown("create", "read timeout")
        return link

    async def inquire(self, track_id: str, mode: Mode) -> Payment:
        await self._answer("inquire")
        if track_id not in self._made or self._made[track_id].mode is not mode:
            raise NotFound("payment link", track_id)
        return self._now(track_id).payment

    async def history(
        self, since: dt.datetime, until: dt.datetime, mode: Mode
    ) -> Sequence[tuple[PayLink, Payment]]:
        await self._answer("history")
        every = await MemoryPayments.history(self, since, until, mode)
        return [(link, payment) for link, payment in every if self._made[link.track_id].mode is mode]

    async def currencies(self, mode: Mode) -> Sequence[str]:
        await self._answer("currencies")
        return self.coins

    async def _answer(self, operation: str) -> None:
        await asyncio.sleep(self.rng.random() * (2 if self.faults.active else 0.2))
        if self.faults.happens(self.faults.rates.partner / 3):
            raise GatewayUnavailable(operation, "no answer")

    def payment(self, track_id: str) -> Payment:
        """The gateway's own account of a link."""
        return self._now(track_id).payment

    def open_links(self, order_ref: str) -> list[str]:
        """The links of the invoice behind `order_ref`, whichever attempt made them."""
        root = order_ref.partition("-")[0]
        return [t for t, made in self._made.items() if made.link.order_ref.partition("-")[0] == root]

    def mode_of(self, track_id: str) -> Mode:
        """The mode a link was made in."""
        return self._made[track_id].mode

    def pays(self, track_id: str, way: Way) -> asyncio.Task[None]:
        """Somebody pays this link, in their own time."""
        self.ways[track_id] = way
        self.on_its_way += 1
        return self.spawn(self._pays(track_id, way))

    async def _pays(self, track_id: str, way: Way) -> None:
        try:
            await asyncio.sleep(1 + self.rng.random() * 20)
            await self._paid(track_id, way)
        finally:
            self.on_its_way -= 1

    async def _paid(self, track_id: str, way: Way) -> None:
        asked = self.payment(track_id).amount or Money(1)
        match way:
            case Way.FULL:
                self._say(track_id, None, P.PAID)
            case Way.FULL_LATER:
                self._say(track_id, None, P.PAYING, certain=False)
                await asyncio.sleep(30 + self.rng.random() * 300)
                self.confirm(track_id)
                self.tell(track_id)
            case Way.OVER:
                self._say(track_id, asked + Money(1 + int(self.rng.random() * 500)), P.PAID)
            case Way.UNDER | Way.UNDER_THEN_BACK:
                self._say(track_id, Money(max(1, asked.minor // 2)), P.UNDERPAID)
                if way is Way.UNDER_THEN_BACK:
                    await self._back(track_id)
            case Way.LATE | Way.LATE_TAKEN:
                await self._expired(track_id)
                self._say(track_id, None, P.EXPIRED if way is Way.LATE else P.PAID)
            case Way.TWICE:
                for link in self.open_links(self._made[track_id].link.order_ref)[-2:]:
                    self.ways.setdefault(link, Way.FULL)
                    self._say(link, None, P.PAID)
            case Way.MORE_LATER:
                self._say(track_id, None, P.PAID)
                await asyncio.sleep(60 + self.rng.random() * 300)
                self._say(track_id, None, P.PAID)
            case Way.BY_HAND:
                self._say(track_id, Money(max(1, asked.minor - 5)), P.MANUAL_ACCEPT)
            case Way.BACK:
                self._say(track_id, None, P.PAID)
                await self._back(track_id)
            case Way.STRANGE:
                self._say(track_id, None, "frozen")
            case Way.WRONG_WORLD:
                real = self.mode_of(track_id) is Mode.TEST
                self._say(track_id, None, P.PAID, sandbox=not real)
            case Way.OTHER_AMOUNT | Way.OTHER_CURRENCY | Way.OTHER_REFERENCE:
                self.misreport(track_id, **MISREPORTS[way])
                self._say(track_id, asked, P.PAID)
            case Way.NEVER:
                return

    async def _expired(self, track_id: str) -> None:
        left = self._made[track_id].link.expires_at - self.clock.now()
        await asyncio.sleep(max(0.0, left.total_seconds()) + self.rng.random() * 120)

    async def _back(self, track_id: str) -> None:
        await asyncio.sleep(self.rng.random() * 400)
        for status in (P.REFUNDING, P.REFUNDED):
            self.say(track_id, status)
            self.tell(track_id)
            await asyncio.sleep(self.rng.random() * 30)

    def _say(self, track_id: str, received: Money | None, status: P | str, **how: Any) -> None:
        self.pay(track_id, received, status, **how)
        self.tell(track_id)

    def tell(self, track_id: str) -> None:
        """Send a notice: never, late, twice, or as it should be; and now and then a forgery beside it."""
        raw, signature = self.notice(track_id)
        self.sent.append((raw, signature))
        self.trace.note("gateway", f"{track_id}: {self.payment(track_id).word}")
        if self.notices_lost or self.faults.happens(self.faults.rates.partner / 2):
            return
        times = 2 if self.faults.stumbles() else 1
        for _ in range(times):
            late = self.rng.random() * (300 if self.faults.stumbles() else 2)
            self._send(raw, signature, late)
        if self.faults.stumbles():
            said = {**json.loads(raw), "status": "Paid", "forged": True}
            self._send(json.dumps(said).encode(), signature, 1.0)

    def _send(self, raw: bytes, signature: str, after_s: float) -> None:
        async def travel() -> None:
            try:
                await asyncio.sleep(after_s)
                self.deliver(raw, signature)
            finally:
                self.on_its_way -= 1

        self.on_its_way += 1
        self.spawn(travel())
