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
