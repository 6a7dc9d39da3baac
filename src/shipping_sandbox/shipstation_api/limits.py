"""Requests per minute, counted in fixed windows on the sandbox's clock."""

import math
from datetime import datetime

import attrs

WINDOW_S = 60
_EFFECTIVELY_NONE = 1_000_000  # load tests must not meet a limit they did not ask for
_TEST_KEYS_A_MINUTE = 20


@attrs.frozen
class Reading:
    """How a caller stands in the present window; `reset_s` is whole seconds, at least 1."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int


@attrs.define
class Limits:
    """One window for each credential; None is unlimited."""

    v1_per_minute: int | None = _EFFECTIVELY_NONE
    v2_per_minute: int | None = _EFFECTIVELY_NONE
    _windows: dict[str, tuple[datetime, int]] = attrs.field(factory=dict, init=False)

    def admit(self, version: str, caller: str, *, test_key: bool, now: datetime) -> Reading:
        """Count one request and say whether it may pass."""
        limit = self._limit(version, test_key=test_key)
        started, used = self._windows.get(caller, (now, 0))
        if (now - started).total_seconds() >= WINDOW_S:
            started, used = now, 0
        reset_s = max(1, math.ceil(WINDOW_S - (now - started).total_seconds()))
        if limit is None:
            return Reading(True, _EFFECTIVELY_NONE, _EFFECTIVELY_NONE, reset_s)
        allowed = used < limit
        used += allowed
        self._windows[caller] = (started, used)
        return Reading(allowed, limit, limit - used, reset_s)

    def forget(self) -> None:
        """Start all windows anew."""
        self._windows.clear()

    def _limit(self, version: str, *, test_key: bool) -> int | None:
        if version == "v1":
            return self.v1_per_minute
        if test_key and self.v2_per_minute is not None and self.v2_per_minute < _EFFECTIVELY_NONE:
            return min(self.v2_per_minute, _TEST_KEYS_A_MINUTE)
        return self.v2_per_minute
