"""What one customer keeps of one kind: found by its owner alone, under names that differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from shipping_core.domain.desk import MOST_KEPT, NAME_TAKEN
from shipping_core.domain.ids import UserId
from shipping_core.errors import Conflict, InvalidInput, NotFound, TooMany
from shipping_core.ports.shelves import Record, Shelf

RACES = 5


class Owned(Record, Protocol):
    """A record that is one user's; the first of its `unique` is its name's word."""

    @property
    def user_id(self) -> UserId:
        """Whose it is."""


K = TypeVar("K", bound=Owned)


@frozen
class OwnThings(Generic[K]):
    """Somebody else's things are not found, whatever id is asked for."""

    shelf: Shelf[K]
    kind: str

    async def all(self, user_id: UserId) -> list[K]:
        """All of them, the last changed first."""
        return list(await self.shelf.find({"user_id": user_id}, limit=MOST_KEPT))[::-1]

    async def get(self, user_id: UserId, record_id: str) -> K:
        """One of them.

        Raises:
            NotFound: no such thing, or somebody else's; here as below.
        """
        return self.owned(user_id, await self.shelf.get(record_id))

    def owned(self, user_id: UserId, record: K) -> K:
        """It, where it is this user's."""
        if record.user_id != user_id:
            raise NotFound(self.kind, record.record_id)
        return record

    async def words(self, user_id: UserId) -> set[str]:
        """The words of the names in use."""
        return {record.unique[0] for record in await self.all(user_id)}

    async def find(self, user_id: UserId, record_id: str) -> K | None:
        """The same, or None."""
        try:
            return await self.get(user_id, record_id)
        except NotFound:
            return None

    async def keep(self, record: K) -> K:
        """Keep a new one; what is kept under its id already stays as it is.

        Raises:
            InvalidInput: its name is another's.
            TooMany: the user keeps as many as anybody may.
        """
        known = await self.find(record.user_id, record.record_id)
        if known is not None:
            return known
        if len(await self.all(record.user_id)) >= MOST_KEPT:
            raise TooMany(self.kind, MOST_KEPT)
        try:
            await self.shelf.add(record)
        except Conflict:
            raise InvalidInput("name", NAME_TAKEN) from None
        return record

    async def change(self, user_id: UserId, record_id: str, change: Callable[[K], K]) -> K:
        """Save what `change` makes of it; made anew from what is stored after a lost race.

        Raises:
            InvalidInput: its new name is another's.
            Conflict: it lost again and again.
        """
        for _ in range(RACES):
            changed = change(await self.get(user_id, record_id))
            rival = await self.shelf.by_unique(changed.unique[0])
            if rival is not None and rival.record_id != record_id:
                raise InvalidInput("name", NAME_TAKEN)
            try:
                await self.shelf.save(changed)
            except Conflict:
                continue
            return changed
        raise Conflict(self.kind, record_id)

    async def drop(self, user_id: UserId, record_id: str) -> None:
        """Forget it.

        Raises:
            Conflict: it lost against changes again and again.
        """
        for _ in range(RACES):
            record = await self.get(user_id, record_id)
            try:
                await self.shelf.remove(record)
            except Conflict:
                continue
            return
        raise Conflict(self.kind, record_id)
