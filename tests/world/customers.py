"""Customers, who look at their card and do what most people do next."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from attrs import define, field

from adapters.memory.notifier import Shown
from builders import WRITTEN, as_text
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.draft import Draft, Field
from shipping_core.domain.ids import UserId
from world.gateway import Way

if TYPE_CHECKING:
    from world.simulation import World

PATIENCE_S = 150.0
"""How long somebody looks at a card that does not change before doing something."""
LIFE_S = 6 * 3600.0


@define
class Customer:
    """Wants to buy `wanted` labels, pays as `ways` say, one after another, and is as the story tells."""

    world: World
    user_id: UserId
    rng: random.Random
    wanted: int = field(init=False)
    ways: list[Way] = field(init=False)
    tops_up_first: bool = field(init=False)
    """Whether they still have to bring money in before they order."""
    bold: bool = field(init=False)
    """Whether they still have to try to buy without the money."""
    taps_again: bool = field(init=False)
    """Whether they still have to tap Buy once more."""
    _tapped: bool = field(default=False, init=False)
    _paid: set[str] = field(factory=set, init=False)
    _acted_on: Shown | None = field(default=None, init=False)
    _nudges: int = field(default=0, init=False)
    _patient_until_s: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        story = self.world.story
        self.wanted, self.ways, self.bold = story.orders, list(story.ways), story.bold
        self.tops_up_first, self.taps_again = story.tops_up_first, story.taps_again

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
        if self.world.story.leaves and self._tapped:
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
        if self.world.story.repeats and self.world.orders_of(self.user_id):
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
        if self.world.story.nosy and others:
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
