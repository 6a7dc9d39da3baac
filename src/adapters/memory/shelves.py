"""Records of any kind in memory, each under its version, with what must be unique."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Generic

from attrs import frozen

from adapters.memory.database import View
from shipping_core.conversation.codec import dump
from shipping_core.domain.listing import check_found_by
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.shelves import R, Shelf


@frozen
class MemoryShelf(Shelf[R], Generic[R]):
    """One kind of records."""

    view: View
    kind: type[R]

    async def add(self, record: R) -> None:
        if self.view.get(self._name, record.record_id) is not None:
            raise Conflict(self._name, record.record_id)
        self._own(record, ())
        self.view.put(self._name, record.record_id, record)

    async def get(self, record_id: str) -> R:
        record: R | None = self.view.get(self._name, record_id)
        if record is None:
            raise NotFound(self._name, record_id)
        return record

    async def save(self, record: R) -> None:
        stored = await self.get(record.record_id)
        if stored.version != record.version - 1:
            raise Conflict(self._name, record.record_id)
        self._own(record, stored.unique)
        self.view.put(self._name, record.record_id, record)

    async def remove(self, record: R) -> None:
        stored = await self.get(record.record_id)
        if stored.version != record.version:
            raise Conflict(self._name, record.record_id)
        for word in stored.unique:
            self.view.put(self._words, word, None)
        self.view.put(self._name, record.record_id, None)

    async def by_unique(self, word: str) -> R | None:
        owner = self.view.get(self._words, word)
        record: R | None = None if owner is None else self.view.get(self._name, owner)
        return record

    async def find(
        self,
        where: Mapping[str, object],
        *,
        changed_before: dt.datetime | None = None,
        limit: int = 100,
    ) -> Sequence[R]:
        found = self._found(where, changed_before)
        return sorted(found, key=lambda r: (r.updated_at, r.record_id))[: max(0, limit)]

    async def count(self, where: Mapping[str, object], *, changed_before: dt.datetime | None = None) -> int:
        return len(self._found(where, changed_before))

    def _found(self, where: Mapping[str, object], changed_before: dt.datetime | None) -> list[R]:
        check_found_by(self._name, where)
        return [
            r
            for r in self.view.scan(self._name)
            if all(_is(getattr(r, name), wanted) for name, wanted in where.items())
            and (changed_before is None or r.updated_at < changed_before)
        ]

    @property
    def _name(self) -> str:
        return self.kind.__name__

    @property
    def _words(self) -> str:
        return f"{self._name}:unique"

    def _own(self, record: R, before: tuple[str, ...]) -> None:
        for word in record.unique:
            if self.view.get(self._words, word) not in {None, record.record_id}:
                raise Conflict(self._name, word)
        for word in set(before) - set(record.unique):
            self.view.put(self._words, word, None)
        for word in record.unique:
            self.view.put(self._words, word, record.record_id)


def _is(value: object, wanted: object) -> bool:
    plain = dump(wanted)
    return dump(value) in plain if isinstance(wanted, tuple) else dump(value) == plain
