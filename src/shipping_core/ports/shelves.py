"""Where the office's and the customers' own records are kept: refunds, templates, keys and the like."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar


class Record(Protocol):
    """A value with an id and a version, frozen. Its class is what a shelf is asked for by."""

    @property
    def record_id(self) -> str:
        """Its id among its kind."""

    @property
    def unique(self) -> tuple[str, ...]:
        """What no other record of its kind may have as well, beside the id."""

    @property
    def version(self) -> int:
        """Grows by one with every change."""

    @property
    def created_at(self) -> dt.datetime:
        """Since when there is one."""

    @property
    def updated_at(self) -> dt.datetime:
        """When it was changed last."""


R = TypeVar("R", bound=Record)


class Shelf(Protocol[R]):
    """Keeps records of one kind; a save only succeeds on the version it was made from."""

    @abstractmethod
    async def add(self, record: R) -> None:
        """Keep a new record.

        Raises:
            Conflict: its id, or one of its `unique`, is another's.
        """

    @abstractmethod
    async def get(self, record_id: str) -> R:
        """The record as last saved.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def save(self, record: R) -> None:
        """Replace the stored version `record.version - 1`.

        Raises:
            Conflict: another version is stored, or one of its `unique` is another's; nothing was changed.
            NotFound: there is none.
        """

    @abstractmethod
    async def remove(self, record: R) -> None:
        """Forget this very version.

        Raises:
            Conflict: another version is stored.
            NotFound: there is none.
        """

    @abstractmethod
    async def by_unique(self, word: str) -> R | None:
        """The record that has this among its `unique`."""

    @abstractmethod
    async def find(
        self,
        where: Mapping[str, object],
        *,
        changed_before: dt.datetime | None = None,
        limit: int = 100,
    ) -> Sequence[R]:
        """Records whose fields are as in `where` (a tuple means any of these), oldest change first.

        Fields that may be asked for by are those of `domain.listing.FOUND_BY`.
        """

    @abstractmethod
    async def count(self, where: Mapping[str, object], *, changed_before: dt.datetime | None = None) -> int:
        """How many records `find` would find without a limit."""
