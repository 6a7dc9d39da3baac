"""Telegram: repeats what is not acknowledged, loses answers, and knows who has blocked us."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import defaultdict, deque
from collections.abc import Callable

from attrs import define, field, frozen

from adapters.memory.notifier import Shown
from shipping_core.conversation import events as ev
from shipping_core.conversation.screens import Facts, LabelCaption, Note, Screen
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.order import Order
from shipping_core.ports.notifier import Notifier
from world.faults import Faults
from world.points import Trace


@frozen
class Update:
    """One input: a text, or an event and, for a button, the version of its card."""

    number: int
    user_id: UserId
    what: str | ev.Customer
    version: int | None = None
    command: bool = False


@frozen
class Brought:
    """Something that reached a customer outside the card."""

    user_id: UserId
    screen: Screen
    document: bytes | None = None


Look = Callable[[UserId, Screen, bytes | None, bool], None]
"""Who, what, with which file, and whether a letter brought it."""


@define(kw_only=True)
class Telegram(Notifier):
    """The chats, as our bot and its customers see them."""

    rng: random.Random
    faults: Faults
    trace: Trace
    look: Look = field(init=False)
    blocked: set[UserId] = field(factory=set, init=False)
    cards: dict[UserId, Shown] = field(factory=dict, init=False)
    brought: list[Brought] = field(factory=list, init=False)
    alarms: list[Exception] = field(factory=list, init=False)
    apologies: list[tuple[UserId, Exception]] = field(factory=list, init=False)
    history: list[Update] = field(factory=list, init=False)
    """Every update ever sent, oldest first."""
    arrived: asyncio.Event = field(factory=asyncio.Event, init=False)
    _waiting: dict[UserId, deque[Update]] = field(factory=lambda: defaultdict(deque), init=False)
    _delivering: set[UserId] = field(factory=set, init=False)
    _changed: dict[UserId, asyncio.Event] = field(factory=lambda: defaultdict(asyncio.Event), init=False)
    _numbers: itertools.count[int] = field(factory=lambda: itertools.count(1), init=False)

    # What customers do.

    def send(
        self,
        user_id: UserId,
        what: str | ev.Customer,
        version: int | None = None,
        *,
        command: bool = False,
    ) -> None:
        """A customer writes, taps or gives a command."""
        update = Update(next(self._numbers), user_id, what, version, command)
        self.history.append(update)
        self.trace.note(user_id, what if isinstance(what, str) else type(what).__name__)
        self._waiting[user_id].append(update)
        self.arrived.set()

    async def seen(self, user_id: UserId, within_s: float) -> bool:
        """Whether the customer's card, or something beside it, came within that time."""
        event = self._changed[user_id]
        try:
            async with asyncio.timeout(within_s):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True

    def card(self, user_id: UserId) -> Shown | None:
        """What the customer's card shows."""
        return self.cards.get(user_id)

    # What the bot asks for.

    async def news(self, within_s: float) -> None:
        """Wait for an update, or for so long."""
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                await self.arrived.wait()
        except TimeoutError:
            return

    def waiting(self) -> list[UserId]:
        """Whose updates nobody has acknowledged."""
        return [user for user, updates in self._waiting.items() if updates]

    def next(self, user_id: UserId) -> Update | None:
        """The oldest update of a chat that is not acknowledged."""
        updates = self._waiting[user_id]
        return updates[0] if updates else None

    def acknowledge(self, update: Update) -> None:
        """Never send this again; now and then that is lost, and it comes once more."""
        updates = self._waiting[update.user_id]
        if update not in updates:
            return
        if self.faults.happens(self.faults.rates.partner / 10):
            return
        updates.remove(update)

    async def show(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        self.look(user_id, screen, None, False)
        if self._lost(user_id):
            return
        self.cards[user_id] = Shown(user_id, screen, facts, note)
        self._changed[user_id].set()

    async def tell(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        self.look(user_id, screen, None, False)

    async def send_label(self, user_id: UserId, order: Order, document: bytes, facts: Facts) -> None:
        self.look(user_id, LabelCaption(order), document, False)
        if not self._lost(user_id):
            self._bring(user_id, LabelCaption(order), document)

    async def deliver(
        self, user_id: UserId, screen: Screen, facts: Facts, document: bytes | None = None
    ) -> Delivery:
        self.look(user_id, screen, document, True)
        if user_id in self._delivering:
            self.trace.wrong(f"I12 two letters are on their way to {user_id}")
        self._delivering.add(user_id)
        try:
            await asyncio.sleep(self.rng.random() * (3 if self.faults.active else 0.1))
        finally:
            self._delivering.discard(user_id)
        if user_id in self.blocked:
            return Delivery.UNREACHABLE
        stumbles = self.faults.stumbles()
        if stumbles and self.rng.random() < 0.5:
            return Delivery.FAILED
        self._bring(user_id, screen, document)
        return Delivery.FAILED if stumbles else Delivery.ARRIVED

    async def alarm(self, error: Exception) -> None:
        self.alarms.append(error)

    async def apologise(self, user_id: UserId, error: Exception) -> None:
        self.apologies.append((user_id, error))

    def _lost(self, user_id: UserId) -> bool:
        return user_id in self.blocked or self.faults.happens(self.faults.rates.partner / 30)

    def _bring(self, user_id: UserId, screen: Screen, document: bytes | None) -> None:
        self.trace.note("telegram", f"{user_id} gets {type(screen).__name__}")
        self.brought.append(Brought(user_id, screen, document))
        self._changed[user_id].set()
