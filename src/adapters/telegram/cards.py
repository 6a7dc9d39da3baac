"""Which message is a chat's card, for chats that were active lately."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from attrs import define

from adapters.telegram.messages import Message

KEPT_S: Final = 3600.0
"""As long as a session lasts; an older card has scrolled away."""

BURIED_AFTER: Final = 3
"""With more messages than this below it, a card is sent anew at the bottom."""


@define
class Card:
    """The card of one chat; `shown` is its content where that is certain."""

    message_id: int
    shown: Message | None
    below: int = 0
    touched_at: float = 0.0

    @property
    def buried(self) -> bool:
        """Whether too many messages stand below it."""
        return self.below > BURIED_AFTER


class Cards:
    """At most `size` cards; the longest unused ones, and those untouched for an hour, are forgotten."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._cards: OrderedDict[int, Card] = OrderedDict()

    def __len__(self) -> int:
        return len(self._cards)

    def get(self, chat_id: int) -> Card | None:
        """The chat's card, which counts as used now."""
        now = self._expire()
        card = self._cards.get(chat_id)
        if card is not None:
            card.touched_at = now
            self._cards.move_to_end(chat_id)
        return card

    def put(self, chat_id: int, message_id: int, shown: Message | None) -> None:
        """Make a message the chat's card, with nothing below it."""
        self._cards[chat_id] = Card(message_id, shown, touched_at=self._expire())
        self._cards.move_to_end(chat_id)
        if len(self._cards) > self._size:
            self._cards.popitem(last=False)

    def drop(self, chat_id: int) -> None:
        """Forget the chat's card, if there is one."""
        self._cards.pop(chat_id, None)

    def _expire(self) -> float:
        now = asyncio.get_running_loop().time()
        while self._cards:
            oldest = next(iter(self._cards))
            if now - self._cards[oldest].touched_at <= KEPT_S:
                break
            del self._cards[oldest]
        return now
