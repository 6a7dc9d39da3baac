"""The way to the customer's eyes."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.conversation.screens import Facts, Note, Screen
from shipping_core.domain.ids import UserId
from shipping_core.domain.order import Order


class Notifier(Protocol):
    """Shows screens. Each call hands over and returns; a customer who cannot be reached raises nothing."""

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
    async def alarm(self, error: Exception) -> None:
        """Word to the operators about something only they can mend; the customer hears nothing of it."""

    @abstractmethod
    async def apologise(self, user_id: UserId, error: Exception) -> None:
        """A fault of ours: one calm sentence with a reference number, and word to the operators."""
