"""A list from its first page to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from attrs import evolve

from shipping_core.domain.listing import MOST_A_PAGE, Wanted
from shipping_core.ports.lists import Lists


async def whole_list(lists: Lists, wanted: Wanted) -> AsyncIterator[Any]:
    """Every item, page by page."""
    after: Wanted | None = evolve(wanted, limit=MOST_A_PAGE)
    while after is not None:
        page = await lists.page(after)
        for item in page.items:
            yield item
        after = evolve(after, after=page.next) if page.next else None
