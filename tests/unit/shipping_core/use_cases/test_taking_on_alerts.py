"""An alert is one operator's, and no occurrence of it is taken on unseen."""

from __future__ import annotations

import pytest

from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.stores import MemoryStore
from builders import NOW, minutes
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.errors import Conflict, NotFound, StaleVersion
from shipping_core.use_cases.take_on_alert import TakeOnAlert

HERE = "error:here"


class Bell:
    """A store with one alert."""

    def __init__(self) -> None:
        self.clock = MemoryClock(NOW)
        self.store = MemoryStore(Database(), self.clock)
        self.take = TakeOnAlert(self.store.shelf(Alert), self.store.unit_of_work, self.clock)

    async def rings(self) -> None:
        at = self.clock.now()
        await self.store.alerts.note(AlertKind.ERROR, "here", "x", at, quiet=minutes(15))


@pytest.fixture
async def bell() -> Bell:
    bell = Bell()
    await bell.rings()
    return bell


async def test_given_an_alert_when_taken_on_then_the_audit_says_who_and_again_changes_nothing(
    bell: Bell,
) -> None:
    taken = await bell.take(HERE, by="key:ola", version=1)
    again = await bell.take(HERE, by="key:ola", version=1)
    [row] = await bell.store.audit.of(f"alert:{HERE}")

    assert taken == again == await bell.store.shelf(Alert).get(HERE)
    assert (taken.seen_by, taken.version) == ("key:ola", 2)
    assert (row.action, row.actor, row.before, row.after) == ("taken_on", "key:ola", "open", "taken_on")


async def test_given_a_colleagues_alert_when_taken_on_then_it_stays_theirs_until_it_comes_up_again(
    bell: Bell,
) -> None:
    await bell.take(HERE, by="key:ola")
    with pytest.raises(Conflict, match="key:ola"):
        await bell.take(HERE, by="key:pia")
    await bell.rings()

    assert (await bell.take(HERE, by="key:pia", version=3)).seen_by == "key:pia"


async def test_given_an_alert_that_came_up_since_when_taken_on_then_it_must_be_read_first(
    bell: Bell,
) -> None:
    await bell.rings()
    with pytest.raises(StaleVersion, match="version 2"):
        await bell.take(HERE, by="key:ola", version=1)

    assert (await bell.store.shelf(Alert).get(HERE)).seen_by == ""


async def test_given_no_such_alert_when_taken_on_then_it_is_not_found(bell: Bell) -> None:
    with pytest.raises(NotFound):
        await bell.take("error:there", by="key:ola")
