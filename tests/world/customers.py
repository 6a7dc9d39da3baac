"""People: customers who look at their card and do what most people do next, and operators in two tabs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from attrs import define, field

from adapters.memory.balances import MemoryBalances
from adapters.memory.notifier import Shown
from builders import WRITTEN, a_quote, as_text, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.draft import Draft, Field
from shipping_core.domain.ids import InvoiceId, OrderId, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.errors import Conflict, GatewayError, InsufficientFunds, NotFound, StoreUnavailable
from world.gateway import Way

if TYPE_CHECKING:
    from world.simulation import World
    from world.worker import Worker

PATIENCE_S = 150.0
"""How long somebody looks at a card that does not change before doing something."""
LIFE_S = 6 * 3600.0


@define
class Customer:
    """Wants to buy `wanted` labels, and pays as `ways` say, one after another."""

    world: World
    user_id: UserId
    rng: random.Random
    wanted: int
    ways: list[Way] = field(factory=list)
    tops_up_first: bool = False
    """Whether they bring money in before they order."""
    leaves_links: int = 0
    """How many payment links they leave at once, without waiting for the money."""
    repeats: bool = False
    """Whether they order the last parcel again instead of writing it anew."""
    bold: bool = False
    """Whether they tap Buy even where the money is short."""
    nosy: bool = False
    """Whether they try the buttons of other people's orders."""
    taps_again: bool = False
    """Whether they tap Buy once more when they have the label."""
    leaves: bool = False
    """Whether they are gone as soon as they have tapped Buy, or paid."""
    _tapped: bool = field(default=False, init=False)
    _paid: set[str] = field(factory=set, init=False)
    _acted_on: Shown | None = field(default=None, init=False)
    _nudges: int = field(default=0, init=False)
    _patient_until_s: float = field(default=0.0, init=False)

    async def live(self) -> None:
        """Until all labels are ordered, and the last answer was seen or waited for."""
        telegram, loop = self.world.telegram, asyncio.get_running_loop()
        until = loop.time() + LIFE_S
        await self._think()
        if self.tops_up_first:
            telegram.send(self.user_id, ev.Started(), command=True)
            await telegram.seen(self.user_id, PATIENCE_S)
        while loop.time() < until:
            card = telegram.card(self.user_id)
            if self._content(card):
                return
            await telegram.seen(self.user_id, self._act(card))
            await self._think()

    def _content(self, card: Shown | None) -> bool:
        if self.leaves and self._tapped:
            return True
        if self.tops_up_first or self.taps_again or len(self.world.orders_of(self.user_id)) < self.wanted:
            return False
        busy = card is not None and isinstance(card.screen, sc.Working | sc.PaymentLink)
        return not busy or self._nudges > 3

    def _act(self, card: Shown | None) -> float:
        """Do something about the card; how long to wait for what comes of it."""
        now_s = asyncio.get_running_loop().time()
        if card is not None and self._acted_on is not None and _same(card, self._acted_on):
            left_s = self._patient_until_s - now_s
            return left_s if left_s > 1 else self._nudge(card)
        self._acted_on, self._nudges, self._patient_until_s = card, 0, now_s + PATIENCE_S
        match card.screen if card is not None else None:
            case sc.RateList(_, rates):
                self._tap(card, ev.RateChosen(self.rng.choice(rates).rate_id))
            case sc.ConfirmPurchase(_, _, order_id):
                self._confirm(card, order_id)
            case sc.PaymentLink(_, url):
                return self._pay(card, url)
            case sc.Working():
                return PATIENCE_S
            case sc.ResumeOrNew():
                self._tap(card, ev.DraftDropped())
            case sc.TopUpAmounts():
                self._tap(card, ev.AmountChosen(self.rng.choice((1000, 2500, 5000))))
            case sc.Review():
                self._tap(card, ev.PricesAsked())
            case sc.Purchased(order_id) if self.taps_again:
                self.taps_again = False
                self.world.telegram.send(self.user_id, ev.PurchaseConfirmed(order_id))
            case sc.Menu() if self.tops_up_first:
                self._tap(card, ev.TopUpAsked())
            case _:
                self._begin()
        return PATIENCE_S

    def _begin(self) -> None:
        if self.repeats and self.world.orders_of(self.user_id):
            order = self.world.orders_of(self.user_id)[-1]
            self.world.telegram.send(self.user_id, ev.OrderRepeated(Draft(), order.rate.carrier_code, ""))
            return
        ounces = 8 * (1 + int(self.rng.random() * 6))
        text = as_text({**WRITTEN, Field.WEIGHT: f"{ounces} oz"})
        self.world.telegram.send(self.user_id, text)

    def _confirm(self, card: Shown | None, order_id: object) -> None:
        assert card is not None
        assert isinstance(card.screen, sc.ConfirmPurchase)
        missing = card.facts.to_top_up
        if missing is not None and missing.minor > 0 and not self._bold():
            if self.rng.random() < 0.8:
                self._tap(card, ev.TopUpAndBuy(card.screen.order_id))
            else:
                self._tap(card, ev.TopUpAsked())
            return
        self._tapped = True
        others = [order.order_id for order in self.world.orders if order.user_id != self.user_id]
        if self.nosy and others:
            self.world.telegram.send(self.user_id, ev.PurchaseConfirmed(self.rng.choice(others)))
        taps = 1 + (self.rng.random() < 0.3) + (self.rng.random() < 0.1)
        for _ in range(taps):
            self.world.telegram.send(self.user_id, ev.PurchaseConfirmed(card.screen.order_id))

    def _bold(self) -> bool:
        """Whether they try to buy without the money, once."""
        bold, self.bold = self.bold, False
        return bold

    def _pay(self, card: Shown | None, url: str) -> float:
        track_id = url.rpartition("/")[2]
        if track_id not in self._paid:
            self._paid.add(track_id)
            way = self.ways.pop(0) if self.ways else self._way()
            self.world.gateway.pays(track_id, way)
            self.tops_up_first, self._tapped = False, True
        if self.leaves_links:
            self.leaves_links -= 1
            self._tap(card, ev.SteppedBack())
        return PATIENCE_S

    def _way(self) -> Way:
        stormy = self.world.faults.stumbles()
        return self.rng.choice(tuple(Way)) if stormy else Way.FULL

    def _nudge(self, card: Shown) -> float:
        """Nothing has happened for long: ask, go back, or begin anew."""
        self._nudges += 1
        self._patient_until_s += PATIENCE_S
        telegram = self.world.telegram
        if isinstance(card.screen, sc.PaymentLink) and self._nudges == 1:
            self._tap(card, ev.PaidSaid())
        elif isinstance(card.screen, sc.PaymentLink) and self._nudges == 2:
            self._tap(card, ev.SteppedBack())
        elif self._nudges % 2:
            telegram.send(self.user_id, ev.Started(), command=True)
        else:
            self._begin()
        return PATIENCE_S

    def _tap(self, card: Shown | None, event: ev.Customer) -> None:
        self.world.telegram.send(self.user_id, event, card.facts.version if card else 0)

    async def _think(self) -> None:
        await asyncio.sleep(0.5 + self.rng.random() * self.world.thinking_s)


