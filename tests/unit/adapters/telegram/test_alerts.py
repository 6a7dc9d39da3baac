"""Administrators hear of each trouble once, and never about people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.outlet import ChatOutlet, Limits
from shipping_core.ports.clock import Clock

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ADMINS = (9001, 9002)


class HandClock(Clock):
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.passed_s = 50.0

    def now(self) -> dt.datetime:
        return dt.datetime(2030, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s


async def test_given_an_error_when_reported_then_every_admin_reads_kind_place_and_reference(
    chats: FakeChats,
) -> None:
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None))
    AdminAlerts(outlet, ADMINS, HandClock()).report(ValueError("x"), "ord_42", "buy_label <step>")
    await outlet.drain(10)

    assert [params["chat_id"] for _, params in chats.sent] == list(ADMINS)
    assert all(part in chats.said()[0] for part in ("ValueError", "ord_42", "buy_label &lt;step&gt;"))


async def test_given_an_error_that_quotes_a_person_when_reported_then_nothing_of_it_is_sent(
    chats: FakeChats,
) -> None:
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None))
    error = ValueError("Jane Doe, 215 Clayton St, 555-0101")
    AdminAlerts(outlet, ADMINS, HandClock()).report(error, "ord_42", "converse")
    await outlet.drain(10)

    assert not any(word in "".join(chats.said()) for word in ("Jane", "Clayton", "555-0101"))


async def test_given_the_same_error_within_five_minutes_when_reported_then_it_is_held_back_and_counted(
    chats: FakeChats,
) -> None:
    outlet, clock = ChatOutlet(chats, limits=Limits(chat=None, overall=None)), HandClock()
    alerts = AdminAlerts(outlet, ADMINS[:1], clock)
    told = []
    for passed_s in (0, 1, 299, 301):
        clock.passed_s = 50.0 + passed_s
        told.append(alerts.report(ValueError(str(passed_s)), f"ord_{passed_s}", "converse"))
    await outlet.drain(10)

    assert told == [True, False, False, True]
    assert "2" in chats.said()[1].splitlines()[-1]


async def test_given_errors_of_other_kinds_or_places_when_reported_then_each_is_told(
    chats: FakeChats,
) -> None:
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None))
    alerts = AdminAlerts(outlet, ADMINS[:1], HandClock())
    alerts.report(ValueError(), "a", "here")
    alerts.report(ValueError(), "a", "there")
    alerts.report(TypeError(), "a", "here")
    await outlet.drain(10)

    assert len(chats.said()) == 3
