"""Who has ever talked to us."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.ids import UserId
from shipping_core.domain.user import User


class UserRepository(Protocol):
    """Keeps users; each is added once."""

    @abstractmethod
    async def add(self, user: User) -> bool:
        """Keep a new user; False, and nothing changed, when the id is known already."""

    @abstractmethod
    async def get(self, user_id: UserId) -> User:
        """The user.

        Raises:
            NotFound: nobody by that id.
        """

    @abstractmethod
    async def speak(self, user_id: UserId, language: str) -> None:
        """Remember the language a user chose; nothing happens for a stranger."""
