"""Lists as CSV: streamed page by page, every row that fits the filters."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from attrs import evolve
from msgspec import Struct

from adapters.http_admin.models import cells, columns, view
from shipping_core.domain.listing import LISTED, MOST_A_PAGE, Page, Wanted
from shipping_core.ports.lists import Lists

MEDIA_TYPE: Final = "text/csv"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: Any) -> Any:
    """The cell, so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


async def table(lists: Lists, wanted: Wanted, model: type[Struct]) -> AsyncIterator[str]:
    """The whole list, a page at a time; the first page is read before this returns.

    Rows that change meanwhile are in it all the same, so it may come in the usual order instead.

    Raises:
        StoreUnavailable: that page could not be read.
    """
    wanted = evolve(LISTED[wanted.name].to_the_end(wanted), limit=MOST_A_PAGE)
    return _lines(lists, wanted, model, await lists.page(wanted))


async def _lines(lists: Lists, wanted: Wanted, model: type[Struct], page: Page[Any]) -> AsyncIterator[str]:
    yield _written([columns(model)])
    while True:
        yield _written(map(guarded, cells(model, view(item))) for item in page.items)
        if page.next is None:
            return
        page = await lists.page(evolve(wanted, after=page.next))


def _written(rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
