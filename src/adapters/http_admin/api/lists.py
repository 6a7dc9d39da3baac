"""Every list of `LISTED`, as pages and as CSV, by one and the same code."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import attrs
import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.response import Stream

from adapters.http_admin import tables
from adapters.http_admin.api.route import reads
from adapters.http_admin.api.rows import row_of, rows
from adapters.http_admin.cursors import read_cursor, write_cursor
from adapters.http_admin.models import many, model_of
from adapters.http_admin.office import Office
from shipping_core.domain.listing import (
    LISTED,
    MOST_A_PAGE,
    Listed,
    Wanted,
    asked_for,
    filter_kind,
    flat,
    takes_several,
)
from shipping_core.errors import InvalidInput

FIFTY: Final = 50
MOST_SAID: Final = 128
PAGE: Final = """`next` is the cursor of the next page, null on the last one. In ascending order `resume` is
the cursor behind this page, also when it is the last: ask with it later for what came since. An item may
bear a time up to ten seconds before it is kept: let the newest ones grow as old before you follow them."""
_A_DAY: Final = "0000-00-00"
_WRITTEN_OUT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A time that is not a number of seconds."""


def list_routes(office: Office) -> list[HTTPRouteHandler]:
    """`GET /{name}` and `GET /{name}.csv` for each list."""
    return [make(office, name) for name in LISTED for make in (_pages, _export)]


def _pages(office: Office, name: str) -> HTTPRouteHandler:
    listed = LISTED[name]
    row = row_of(name)
    page_model = msgspec.defstruct(
        f"{listed.kind.__name__}Page",
        [("items", many(row)), ("next", str | None), ("resume", str | None)],
        module=__name__,
        namespace={"__doc__": PAGE},
    )

    async def pages(request: Request[Any, Any, Any], **given: Any) -> Response[Any]:
        wanted = _wanted(request, name, given)
        if given["cursor"] is not None:
            after = read_cursor(given["cursor"], wanted, office.cursor_secret)
            wanted = attrs.evolve(wanted, after=after)
        page = await office.lists.page(wanted)
        after_it = write_cursor(page.next, wanted, office.cursor_secret) if page.next else None
        resume = None if wanted.descending else given["cursor"]
        if page.items and not wanted.descending:
            last = listed.place(page.items[-1], wanted.sort)
            resume = write_cursor(last, wanted, office.cursor_secret)
        return Response(page_model(await rows(office, name, row, page.items), after_it, resume))

    _sign(pages, {**_filters(name, listed), **_PAGING})
    return reads(f"/{name}", f"list_{name}", page_model, f"A page of {name}")(pages)


def _export(office: Office, name: str) -> HTTPRouteHandler:
    async def export(request: Request[Any, Any, Any], **given: Any) -> Stream:
        return await _csv(office, _wanted(request, name, given), name)

    _sign(export, _filters(name, LISTED[name]))
    return get(
        f"/{name}.csv",
        operation_id=f"export_{name}",
        summary=f"All {name} that fit, as CSV; in the usual order where the one asked for may change",
        media_type=tables.MEDIA_TYPE,
    )(export)


async def _csv(office: Office, wanted: Wanted, name: str) -> Stream:
    lines = await tables.table(office.lists, wanted, model_of(LISTED[name].kind))
    disposition = f'attachment; filename="{name}.csv"'
    return Stream(lines, media_type=tables.MEDIA_TYPE, headers={"Content-Disposition": disposition})


_PAGING: Final[dict[str, Any]] = {
    "limit": (Annotated[int, QueryParameter(ge=1, le=MOST_A_PAGE)], FIFTY),
    "cursor": (Annotated[str | None, QueryParameter(max_length=512, description="`next` of a page.")], None),
}


def _filters(name: str, listed: Listed) -> dict[str, Any]:
    """The parameters of a list: name -> type and default. Filters end in `_`: `state` is Litestar's word."""
    sorts = tuple(flat(sort) for sort in listed.sorts)
    found: dict[str, Any] = {
        "sort": (Annotated[Literal[sorts], QueryParameter(description="What to sort by.")], sorts[0]),
        "order": (Annotated[Literal["asc", "desc"], QueryParameter()], "desc"),
        "since": (
            Annotated[dt.datetime | None, QueryParameter(description=f"`{listed.time}` from then on.")],
            None,
        ),
        "until": (
            Annotated[dt.datetime | None, QueryParameter(description=f"`{listed.time}` before then.")],
            None,
        ),
    }
    words = "Words that an item must have, the last perhaps begun." if listed.words else "One whole id."
    found["q"] = (Annotated[str | None, QueryParameter(max_length=200, description=words)], None)
    for which in listed.filters:
        kind: Any = filter_kind(name, which)
        if takes_several(name, which):
            kind = list[kind]
        longest = MOST_SAID if kind is str else None
        parameter = QueryParameter(name=flat(which), max_length=longest)
        found[f"{flat(which)}_"] = (Annotated[kind | None, parameter], None)
    return found


def _wanted(request: Request[Any, Any, Any], name: str, given: dict[str, Any]) -> Wanted:
    listed = LISTED[name]
    for which in ("since", "until"):
        if not _WRITTEN_OUT.match(request.query_params.get(which, _A_DAY)):
            raise InvalidInput(which, "Write it as 2031-04-07T12:00:00Z.")
    return asked_for(
        name,
        {which: given[f"{flat(which)}_"] for which in listed.filters},
        since=given["since"],
        until=given["until"],
        words=given.get("q") or "",
        sort=next(sort for sort in listed.sorts if flat(sort) == given["sort"]),
        descending=given["order"] == "desc",
        limit=given.get("limit", MOST_A_PAGE),
    )


def _sign(handler: Callable[..., Any], parameters: dict[str, Any]) -> None:
    """Give the handler these parameters, as if they had been written down."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [inspect.Parameter("request", keyword, annotation=Request[Any, Any, Any])]
    made = [inspect.Parameter(n, keyword, default=d, annotation=k) for n, (k, d) in parameters.items()]
    signed: Any = handler
    signed.__signature__ = inspect.Signature([*own, *made])
    returned = {"return": signed.__annotations__["return"]}
    signed.__annotations__ = {p.name: p.annotation for p in (*own, *made)} | returned
