"""The real clock and real chance."""

from __future__ import annotations

import datetime as dt
import secrets
import time

from shipping_core.ports.clock import Clock, IdSource, SecretSource


class SystemClock(Clock):
    """This machine's time, in whole milliseconds: no store keeps finer ones."""

    def now(self) -> dt.datetime:
        now = dt.datetime.now(dt.UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic_s(self) -> float:
        return time.monotonic()


class RandomIds(IdSource):
    """Ids with 80 random bits from the operating system."""

    def new(self, prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(10)}"[:24]


class RandomSecrets(SecretSource):
    """Secrets of 256 random bits from the operating system."""

    def secret(self, prefix: str) -> str:
        return prefix + secrets.token_urlsafe(32)
