"""Moments as the two versions write and read them."""

from datetime import UTC, date, datetime, timedelta, timezone

# V1 stamps carry no offset and are widely believed to be US Pacific; a fixed -08:00 is enough
# to catch a client that reads them as UTC.
_PACIFIC = timezone(timedelta(hours=-8))


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
