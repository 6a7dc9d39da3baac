"""What a pasted text says, told offline and always the same way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from shipping_core.domain.draft import Entry, Field


@frozen
class Reading:
    """The fields found in one text, normalised, and the part of it nobody understood."""

    found: Mapping[Field, Entry] = field(factory=dict)
    unread: str = ""


@frozen
class Answer:
    """What one text means for one field: an entry, or why it cannot be used.

    `reason` is one of empty, too_long, not_a_state, not_a_zip, not_a_phone, not_a_weight, not_a_size,
    not_a_box, too_heavy, too_large, no_letters, no_digits.
    """

    entry: Entry | None = None
    reason: str = ""


class Reader(Protocol):
    """Finds an order's fields in free text; deterministic, offline, and it never invents a value."""

    @abstractmethod
    def read(self, text: str, *, expecting: Sequence[Field]) -> Reading:
        """Everything `text` says about an order.

        `expecting` are the fields still wanted, most wanted first: an address without a label
        (from/to/от/кому) goes to the side of the first expected address field, two addresses
        without labels are sender, then recipient. A found field may be outside `expecting`.
        """

    @abstractmethod
    def answer(self, text: str, wanted: Field) -> Answer:
        """`text` as the answer to the question for one field, in the step-by-step path."""
