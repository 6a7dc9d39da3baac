"""How many requests a minute each version and kind of key may make."""

from datetime import datetime

import attrs

from shipping_sandbox.kit.limits import WINDOW_S, Reading, Windows

_EFFECTIVELY_NONE = 1_000_000  # load tests must not meet a limit they did not ask for
_TEST_KEYS_A_MINUTE = 20


@attrs.define
class Limits:
    """One window for each credential; None is unlimited."""

    v1_per_minute: int | None = _EFFECTIVELY_NONE
    v2_per_minute: int | None = _EFFECTIVELY_NONE
    _windows: Windows = attrs.field(factory=Windows, init=False)

    def admit(self, version: str, caller: str, *, test_key: bool, now: datetime) -> Reading:
        """Count one request and say whether it may pass."""
        limit = self._limit(version, test_key=test_key)
        if limit is None:
            return Reading(True, _EFFECTIVELY_NONE, _EFFECTIVELY_NONE, WINDOW_S)
        return self._windows.admit(caller, limit, now)

    def forget(self) -> None:
        """Start all windows anew."""
        self._windows.forget()

    def _limit(self, version: str, *, test_key: bool) -> int | None:
        if version == "v1":
            return self.v1_per_minute
        if test_key and self.v2_per_minute is not None and self.v2_per_minute < _EFFECTIVELY_NONE:
            return min(self.v2_per_minute, _TEST_KEYS_A_MINUTE)
        return self.v2_per_minute
