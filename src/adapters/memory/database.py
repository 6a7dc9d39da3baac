"""Tables in memory with the guarantees of the real store: unique keys, and transactions that can lose.

A transaction sees its own writes. It commits only if nothing it wrote was changed meanwhile by somebody
else (first committer wins, as in MongoDB's snapshot isolation); otherwise its body runs again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from attrs import define, field

from shipping_core.errors import TransactionConflict

T = TypeVar("T")
Key = tuple[str, Any]
ABSENT: Any = object()


class View(Protocol):
    """Reading and writing documents by table and key."""

    @abstractmethod
    def get(self, table: str, key: Any) -> Any:
        """The document, or None."""

    @abstractmethod
    def put(self, table: str, key: Any, document: Any) -> None:
        """Insert or replace; None removes."""

    @abstractmethod
    def scan(self, table: str) -> Iterator[Any]:
        """All documents of a table, in the order they were first inserted."""


@define
class Database(View):
    """The committed documents; writes outside a transaction take effect at once."""

    _tables: dict[str, dict[Any, Any]] = field(factory=dict, init=False)
    _changes: dict[Key, int] = field(factory=dict, init=False)

    def get(self, table: str, key: Any) -> Any:
        return self._tables.get(table, {}).get(key)

    def put(self, table: str, key: Any, document: Any) -> None:
        self._tables.setdefault(table, {})[key] = document
        self._changes[table, key] = self.changes(table, key) + 1

    def scan(self, table: str) -> Iterator[Any]:
        return iter(tuple(d for d in self.documents(table).values() if d is not None))

    def documents(self, table: str) -> Mapping[Any, Any]:
        """A table's documents by key, in the order they were first inserted."""
        return self._tables.get(table, {})

    def changes(self, table: str, key: Any) -> int:
        """How often this document was written."""
        return self._changes.get((table, key), 0)

    async def transact(self, body: Callable[[View], Awaitable[T]], *, tries: int = 20) -> T:
        """Run `body` on a view of its own and commit; again from the start after a lost race.

        Raises:
            TransactionConflict: it lost `tries` times.
        """
        for _ in range(tries):
            view = _Attempt(self)
            result = await body(view)
            if view.commit():
                return result
        raise TransactionConflict("transaction", f"lost {tries} times")


@define
class _Attempt(View):
    _base: Database
    _written: dict[Key, Any] = field(factory=dict, init=False)
    _seen: dict[Key, int] = field(factory=dict, init=False)

    def get(self, table: str, key: Any) -> Any:
        self._seen.setdefault((table, key), self._base.changes(table, key))
        mine = self._written.get((table, key), ABSENT)
        return self._base.get(table, key) if mine is ABSENT else mine

    def put(self, table: str, key: Any, document: Any) -> None:
        self._seen.setdefault((table, key), self._base.changes(table, key))
        self._written[table, key] = document

    def scan(self, table: str) -> Iterator[Any]:
        mine = {key: document for (t, key), document in self._written.items() if t == table}
        every = {**self._base.documents(table), **mine}
        return iter(tuple(d for d in every.values() if d is not None))

    def commit(self) -> bool:
        if any(self._base.changes(*key) != self._seen[key] for key in self._written):
            return False
        for (table, key), document in self._written.items():
            self._base.put(table, key, document)
        return True
