"""The sandbox's own time, which tests may push forward."""

import time
from datetime import UTC, date, datetime, timedelta, timezone

import attrs

# V1 stamps carry no offset and are widely believed to be US Pacific; a fixed -08:00 is enough
# to catch a client that reads them as UTC.
_PACIFIC = timezone(timedelta(hours=-8))


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


def v2_stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, as V2 writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def v2_day(day: date) -> str:
    """A calendar day as V2 writes it: midnight with a Z."""
    return f"{day.isoformat()}T00:00:00Z"


def v1_stamp(moment: datetime) -> str:
    """Seven fractional digits and no offset, as V1 writes it."""
    return moment.astimezone(_PACIFIC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def read_v1_stamp(text: str) -> datetime:
    """The moment behind a V1 filter value: a day or a local stamp, cut to microseconds.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text[:26])
    return moment.replace(tzinfo=moment.tzinfo or _PACIFIC)


def read_v2_stamp(text: str) -> datetime:
    """The moment behind a V2 stamp or plain day.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC)
