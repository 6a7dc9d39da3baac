"""What a page shows of an item beside the item itself: what only the office works out."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from adapters.http_admin.models import model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.broadcast import Broadcast, BroadcastState, Progress
from shipping_core.domain.listing import LISTED
from shipping_core.domain.refund import Refund, eligibility

Shows = Callable[[Office, Any], Awaitable[Any]]


async def _closes_at(office: Office, refund: Refund) -> dt.datetime | None:
    """When the carrier's window ends; an ended refund needs none."""
    if not refund.live:
        return None
    order = await office.orders.get(refund.order_id)
    return eligibility(order, office.policy.now.refunds, office.clock.now()).until


async def _progress(office: Office, broadcast: Broadcast) -> Any:
    if broadcast.state is BroadcastState.DRAFT:
        return None
    return view(await office.keep_broadcasts.progress(broadcast.broadcast_id))


MORE: Final[Mapping[str, tuple[str, Any, Shows]]] = {
    "refunds": ("closes_at", dt.datetime | None, _closes_at),
    "broadcasts": ("progress", model_of(Progress) | None, _progress),
}
"""List -> one more field, its type, and what finds it."""


def row_of(name: str) -> type[Struct]:
    """The model of an item on a page of this list."""
    model = model_of(LISTED[name].kind)
    if name not in MORE:
        return model
    field, kind, _ = MORE[name]
    return msgspec.defstruct(
        f"{model.__name__}Row", [(field, kind)], bases=(model,), module=__name__, kw_only=True
    )


async def rows(office: Office, name: str, row: type[Struct], items: Sequence[Any]) -> Sequence[Any]:
    """The items as they stand on a page."""
    if name not in MORE:
        return [view(item) for item in items]
    field, _, shows = MORE[name]
    found = await gather(*(shows(office, item) for item in items))
    plain = [msgspec.structs.asdict(view(item)) for item in items]
    return [row(**values, **{field: more}) for values, more in zip(plain, found, strict=True)]
