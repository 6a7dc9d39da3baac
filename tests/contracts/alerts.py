"""What every Alerts promises; a subclass provides `store`, empty."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from asyncio import gather
from typing import Protocol

import pytest

from builders import NOW, minutes
from contracts.shelves import Shelves
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.ports.alerts import Alerts

QUIET = minutes(10)
PARKED = "order_parked:order:ord_1"


class Alarmed(Shelves, Protocol):
    """A store with alerts."""

    @property
    @abstractmethod
    def alerts(self) -> Alerts:
        """Its alerts."""


async def note(
    store: Alarmed, after: float = 0, text: str = "it is parked", subject: str = "order:ord_1"
) -> Alert | None:
    """An order is parked, so many minutes from now."""
    at = NOW + minutes(after)
    return await store.alerts.note(AlertKind.ORDER_PARKED, subject, text, at, quiet=QUIET)


async def take_on(store: Alarmed, by: str, at: dt.datetime) -> Alert:
    """An operator has it from now on."""
    taken = (await store.shelf(Alert).get(PARKED)).taken_on(by, at)
    await store.shelf(Alert).save(taken)
    return taken


class AlertsContract:
    """Told once, however often it happens."""

    async def test_given_something_new_when_noted_then_it_is_told_and_kept(self, store: Alarmed) -> None:
        told = await note(store)

        assert told == Alert(AlertKind.ORDER_PARKED, "order:ord_1", "it is parked", NOW, NOW, told_at=NOW)
        assert await store.shelf(Alert).get(PARKED) == told

    async def test_given_what_was_told_when_it_comes_up_within_the_quiet_then_it_is_only_counted(
        self, store: Alarmed
    ) -> None:
        await note(store)
        again = [await note(store, 9.99, "$text"), await note(store, 3)]
        kept = await store.shelf(Alert).get(PARKED)

        assert again == [None, None]
        assert (kept.count, kept.version, kept.text) == (3, 3, "it is parked")
        assert (kept.created_at, kept.updated_at, kept.told_at) == (NOW, NOW + minutes(9.99), NOW)

    async def test_given_what_was_told_when_the_quiet_is_over_then_it_is_told_again_from_then_on(
        self, store: Alarmed
    ) -> None:
        await note(store)
        told = await note(store, 10, "$ still parked")

        assert told is not None
        assert (told.count, told.text, told.told_at) == (2, "$ still parked", NOW + QUIET)
        assert await store.shelf(Alert).get(PARKED) == told
        assert await note(store, 19) is None
        assert await note(store, 20) is not None

    async def test_given_other_subjects_and_kinds_when_noted_then_each_is_told_by_itself(
        self, store: Alarmed
    ) -> None:
        await note(store)
        other = await note(store, subject="order:ord_2")
        kind = await store.alerts.note(AlertKind.ERROR, "order:ord_1", "x", NOW, quiet=QUIET)

        assert other is not None
        assert kind is not None
        assert len(await store.shelf(Alert).find({})) == 3

    async def test_given_an_alert_that_was_taken_on_when_it_comes_up_again_then_it_is_told_at_once_and_open(
        self, store: Alarmed
    ) -> None:
        await note(store)
        taken = await take_on(store, "$ola", NOW + minutes(1))
        kept = await store.shelf(Alert).get(PARKED)
        told = await note(store, 2)

        assert await store.shelf(Alert).get(PARKED) == told
        assert kept == taken
        assert (taken.seen_by, taken.updated_at, taken.version) == ("$ola", NOW + minutes(1), 2)
        assert told is not None
        assert (told.seen_by, told.count, told.told_at) == ("", 2, NOW + minutes(2))
        assert await note(store, 11) is None
        assert await note(store, 12) is not None

    @pytest.mark.parametrize("before", ["new", "told long ago", "taken on"])
    async def test_given_many_at_once_when_they_note_it_then_one_tells_and_each_is_counted(
        self, store: Alarmed, before: str
    ) -> None:
        if before != "new":
            await note(store, -60)
        if before == "taken on":
            await take_on(store, "ola", NOW - dt.timedelta(seconds=1))
        told = await gather(*(note(store, text=f"by {n}") for n in range(20)))
        kept = await store.shelf(Alert).get(PARKED)

        assert sum(t is not None for t in told) == 1
        assert kept.count == 20 + (before != "new")
