"""Which of several offers is the cheapest, the fastest, the best value."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from shipping_core.domain.ids import RateId
from shipping_core.domain.shipment import Rate


class Tag(enum.Enum):
    """Why an offer stands out."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    BEST_VALUE = "best_value"


DAY_IS_WORTH_PERCENT = 15
"""Best value, of what arrives before the cheapest: a day earlier is worth this share of its price."""


def _speed(rate: Rate) -> int:
    return rate.delivery_days if rate.delivery_days is not None else 99


def tags(rates: Sequence[Rate]) -> dict[RateId, Tag]:
    """At most one tag per offer, cheapest first; none where there is nothing to compare."""
    if len(rates) < 2:
        return {}
    found: dict[RateId, Tag] = {}
    cheapest = min(rates, key=lambda r: (r.price.minor, _speed(r)))
    found[cheapest.rate_id] = Tag.CHEAPEST
    fastest = min(rates, key=lambda r: (_speed(r), r.price.minor))
    if fastest.delivery_days is not None and _speed(fastest) < _speed(cheapest):
        found[fastest.rate_id] = Tag.FASTEST
    sooner = [r for r in rates if _speed(r) < _speed(cheapest)]
    if sooner:
        day = cheapest.price.minor * DAY_IS_WORTH_PERCENT
        value = min(sooner, key=lambda r: (r.price.minor * 100 + day * _speed(r), r.price.minor))
        found.setdefault(value.rate_id, Tag.BEST_VALUE)
    return found


def by_price(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    """Cheapest first; of equal prices the faster first."""
    return tuple(sorted(rates, key=lambda r: (r.price.minor, _speed(r), r.service)))
