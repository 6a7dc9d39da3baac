"""Who has ever talked to us."""

from __future__ import annotations

import datetime as dt
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

    @abstractmethod
    async def seen(self, user_id: UserId, at: dt.datetime, *, name: str = "", username: str = "") -> None:
        """They were here, and are called so now. No new version; nothing for a stranger or an erased one."""

    @abstractmethod
    async def save(self, user: User) -> None:
        """Replace the stored version `user.version - 1`; what `seen` and `speak` keep stays as it is stored,
        unless `user.erased_at` is set.

        Raises:
            Conflict: another version is stored; nothing was changed.
            NotFound: there is none.
        """
