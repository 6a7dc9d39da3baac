"""Pasted orders with what a reader should find in them; every person in them is invented.

`seen.jsonl` was used while the reader was written, `unseen.jsonl` is only measured. A record holds `text`,
`expected` (field to value), `expecting` (the side asked for, if one address is wanted) and `doubtful`: fields
the text does not settle, which a reader may leave out or give with a low confidence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from attrs import Factory, define, frozen

from shipping_core.domain.draft import STEPS, Field
from shipping_core.ports.reader import Reader

_HERE = Path(__file__).parent


@frozen
class Order:
    """One pasted text and what it says."""

    order_id: str
    text: str
    expected: dict[Field, str]
    expecting: tuple[Field, ...] = STEPS
    doubtful: frozenset[Field] = frozenset()


@define
class Score:
    """How a reader did on many orders."""

    right: int = 0
    asked: int = 0
    silent: list[str] = Factory(list)
    """Fields that are wrong though the reader was sure, one line each."""
    missed: list[str] = Factory(list)
    """Fields left out, or wrong and marked doubtful."""

    @property
    def accuracy(self) -> float:
        """Right fields by all fields expected or found."""
        return self.right / self.asked

    @property
    def silent_rate(self) -> float:
        """Silent errors by all fields expected or found."""
        return len(self.silent) / self.asked


def load(name: str) -> list[Order]:
    """The orders of `seen` or `unseen`."""
    lines = (_HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_order(json.loads(line)) for line in lines]


def _order(record: dict[str, object]) -> Order:
    expected, doubtful = record["expected"], record.get("doubtful", [])
    assert isinstance(expected, dict)
    assert isinstance(doubtful, list)
    side = record.get("expecting")
    return Order(
        str(record["id"]),
        str(record["text"]),
        {Field(key): value for key, value in expected.items()},
        tuple(f for f in STEPS if f.part == side) if side else STEPS,
        frozenset(map(Field, doubtful)),
    )


def score(reader: Reader, orders: Sequence[Order]) -> Score:
    """Reads every order and compares field by field."""
    result = Score()
    for order in orders:
        found = reader.read(order.text, expecting=order.expecting).found
        for which in STEPS:
            wanted, entry = order.expected.get(which), found.get(which)
            if wanted is None and entry is None:
                continue
            if which in order.doubtful and (entry is None or entry.doubtful):
                continue
            result.asked += 1
            if entry is not None and entry.value == wanted:
                result.right += 1
                continue
            line = (
                f"{order.order_id} {which.value}: wanted {wanted!r}, got {entry.value if entry else None!r}"
            )
            (result.silent if entry is not None and not entry.doubtful else result.missed).append(line)
    return result
