"""ZIP codes and their cities, from the offline list of the `zipcodes` package."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import evolve, frozen

from shipping_core.domain.draft import Place

ZIP = re.compile(r"(?<![\w-])(\d{5})(?:-(\d{4}))?(?!\w|-\d)")
_MILITARY = {"Apo": "APO", "Fpo": "FPO", "Dpo": "DPO"}
_SAME = {
    "st": "saint",
    "ste": "sainte",
    "ft": "fort",
    "mt": "mount",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
}


@frozen
class Spot:
    """A ZIP's place, and every name ever given to it: those the post discourages too."""

    place: Place
    names: tuple[str, ...]


@lru_cache(maxsize=1000)
def _region(prefix: str) -> dict[str, Spot]:
    """The ZIPs that share three digits; kept, because the package searches its list from end to end."""
    import zipcodes  # its list takes half a second to load, so nobody pays before the first text

    rows = zipcodes.similar_to(prefix)  # type: ignore[no-untyped-call]  # the package types only its inner module
    return {row["zip_code"]: _spot(row) for row in rows if row["active"]}


def _spot(row: dict[str, str | list[str]]) -> Spot:
    main = _MILITARY.get(str(row["city"]), str(row["city"]))
    cities = (main, *row["acceptable_cities"])
    return Spot(Place(str(row["state"]), cities), (*cities, *row["unacceptable_cities"]))


def spot_of(zip_code: str) -> Spot | None:
    """What is known about a ZIP or ZIP+4."""
    return _region(zip_code[:3]).get(zip_code[:5]) if re.match(r"[0-9]{5}", zip_code) else None


def place_of(zip_code: str, city: str = "") -> Place | None:
    """The ZIP's state and cities; `city` joins them when it is the same name in another spelling."""
    spot = spot_of(zip_code)
    if spot is None:
        return None
    place = spot.place
    known = {c.casefold() for c in place.cities}
    if city and city.casefold() not in known and folded(city) in {folded(c) for c in place.cities}:
        return evolve(place, cities=(*place.cities, city))
    return place


@lru_cache(maxsize=4096)
def names_near(zip_code: str) -> tuple[str, ...]:
    """The folded city names of the ZIP first, then those of its region, longest first."""
    spot = spot_of(zip_code)
    own = {folded(n) for n in spot.names} if spot else set()
    region = {folded(name) for near in _region(zip_code[:3]).values() for name in near.place.cities} - own
    return tuple(name for names in (own, region) for name in sorted(names, key=lambda n: (-len(n), n)))


def folded(city: str) -> str:
    """A city name without case, dots and customary abbreviations."""
    return " ".join(_SAME.get(w, w) for w in re.split(r"[\s.\-']+", city.casefold()) if w)
