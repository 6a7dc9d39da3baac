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
"""Best value: one day earlier may cost this share more than the cheapest offer."""


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
    base = cheapest.price.minor
    value = min(
        rates, key=lambda r: (r.price.minor * 100 + base * DAY_IS_WORTH_PERCENT * _speed(r), r.price.minor)
    )
    found.setdefault(value.rate_id, Tag.BEST_VALUE)
    return found


def by_price(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    """Cheapest first; of equal prices the faster first."""
    return tuple(sorted(rates, key=lambda r: (r.price.minor, _speed(r), r.service)))
