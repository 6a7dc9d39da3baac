"""The books check themselves: in turn among workers, and on demand."""

from __future__ import annotations

from attrs import evolve

from a_ledger import BusyWorld, a_cost_of_nobodys
from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.notifier import MemoryOperators
from adapters.memory.stores import MemoryStore
from builders import NOW, an_order, minutes
from shipping_core.domain.alert import AlertKind
from shipping_core.use_cases.check_ledger import CheckLedger
from shipping_core.use_cases.raise_alert import RaiseAlert


def checking() -> tuple[CheckLedger, MemoryStore, MemoryOperators, MemoryClock]:
    clock, operators = MemoryClock(NOW), MemoryOperators()
    store = MemoryStore(Database(), clock)
    alert = RaiseAlert(MemoryAlerts(store.database), operators, clock)
    return CheckLedger(store.books, store.leases, alert, "w1"), store, operators, clock


async def test_given_books_that_agree_when_checked_then_nobody_is_disturbed() -> None:
    check, store, operators, _ = checking()
    await BusyWorld(store, 3).lives(30)

    assert await check() == []
    assert operators.told == []


async def test_given_damage_when_checked_then_operators_read_which_rule_of_what_and_both_sums() -> None:
    check, store, operators, _ = checking()
    await a_cost_of_nobodys(store)
    (difference,) = await check()
    (told,) = operators.told

    assert (told.kind, told.text) == (
        AlertKind.LEDGER_MISMATCH,
        "Differences in the books: 1\ntest carrier_cost of order:whose: 742 booked, 0 stated",
    )
    assert str(difference) in told.text


async def test_given_very_many_differences_when_checked_then_a_few_are_named_and_more_counted() -> None:
    check, store, operators, _ = checking()
    for number in range(12):
        await store.orders.add(an_order(f"ord_{number:02}"))

    assert len(await check(limit=10)) == 10
    assert operators.told[0].text.splitlines()[0] == "Differences in the books: 10 or more"
    assert len(operators.told[0].text.splitlines()) == 6


async def test_given_two_workers_when_their_hour_comes_then_one_looks_and_hours_later_the_other_may() -> None:
    check, store, operators, clock = checking()
    await a_cost_of_nobodys(store)
    other = evolve(check, worker="w2")
    rounds = []
    for passed, worker in ((0, check), (1, other), (59, check), (1, other), (120, other)):
        clock.advance(minutes(passed))
        before = len(operators.told)
        await worker.in_turn()
        rounds.append(len(operators.told) - before)

    assert rounds == [1, 0, 1, 0, 1]
