"""Time and chance, so that the core has neither."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Protocol


class Clock(Protocol):
    """The only source of time."""

    @abstractmethod
    def now(self) -> dt.datetime:
        """The present moment, aware, in UTC."""

    @abstractmethod
    def monotonic_s(self) -> float:
        """Seconds that only grow; for measuring how long something took."""


class IdSource(Protocol):
    """The only source of new ids."""

    @abstractmethod
    def new(self, prefix: str) -> str:
        """A fresh, unguessable id such as `ord_7f3a…`: ASCII letters, digits, one underscore; at most 24."""


class SecretSource(Protocol):
    """The only source of secrets."""

    @abstractmethod
    def secret(self, prefix: str) -> str:
        """`prefix` and at least 256 unguessable bits, as ASCII letters, digits, `-` and `_`."""
