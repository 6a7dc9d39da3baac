"""Lists for the office, at any size."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol

from shipping_core.domain.listing import Page, Wanted


class Lists(Protocol):
    """Reads pages of what is kept; a page costs the same wherever it lies."""

    @abstractmethod
    async def page(self, wanted: Wanted) -> Page[Any]:
        """One page of the kind that `LISTED[wanted.name]` names.

        Equal sort values are ordered by id. What was added meanwhile neither repeats nor hides an item.

        Raises:
            ValueError: no such list, field, or order.
        """

    @abstractmethod
    async def count(self, wanted: Wanted, *, most: int = 1000) -> int:
        """How many items all its pages have together; where there are more than `most`, that.

        Its place, its limit and its direction do not matter.

        Raises:
            ValueError: as above.
        """
