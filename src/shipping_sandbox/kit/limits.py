"""Requests per minute, counted in fixed windows on the sandbox's clock."""

import math
from datetime import datetime

import attrs

WINDOW_S = 60


@attrs.frozen
class Reading:
    """How a caller stands in the present window; `reset_s` is whole seconds, at least 1."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int


@attrs.define
class Windows:
    """One window for each credential."""

    _windows: dict[str, tuple[datetime, int]] = attrs.field(factory=dict, init=False)

    def admit(self, caller: str, limit: int, now: datetime) -> Reading:
        """Count one request and say whether it may pass."""
        started, used = self._windows.get(caller, (now, 0))
        if (now - started).total_seconds() >= WINDOW_S:
            started, used = now, 0
        reset_s = max(1, math.ceil(WINDOW_S - (now - started).total_seconds()))
        allowed = used < limit
        used += allowed
        self._windows[caller] = (started, used)
        return Reading(allowed, limit, limit - used, reset_s)

    def forget(self) -> None:
        """Start all windows anew."""
        self._windows.clear()
