"""Where a US ZIP code is, offline."""

import math
from functools import lru_cache

import attrs
import zipcodes

_EARTH_RADIUS_MILES = 3958.8
# The usual postal distance bands: up to 50 miles is zone 1, beyond 1,800 zone 8.
_ZONE_BOUNDS_MILES = (50, 150, 300, 600, 1000, 1400, 1800)


@attrs.frozen
class Place:
    """A ZIP code's post office."""

    zip_code: str
    city: str
    state: str
    other_cities: tuple[str, ...]
    latitude: float
    longitude: float

    def knows_city(self, name: str) -> bool:
        """Whether mail for `name` is delivered here."""
        return name.strip().casefold() in {c.casefold() for c in (self.city, *self.other_cities)}


@lru_cache(maxsize=8192)
def find_place(postal_code: str) -> Place | None:
    """The place of a ZIP or ZIP+4, or None where there is no such ZIP."""
    digits = postal_code.strip()[:5]
    if len(digits) != 5 or not (digits.isascii() and digits.isdigit()):
        return None
    found = zipcodes.matching(digits)  # type: ignore[no-untyped-call] # the library ships no types
    if not found:
        return None
    row = found[0]
    return Place(
        digits,
        row["city"],
        row["state"],
        tuple(row["acceptable_cities"]),
        float(row["lat"]),
        float(row["long"]),
    )


def miles_between(a: Place, b: Place) -> float:
    """Great-circle distance in statute miles."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    d_lat, d_long = lat_b - lat_a, math.radians(b.longitude - a.longitude)
    h = math.sin(d_lat / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(d_long / 2) ** 2
    return 2 * _EARTH_RADIUS_MILES * math.asin(math.sqrt(h))


def zone_between(a: Place, b: Place) -> int:
    """The distance band from 1 (next door) to 8 (the far coast)."""
    distance = miles_between(a, b)
    return 1 + sum(distance > bound for bound in _ZONE_BOUNDS_MILES)
