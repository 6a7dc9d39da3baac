"""The way to the customer's eyes."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.conversation.screens import Facts, Note, Screen
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.order import Order


class Notifier(Protocol):
    """Shows screens. Each call but `deliver` hands over and returns; nobody out of reach raises anything."""

    @abstractmethod
    async def show(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        """Put this on the customer's card; a newer screen replaces an older one."""

    @abstractmethod
    async def tell(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        """Say this beside the card, as a message of its own."""

    @abstractmethod
    async def send_label(self, user_id: UserId, order: Order, document: bytes, facts: Facts) -> None:
        """Send the label's PDF."""

    @abstractmethod
    async def deliver(
        self, user_id: UserId, screen: Screen, facts: Facts, document: bytes | None = None
    ) -> Delivery:
        """Bring this to the customer, with the label's PDF where given, and tell how that ended."""

    @abstractmethod
    async def alarm(self, error: Exception) -> None:
        """Word to the operators about something only they can mend; the customer hears nothing of it."""

    @abstractmethod
    async def apologise(self, user_id: UserId, error: Exception) -> None:
        """A fault of ours: one calm sentence with a reference number, and word to the operators."""
