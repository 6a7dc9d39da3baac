"""Something nobody foresaw about one payment or order never keeps the others waiting."""

from __future__ import annotations

import pytest

from a_shop import Shop, shop
from builders import ANN, BOB, minutes, usd
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import Payment
from shipping_core.domain.shipment import Label
from shipping_core.errors import OutcomeUnknown, StoreUnavailable
from shipping_core.ports.shipping import Prepared

UNFORESEEN = ZeroDivisionError("nobody thought of this")


async def two_paid_links(made: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Ann's and Bob's; what the gateway says of Ann's, who was first, cannot be read."""
    for user, number in ((ANN, 1), (BOB, 2)):
        await made.top_up_by_link(user, InvoiceId(f"inv_{number}"), usd("10.00"))
        made.clock.advance(minutes(0.1))
    bad, _ = made.payments.track_ids
    for track in made.payments.track_ids:
        made.payments.pay(track)
        await made.notices(*made.payments.notice(track))
    inquire = made.payments.inquire

    async def reading(track_id: str, mode: Mode) -> Payment:
        if track_id == bad:
            raise error
        return await inquire(track_id, mode)

    monkeypatch.setattr(type(made.payments), "inquire", lambda _, track, mode: reading(track, mode))


async def available(made: Shop, user: UserId) -> str:
    """What somebody may spend."""
    return str((await made.customer(user).balance()).available.amount)


async def test_given_a_payment_nobody_can_read_when_swept_then_the_next_one_is_credited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0.00")
    await two_paid_links(made, monkeypatch, UNFORESEEN)
    made.clock.advance(minutes(2))
    await made.sweep()

    assert (await available(made, ANN), await available(made, BOB)) == ("0.00", "10.00")
    assert made.notifier.alarms == [UNFORESEEN]


async def test_given_a_notice_nobody_can_work_off_when_the_next_one_comes_then_that_one_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0.00")
    await two_paid_links(made, monkeypatch, UNFORESEEN)

    assert await made.notices.work_off() == 1
    assert (await available(made, ANN), await available(made, BOB)) == ("0.00", "10.00")
    assert made.notifier.alarms == [UNFORESEEN]


async def test_given_a_store_that_does_not_answer_when_there_is_work_then_the_round_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0.00")
    await two_paid_links(made, monkeypatch, StoreUnavailable("away"))
    made.clock.advance(minutes(2))
    with pytest.raises(StoreUnavailable):
        await made.sweep()
    with pytest.raises(StoreUnavailable):
        await made.notices.work_off()

    assert made.notifier.alarms == []


async def two_failed_orders(made: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Two orders that were given up, whose labels appear now; the first one's look-up cannot be read."""
    made.shipping.hidden_lookups = 100
    for user in (ANN, BOB):
        somebody = await made.customer(user).orders()
        made.shipping.accidents.append(OutcomeUnknown("buy"))
        await somebody.buys()
    for _ in range(5):
        made.clock.advance(minutes(10))
        await made.reconciled()
    made.shipping.hidden_lookups = 0
    made.clock.advance(minutes(90))
    find, bad = made.shipping.find, next(iter(made.shipping.labels))

    async def reading(prepared: Prepared) -> list[Label]:
        if prepared.purchase.reference == bad:
            raise error
        return list(await find(prepared))

    monkeypatch.setattr(type(made.shipping), "find", lambda _, prepared: reading(prepared))


async def test_given_an_order_nobody_can_look_up_when_watching_then_the_next_ones_label_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    await two_failed_orders(made, monkeypatch, UNFORESEEN)
    found = await made.watch_orders()

    assert [order.user_id for order in found] == [BOB]
    assert UNFORESEEN in made.notifier.alarms


async def test_given_a_store_that_does_not_answer_when_watching_then_the_round_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    await two_failed_orders(made, monkeypatch, StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await made.watch_orders()
