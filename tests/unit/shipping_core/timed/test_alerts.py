"""Operators hear of each trouble once, however often it happens and wherever; and telling never fails."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from attrs import evolve

from a_shop import shop
from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.invoices import MemoryInvoices
from adapters.memory.notifier import MemoryOperators
from adapters.memory.orders import MemoryOrders
from adapters.memory.shelves import MemoryShelf
from builders import ANN, NOW, an_invoice, an_order, minutes, usd
from money_in import a_top_up, settled
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.domain.ids import Mode, OrderId, RefundId
from shipping_core.domain.invoice import PaymentStatus
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import GatewayUnavailable, OperatorNeeded, OutcomeUnknown, StoreUnavailable
from shipping_core.use_cases.raise_alert import RaiseAlert
from shipping_core.use_cases.remind_operators import RemindOperators
from shipping_core.use_cases.watch_doors import WatchDoors

ERROR = AlertKind.ERROR


class AwayAlerts(MemoryAlerts):
    """A store that does not answer: at once, or ever."""

    hangs = False

    async def note(self, *_args: object, **_more: object) -> Alert | None:
        if self.hangs:
            await asyncio.sleep(3600)
        raise StoreUnavailable("away")


class HangingAlerts(AwayAlerts):
    hangs = True


class DeafOperators(MemoryOperators):
    async def tell(self, alert: Alert) -> None:
        raise ConnectionError(alert.text)


def raising(alerts: MemoryAlerts | None = None) -> tuple[RaiseAlert, MemoryOperators, MemoryClock]:
    operators, clock = MemoryOperators(), MemoryClock(NOW)
    return RaiseAlert(alerts or MemoryAlerts(Database()), operators, clock), operators, clock


async def test_given_the_same_trouble_in_two_processes_when_raised_then_it_is_told_once() -> None:
    database, clock = Database(), MemoryClock(NOW)
    offices = [MemoryOperators(), MemoryOperators()]
    for operators in offices:
        await RaiseAlert(MemoryAlerts(database), operators, clock)(ERROR, "here", "ValueError in here")

    assert [len(operators.told) for operators in offices] == [1, 0]


async def test_given_trouble_that_goes_on_when_a_quarter_of_an_hour_is_over_then_the_reminder_counts() -> (
    None
):
    alert, operators, clock = raising()
    for passed in (0, 1, 14, 15):
        clock.moment = NOW + minutes(passed)
        await alert(ERROR, "here", "ValueError in here")

    assert [(a.updated_at, a.count) for a in operators.told] == [(NOW, 1), (NOW + minutes(15), 4)]


async def test_given_other_kinds_or_subjects_when_raised_then_each_is_told() -> None:
    alert, operators, _ = raising()
    for kind, subject in ((ERROR, "here"), (ERROR, "there"), (AlertKind.WALLET_LOW, "here")):
        await alert(kind, subject, "x")

    assert len(operators.told) == 3


async def test_given_an_alert_that_was_taken_on_when_it_comes_up_again_then_it_is_told_at_once() -> None:
    database = Database()
    alert, operators, _ = raising(MemoryAlerts(database))
    await alert(ERROR, "here", "x")
    shelf = MemoryShelf(database, Alert)
    await shelf.save((await shelf.get("error:here")).taken_on("key:ola", NOW))
    await alert(ERROR, "here", "x")

    assert [a.count for a in operators.told] == [1, 2]


@pytest.mark.parametrize("away", [AwayAlerts, HangingAlerts])
async def test_given_a_store_that_is_away_when_raised_then_it_is_told_soon_and_not_with_every_occurrence(
    away: type[AwayAlerts],
) -> None:
    alert, operators, clock = raising(away(Database()))
    async with asyncio.timeout(10):
        for passed in (0, 1, 15):
            clock.moment = NOW + minutes(passed)
            await alert(ERROR, "here", "ValueError in here")

    assert [a.updated_at for a in operators.told] == [NOW, NOW + minutes(15)]


async def test_given_operators_out_of_reach_when_raised_then_whoever_raised_it_goes_on() -> None:
    await RaiseAlert(MemoryAlerts(Database()), DeafOperators(), MemoryClock(NOW))(ERROR, "here", "x")


def a_refund(number: int, state: RefundState, age: dt.timedelta) -> Refund:
    at = NOW - age
    ids = RefundId(f"ref_{number}"), OrderId(f"ord_{number}")
    return Refund(*ids, ANN, Mode.TEST, "usps", usd("7.42"), usd("7.42"), at, at, state)


DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def reminding(database: Database, alert: RaiseAlert, clock: MemoryClock) -> RemindOperators:
    """Looks at all that is kept."""
    refunds = MemoryShelf(database, Refund)
    return RemindOperators(refunds, MemoryOrders(database), MemoryInvoices(database), alert, clock)


@pytest.mark.parametrize(
    ("state", "age", "told"),
    [
        (RefundState.REQUESTED, DAY, 0),
        (RefundState.REQUESTED, DAY + minutes(1), 1),
        (RefundState.VOID_REFUSED, 2 * DAY, 1),
        (RefundState.APPROVED, 2 * DAY, 0),
        (RefundState.PROCESSED, 2 * DAY, 0),
    ],
    ids=["a day", "longer", "refused by the carrier", "the carrier's turn", "ended"],
)
async def test_given_a_refund_that_waits_when_looked_at_then_only_a_late_one_of_ours_is_told_of(
    state: RefundState, age: dt.timedelta, told: int
) -> None:
    database = Database()
    refunds = MemoryShelf(database, Refund)
    await refunds.add(a_refund(1, state, age))
    alert, operators, clock = raising(MemoryAlerts(database))
    await reminding(database, alert, clock)()

    assert [(a.kind, "ref_1" in a.text) for a in operators.told] == [(AlertKind.REFUND_WAITS, True)] * told


async def test_given_a_carrier_that_is_looked_up_all_day_when_looked_at_then_it_is_told_of_all_the_same() -> (
    None
):
    database = Database()
    refunds = MemoryShelf(database, Refund)
    asked = evolve(a_refund(1, RefundState.VOID_UNKNOWN, 2 * DAY), asked_at=NOW - DAY - minutes(1))
    await refunds.add(asked)
    await refunds.save(asked.looked_up(NOW - minutes(5)))
    alert, operators, clock = raising(MemoryAlerts(database))
    await reminding(database, alert, clock)()

    assert len(operators.told) == 1


async def test_given_refunds_that_wait_for_days_when_looked_at_hourly_then_a_reminder_comes_daily() -> None:
    database = Database()
    refunds = MemoryShelf(database, Refund)
    for number in (1, 2):
        await refunds.add(a_refund(number, RefundState.REQUESTED, number * 2 * DAY))
    alert, operators, clock = raising(MemoryAlerts(database))
    remind = reminding(database, alert, clock)
    for hour in range(49):
        clock.moment = NOW + hour * dt.timedelta(hours=1)
        await remind()

    assert len(operators.told) == 3
    assert "2, first ref_2" in operators.told[0].text


@pytest.mark.parametrize(
    ("age", "told"), [(HOUR, []), (HOUR + minutes(1), ["ord_late", "inv_late"])], ids=["an hour", "longer"]
)
async def test_given_an_order_parked_and_a_payment_in_review_when_the_word_was_lost_then_it_is_told_again(
    age: dt.timedelta, told: list[str]
) -> None:
    database, since = Database(), NOW - age
    await MemoryOrders(database).add(an_order("ord_late", state=OrderState.PARKED, updated_at=since))
    await MemoryOrders(database).add(an_order(state=OrderState.PURCHASED, updated_at=NOW - DAY))
    await MemoryInvoices(database).add(
        an_invoice("inv_late", reviews={"1": "underpaid"}, created_at=since, updated_at=NOW)
    )
    alert, operators, clock = raising(MemoryAlerts(database))
    remind = reminding(database, alert, clock)
    await remind()
    await remind()

    assert [a.text.rsplit(" ", 1)[1] for a in operators.told] == told
    assert {a.kind for a in operators.told} <= {AlertKind.ORDER_PARKED, AlertKind.PAYMENT_IN_REVIEW}


async def test_given_a_flood_of_forged_callbacks_when_refused_then_the_hour_is_told_with_its_count() -> None:
    alert, operators, clock = raising()
    doors = WatchDoors(alert, clock)
    for _ in range(120):
        await doors.refused("oxapay")
        clock.advance(minutes(1))
    await doors.refused("telegram")

    assert [(a.subject, a.text.rsplit(" ", 1)[1]) for a in operators.told] == [
        ("oxapay", "1"), ("oxapay", "60"), ("telegram", "1"),
    ]  # fmt: skip


async def test_given_what_operators_must_decide_when_alarmed_then_kind_and_subject_say_which() -> None:
    made = shop(wallet_floor=usd("20.00"))
    track = await a_top_up(made)
    made.payments.pay(track, usd("1.00"), PaymentStatus.UNDERPAID)
    await settled(made, track)
    made.shipping.wallet["usps"] = usd("1.00")
    await made.watch_wallets()
    made.shipping.accidents.append(OutcomeUnknown("buy"))
    ann = await made.customer().orders()
    await ann.buys()
    made.shipping.lookup_error = GatewayUnavailable("find")
    made.clock.advance(minutes(61))
    (parked,) = await made.reconciled()

    assert [(a.kind, a.subject) for a in made.notifier.alarms if isinstance(a, OperatorNeeded)] == [
        (AlertKind.PAYMENT_IN_REVIEW, "invoice:inv_1:underpaid"),
        (AlertKind.WALLET_LOW, "wallet:usps"),
        (AlertKind.ORDER_PARKED, f"order:{parked.order_id}"),
    ]
