"""One credential's share of calls a minute, kept here so that the partner need not refuse.

Quotes are many and may wait; purchases and look-ups are few and may not starve. So quotes get the quota
less a head-room, and everything else the whole of it. A leaky bucket lets a burst through and then drips:
with a third of the quota as the burst and two thirds dripping, no 60 seconds ever see more than the quota.
What the partner says about its own window (other processes share it) pauses us on top of that.
"""

from __future__ import annotations

import asyncio
import email.utils
import enum
from collections.abc import Awaitable, Callable, Mapping

from aiolimiter import AsyncLimiter

from shipping_core.errors import GatewayUnavailable
from shipping_core.ports.clock import Clock

LONGEST_PAUSE_S = 120.0
"""Both windows are a minute long; a longer hint is a mistake or an outage, and we ask again."""


class Urgency(enum.Enum):
    """How a call stands in the queue; the value is how long it may wait, in seconds."""

    QUOTE = 20.0
    LOOKUP = 19.0
    PURCHASE = 2.0
    """A purchase must leave within seconds of its claim, or not at all."""


class Limiter:
    """Lets through at most `per_minute` calls in any minute; None lets everything through."""

    def __init__(
        self,
        per_minute: int | None,
        *,
        head_room: int = 0,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._head_room = head_room
        self._whole = _bucket(per_minute)
        self._quotes = _bucket(per_minute - head_room) if per_minute is not None else None
        self._quotes_open_at = self._open_at = clock.monotonic_s()

    async def admit(self, urgency: Urgency, operation: str) -> None:
        """Return when the call may leave.

        Raises:
            GatewayUnavailable: its turn would come too late; with the seconds to wait where known.
        """
        try:
            async with asyncio.timeout(urgency.value):
                await self._pause(urgency, operation)
                if urgency is Urgency.QUOTE and self._quotes is not None:
                    await self._quotes.acquire()
                if self._whole is not None:
                    await self._whole.acquire()
        except TimeoutError:
            raise _too_many(operation, None) from None

    async def _pause(self, urgency: Urgency, operation: str) -> None:
        opens_at = max(self._open_at, self._quotes_open_at) if urgency is Urgency.QUOTE else self._open_at
        wait = opens_at - self._clock.monotonic_s()
        if wait <= 0:
            return
        if wait > urgency.value:
            raise _too_many(operation, wait)
        await self._sleep(wait)

    def note(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Learn from an answer's headers; returns the seconds it asks us to wait, if it does.

        V1 sends `X-Rate-Limit-Remaining` and `X-Rate-Limit-Reset` (seconds) with every answer, V2
        `Retry-After` with a refusal (the vendor's rate limit pages).
        """
        hint = self._hint(headers)
        if hint is None:
            return None
        remaining = _number(headers.get("x-rate-limit-remaining"))
        until = self._clock.monotonic_s() + hint
        if status == 429 or remaining == 0:
            self._open_at = max(self._open_at, until)
        elif remaining is not None and remaining <= self._head_room:
            self._quotes_open_at = max(self._quotes_open_at, until)
        return hint if status == 429 or "retry-after" in headers else None

    def _hint(self, headers: Mapping[str, str]) -> float | None:
        retry_after = headers.get("retry-after", "")
        seconds = _number(retry_after)
        if seconds is None and retry_after:
            seconds = self._until(retry_after)
        if seconds is None:
            seconds = _number(headers.get("x-rate-limit-reset"))
        return None if seconds is None else min(max(seconds, 0.0), LONGEST_PAUSE_S)

    def _until(self, http_date: str) -> float | None:
        try:
            return (email.utils.parsedate_to_datetime(http_date) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None


def _bucket(per_minute: int | None) -> AsyncLimiter | None:
    if per_minute is None:
        return None
    if per_minute < 3:
        raise ValueError("a limit below 3 calls a minute leaves no room for a burst")
    burst = per_minute // 3
    return AsyncLimiter(burst, 60 * burst / (per_minute - burst))


def _number(text: str | None) -> float | None:
    digits = (text or "").strip()
    return float(digits) if digits.isascii() and digits.replace(".", "", 1).isdigit() else None


def _too_many(operation: str, wait: float | None) -> GatewayUnavailable:
    return GatewayUnavailable(operation, "our own limit of calls", code="rate_limited", retry_after_s=wait)
