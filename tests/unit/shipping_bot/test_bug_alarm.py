"""A bug that an answer ran into reaches the operators, once however often."""

from __future__ import annotations

from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from builders import NOW
from shipping_bot.wiring import bug_alarm
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.ports.operators import Operators
from shipping_core.use_cases.raise_alert import RaiseAlert


async def test_given_one_bug_twice_when_it_breaks_answers_then_operators_hear_once_with_the_request() -> None:
    told: list[Alert] = []

    class Noting(Operators):
        async def tell(self, alert: Alert) -> None:
            told.append(alert)

    broken = bug_alarm(RaiseAlert(MemoryAlerts(Database()), Noting(), MemoryClock(NOW)))
    await broken("KeyError in GET /api/admin/orders", "req_1")
    await broken("KeyError in GET /api/admin/orders", "req_2")

    [alert] = told
    assert (alert.kind, alert.subject) == (AlertKind.ERROR, "KeyError in GET /api/admin/orders")
    assert "req_1" in alert.text
