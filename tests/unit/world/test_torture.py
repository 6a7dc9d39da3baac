"""Ten thousand orders in faulted worlds: no cent is lost, no label bought twice, nothing is stuck.

`WORLD_ORDERS` asks for more or fewer; `python -m world.torture` for a million, with a line per figure.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from world.torture import CI_ORDERS, until

ORDERS = int(os.environ.get("WORLD_ORDERS", CI_ORDERS))
PARTS = max(40, ORDERS // 500)
SHOWN = (
    "orders",
    "purchases that met an accident",
    "labels that appeared after the end",
    "top-ups",
    "letters delivered",
    "crashes",
    "failed rounds and inputs",
    "lost or wrong cents",
    "second purchases",
    "labels unaccounted for",
    "stuck",
    "other findings",
)


@pytest.mark.parametrize("part", range(PARTS))
def test_given_storms_when_many_order_then_every_cent_and_label_is_where_it_belongs(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    figures = until(-(-ORDERS // PARTS), range(part * 100, part * 100 + 100))
    for name in SHOWN:
        record_property("figure", (f"storms: {name}", figures.counts[name]))

    assert figures.findings == []
    assert figures.counts["orders"] >= ORDERS // PARTS
    assert figures.counts["crashes"] > 0
    assert figures.counts["purchases that met an accident"] > figures.counts["orders"] // 5
