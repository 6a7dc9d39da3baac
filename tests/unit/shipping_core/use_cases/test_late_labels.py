"""Labels of orders that were given up after a purchase nobody answered: looked for, voided, booked."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from a_shop import Shop, shop
from builders import ANN, a_label, a_quote, minutes, usd
from money_in import alarms, lines
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Balance, Kind, account_sums
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import Conflict, GatewayRefused, GatewayUnavailable, OutcomeUnknown

ORDER = OrderId("ord_mine")
HOUR, DAY = minutes(60), dt.timedelta(days=1)


async def given_up(double_labels: int = 0) -> Shop:
    """Ann's purchase was not answered, three look-ups saw nothing, and her money is free again."""
    made = shop()
    await made.top_up("10.00")
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    made.shipping.double_labels = double_labels
    made.shipping.hidden_lookups = 3
    quote = a_quote()
    with pytest.raises(OutcomeUnknown):
        await made.buy(user_id=ANN, order_id=ORDER, quote=quote, rate_id=quote.rates[0].rate_id)
    for _ in range(3):
        made.clock.advance(minutes(5))
        await made.reconcile()
    assert (await made.orders.get(ORDER)).state is OrderState.FAILED
    return made


async def watched(made: Shop, after: dt.timedelta = HOUR) -> list[Order]:
    """One look, so much later."""
    made.clock.advance(after)
    return list(await made.watch_orders())


async def loss(made: Shop) -> Money:
    """What we lost so far."""
    return Money(account_sums(await made.balances.journal()).get((Mode.TEST, book.LOSS), 0))


async def test_given_a_label_that_appears_late_when_looked_for_then_it_is_voided_booked_and_reported() -> (
    None
):
    made = await given_up()
    early = await watched(made, minutes(59))
    (order,) = await watched(made, minutes(1))

    assert early == []
    assert (order.state, order.watch_at) == (OrderState.FAILED, None)
    assert order.stray is not None
    assert made.shipping.live_labels == []
    assert [t.amount for t in await lines(made, Kind.LOSS)] == [usd("7.42")]
    assert [t.amount for t in await lines(made, Kind.LOSS_RECOVERED)] == [usd("7.42")]
    assert await loss(made) == usd("0")
    assert alarms(made) == [f"{ORDER} was given up, and its label appeared: voided"]
    assert await made.balances.balance(ANN, Mode.TEST) == Balance(usd("10.00"))
    assert await watched(made) == []


async def test_given_a_late_label_that_cannot_be_voided_when_looked_for_then_it_is_our_loss() -> None:
    made = await given_up()
    made.shipping.voids_approved = False
    await watched(made)

    assert (await loss(made), await lines(made, Kind.LOSS_RECOVERED)) == (usd("7.42"), [])
    assert alarms(made) == [f"{ORDER} was given up, and its label appeared: NOT voided"]
    assert await made.balances.balance(ANN, Mode.TEST) == Balance(usd("10.00"))


@pytest.mark.parametrize(("approved", "lost"), [(True, "0"), (False, "22.26")])
async def test_given_several_late_labels_when_looked_for_then_each_counts(approved: bool, lost: str) -> None:
    made = await given_up(double_labels=2)
    made.shipping.voids_approved = approved
    await watched(made)

    assert await loss(made) == usd(lost)
    assert [t.amount for t in await lines(made, Kind.LOSS)] == [usd("22.26")]


async def test_given_a_sample_label_when_it_appears_late_then_nothing_is_booked() -> None:
    made = await given_up()
    (late,) = made.shipping.labels.values()
    late[:] = [a_label("0")]
    (order,) = await watched(made)

    assert order.stray is not None
    assert await lines(made, Kind.LOSS) == []


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("find", GatewayUnavailable("find")),
        ("find", GatewayRefused("find")),
        ("void", GatewayUnavailable("void")),
        ("void", OutcomeUnknown("void")),
    ],
    ids=str,
)
async def test_given_a_carrier_that_does_not_say_when_looked_for_then_it_is_no_evidence_and_stays_due(
    operation: str, error: Exception
) -> None:
    made = await given_up()
    made.shipping.errors[operation] = [error]
    before = await made.orders.get(ORDER)
    nothing = await watched(made)
    after = await made.orders.get(ORDER)
    (order,) = await watched(made, minutes(0))

    assert (nothing, after) == ([], before)
    assert order.stray is not None


async def test_given_another_worker_who_was_first_when_looked_for_then_it_is_booked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await given_up()
    with monkeypatch.context() as race:

        async def lost(*_: object, **__: object) -> None:
            raise Conflict("order", ORDER)

        race.setattr(type(made.settle), "strayed", lost)
        assert await watched(made) == []


async def test_given_no_label_when_looked_for_then_hourly_for_a_day_then_daily_for_a_month_then_never() -> (
    None
):
    made = await given_up()
    made.shipping.labels.clear()
    looks, day = [], 0.0
    while (order := await made.orders.get(ORDER)).watch_at is not None:
        made.clock.moment = order.watch_at
        assert await made.watch_orders() == []
        assert order.sent_at is not None
        day = (order.watch_at - order.sent_at) / DAY
        looks.append(day)
    pauses = [round((b - a) * 24) for a, b in itertools.pairwise(looks)]

    assert (pauses.count(1), pauses.count(24), sorted(pauses)) == (23, len(pauses) - 23, pauses)
    assert 30 <= looks[-1] < 31
    assert await watched(made, 400 * DAY) == []


async def test_given_an_order_that_was_clearly_refused_when_looked_for_then_nobody_looks() -> None:
    made = shop()
    await made.top_up("10.00")
    made.shipping.accidents = [GatewayRefused("buy")]
    quote = a_quote()
    with pytest.raises(GatewayRefused):
        await made.buy(user_id=ANN, order_id=ORDER, quote=quote, rate_id=quote.rates[0].rate_id)

    assert (await made.orders.get(ORDER)).watch_at is None