def _same(card: Shown, before: Shown) -> bool:
    """Whether a card that was shown anew says nothing new."""
    links = isinstance(card.screen, sc.PaymentLink) and isinstance(before.screen, sc.PaymentLink)
    return card is before or (links and card.screen == before.screen)


@define
class Operators:
    """Two of them decide about the same things at the same time, without knowing of each other."""

    world: World
    rng: random.Random

    async def decide(self) -> None:
        """Every parked order, and everything that waits for review, until nothing does."""
        for _ in range(30):
            parked, reviews = self.world.parked(), self.world.reviews()
            if not parked and not reviews:
                return
            acts = [self._parked(order) for order in parked for _ in range(2)]
            acts += [self._review(*case) for case in reviews for _ in range(2)]
            await asyncio.gather(*acts)
            await asyncio.sleep(30)

    async def _parked(self, order: Order) -> None:
        worker = await self.world.any_worker()
        decide, reason = worker.core.decide_parked, {"actor": "op", "reason": "looked"}
        labels = self.world.carrier.live(order.reference)
        act: Awaitable[object]
        if labels and (self.world.story.adopts or self.rng.random() < 0.5):
            act = decide.adopt(order.order_id, labels[0].label_id, **reason)
        elif labels:
            act = decide.void_and_release(order.order_id, **reason)
        else:
            act = decide.confirm_not_bought(order.order_id, **reason)
        await self._inside(worker, act)

    async def _review(self, invoice_id: InvoiceId, track_id: str, held: Money | None) -> None:
        worker = await self.world.any_worker()
        review, who = worker.core.resolve_review, {"actor": "op", "reason": "looked"}
        act: Awaitable[object]
        if self.rng.random() < 0.5:
            act = review.close(invoice_id, track_id, **who)
        else:
            part = Money(max(1, (held.minor if held else 100) - int(self.rng.random() * 2)))
            act = review.credit(invoice_id, track_id, part, **who)
        await self._inside(worker, act)

    async def _inside(self, worker: Worker, act: Awaitable[object]) -> None:
        async def tried() -> None:
            try:
                await act
            except (Conflict, GatewayError, NotFound, StoreUnavailable) as exc:
                self.world.stumbled("operator", exc)

        await asyncio.wait({worker.spawn(tried())})


async def rivals(world: World) -> None:
    """One customer's orders, all at once, through every worker; there is money for one of them."""
    user_id, now = UserId("rival"), world.clock.now()
    price = usd("7.42")
    await MemoryBalances(world.database).credit(
        user_id, price, key="adjust:test:rival", mode=world.policy.mode, kind=Kind.ADJUSTMENT, at=now
    )
    world.checker.asked_price[user_id] = price

    async def buy(worker: Worker, number: int) -> None:
        quote = a_quote(
            user_id=user_id, created_at=now, expires_at=now + minutes(30), reference=f"t-r{number}"
        )
        with contextlib.suppress(InsufficientFunds, Conflict, GatewayError, StoreUnavailable):
            await worker.core.buy(
                user_id=user_id,
                order_id=OrderId(f"ord_r{number}"),
                quote=quote,
                rate_id=quote.rates[0].rate_id,
            )

    workers = itertools.cycle(world.workers)
    tries = [
        worker.spawn(buy(worker, n)) for n, worker in zip(range(world.story.rivals), workers, strict=False)
    ]
    await asyncio.wait(tries)
