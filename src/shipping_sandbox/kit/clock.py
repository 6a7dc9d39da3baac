"""The sandbox's own time, which tests may push forward."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count

import attrs

_ID_EPOCH_S = 1_700_000_000


@attrs.define
class Clock:
    """Real time plus an offset that only grows; seconds."""

    offset_s: float = 0.0

    def now(self) -> datetime:
        """The sandbox's present, aware, UTC."""
        return datetime.fromtimestamp(time.time() + self.offset_s, UTC)

    def today(self) -> date:
        """The present calendar day in UTC."""
        return self.now().date()

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds`.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("time only runs forward")
        self.offset_s += seconds


def running_numbers(clock: Clock) -> Iterator[int]:
    """Ids that a restarted sandbox does not hand out again, as clients may have stored them: ten a second."""
    return count(int(clock.now().timestamp() - _ID_EPOCH_S) * 10)
