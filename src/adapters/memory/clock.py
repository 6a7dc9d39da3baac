"""A clock that stands still until it is told, and ids and secrets that count."""

from __future__ import annotations

import datetime as dt

from attrs import define, field

from shipping_core.ports.clock import Clock, IdSource, SecretSource


@define
class MemoryClock(Clock):
    """Time in the caller's hands."""

    moment: dt.datetime = dt.datetime(2031, 4, 7, 12, 0, tzinfo=dt.UTC)
    _passed_s: float = field(default=0.0, init=False)

    def now(self) -> dt.datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self._passed_s

    def advance(self, by: dt.timedelta) -> None:
        """Let this much time pass."""
        self.moment += by
        self._passed_s += by.total_seconds()


@define
class MemoryIds(IdSource):
    """`ord_1`, `ord_2`, …: the same in every run."""

    _count: int = field(default=0, init=False)

    def new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count}"


@define
class MemorySecrets(SecretSource):
    """Long enough, and the same in every run: for tests alone."""

    _count: int = field(default=0, init=False)

    def secret(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:043d}"
