"""Lists for the office, read out of whole tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from adapters.memory.database import View
from adapters.memory.outbox import KeptLetter
from shipping_core.conversation.codec import dump
from shipping_core.domain.listing import (
    LEAST_BEGINNING,
    Filter,
    Listed,
    Page,
    Place,
    Wanted,
    read,
    understood,
    words_of,
)
from shipping_core.ports.lists import Lists

TABLES = {
    "topups": "invoices",
    "refunds": "Refund",
    "broadcasts": "Broadcast",
    "keys": "ApiKey",
    "approvals": "Approval",
    "alerts": "Alert",
    "seals": "Seal",
}
"""Where a list's items are, if not under its own name."""


@frozen
class MemoryLists(Lists):
    """Pages of anything kept."""

    view: View

    async def page(self, wanted: Wanted) -> Page[Any]:
        listed, sort = understood(wanted)

        def key(item: Any) -> tuple[bool, Any, str]:
            return _key(listed.place(item, sort))

        fitting = [*self._fitting(wanted, listed)] or [*self._fitting(wanted, listed, beginning=True)]
        items = sorted(fitting, key=key, reverse=wanted.descending)
        if wanted.after is not None:
            begin = _key(wanted.after)
            items = [i for i in items if (key(i) < begin if wanted.descending else key(i) > begin)]
        return Page.of(items, wanted)

    async def count(self, wanted: Wanted, *, most: int = 1000) -> int:
        listed, _ = understood(wanted)
        found = sum(1 for _ in self._fitting(wanted, listed))
        return min(most, found or sum(1 for _ in self._fitting(wanted, listed, beginning=True)))

    def _fitting(self, wanted: Wanted, listed: Listed, *, beginning: bool = False) -> Iterator[Any]:
        words = words_of(*wanted.words)
        if beginning and not (words and listed.words and len(words[-1]) >= LEAST_BEGINNING):
            return
        for kept in self.view.scan(TABLES.get(wanted.name, wanted.name)):
            item: Any = kept.posted if isinstance(kept, KeptLetter) else kept
            at = read(item, listed.time)
            if (
                all(_is(dump(read(item, name)), value) for name, value in wanted.equals.items())
                and (wanted.since is None or at >= wanted.since)
                and (wanted.until is None or at < wanted.until)
                and listed.found_by(item, words, beginning=beginning)
            ):
                yield item


def _is(found: object, wanted: Filter) -> bool:
    return found in wanted if isinstance(wanted, tuple) else found == wanted


def _key(place: Place) -> tuple[bool, Any, str]:
    return place.value is not None, place.value, place.id
