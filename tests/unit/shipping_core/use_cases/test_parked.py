"""Orders that only an operator can decide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from a_shop import Shop, shop
from adapters.memory.outbox import MemoryAudit
from builders import ANN, a_quote, minutes, usd
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import (
    Conflict,
    GatewayRefused,
    GatewayUnavailable,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
)

ORDER = OrderId("ord_mine")
HELD, FREE, PAID = Balance(usd("2.58"), usd("7.42")), Balance(usd("10.00")), Balance(usd("2.58"))
Act = Callable[[Shop, str], Awaitable[Order]]


async def adopts(made: Shop, reason: str = "seen", label_id: str = "label-1", actor: str = "eve") -> Order:
    """An operator gives the customer this label."""
    return await made.decide_parked.adopt(ORDER, label_id, actor=actor, reason=reason)


async def denies(made: Shop, reason: str = "seen", actor: str = "eve") -> Order:
    """An operator is sure that there is no label."""
    return await made.decide_parked.confirm_not_bought(ORDER, actor=actor, reason=reason)


async def voids(made: Shop, reason: str = "seen", actor: str = "eve") -> Order:
    """An operator gives label and money back."""
    return await made.decide_parked.void_and_release(ORDER, actor=actor, reason=reason)


EVERY_ACT = pytest.mark.parametrize("act", [adopts, denies, voids], ids=lambda act: act.__name__)


async def unanswered(*, bought: bool) -> Shop:
    """Ann's purchase was not answered."""
    made = shop(welcome_credit="0")
    await made.top_up("10.00")
    made.shipping.lost_answers_buy = bought
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    quote = a_quote()
    with pytest.raises(OutcomeUnknown):
        await made.buy(user_id=ANN, order_id=ORDER, quote=quote, rate_id=quote.rates[0].rate_id)
    return made


async def parked(*, bought: bool = True) -> Shop:
    """And for an hour no look-up was."""
    made = await unanswered(bought=bought)
    made.shipping.errors["find"] = [GatewayUnavailable("find")]
    made.clock.advance(minutes(61))
    await made.reconciled()
    assert (await made.orders.get(ORDER)).state is OrderState.PARKED
    return made


async def money(made: Shop) -> Balance:
    """What Ann has."""
    return await made.balances.balance(ANN, Mode.TEST)


async def test_given_a_parked_order_when_its_label_is_adopted_then_the_customer_has_it_and_pays() -> None:
    made = await parked()
    order = await adopts(made)
    await made.quiet()

    assert (order.state, order.charged, await money(made)) == (OrderState.PURCHASED, usd("7.42"), PAID)
    assert [o.order_id for o in made.customer().labels] == [ORDER]


async def test_given_a_carrier_that_shows_another_label_when_adopted_then_it_is_not_found() -> None:
    made = await parked()
    with pytest.raises(NotFound):
        await adopts(made, label_id="label-2")

    assert await money(made) == HELD


async def test_given_a_label_that_is_void_when_adopted_then_it_is_not_found() -> None:
    made = await parked()
    (label,) = made.shipping.live_labels
    await made.shipping.void(label, Mode.TEST)
    with pytest.raises(NotFound):
        await adopts(made)


async def test_given_no_label_when_confirmed_then_the_money_is_free_and_it_is_watched_for() -> None:
    made = await parked(bought=False)
    order = await denies(made)
    await made.quiet()

    assert (order.state, order.failure, await money(made)) == (OrderState.FAILED, "not_bought", FREE)
    assert order.watch_at == made.clock.now() + minutes(60)
    assert made.customer().remarks[-1] == "not_bought"


async def test_given_a_live_label_when_it_is_denied_then_it_is_a_conflict_and_the_money_stays_held() -> None:
    made = await parked()
    with pytest.raises(Conflict, match="adopt or void it"):
        await denies(made)

    assert await money(made) == HELD


async def test_given_a_label_nobody_wants_when_voided_then_it_is_gone_and_the_money_free() -> None:
    made = await parked()
    order = await voids(made)

    assert (order.state, order.failure, made.shipping.live_labels, await money(made)) == (
        OrderState.FAILED,
        "voided",
        [],
        FREE,
    )


async def test_given_a_label_that_was_voided_by_hand_when_voided_then_the_money_is_free() -> None:
    made = await parked()
    (label,) = made.shipping.live_labels
    await made.shipping.void(label, Mode.TEST)
    await voids(made)

    assert await money(made) == FREE


async def test_given_a_carrier_that_keeps_the_label_when_voided_then_nothing_is_released() -> None:
    made = await parked()
    made.shipping.voids_approved = False
    with pytest.raises(GatewayRefused) as told:
        await voids(made)

    assert (told.value.code, await money(made)) == ("used", HELD)


@EVERY_ACT
async def test_given_a_carrier_that_does_not_say_when_decided_then_nothing_is(act: Act) -> None:
    made = await parked()
    made.shipping.errors["find"] = [GatewayUnavailable("find")]
    with pytest.raises(GatewayUnavailable):
        await act(made, "seen")

    assert await money(made) == HELD


@EVERY_ACT
@pytest.mark.parametrize("reason", ["", " \n"])
async def test_given_no_reason_when_decided_then_it_is_refused(act: Act, reason: str) -> None:
    made = await parked()
    with pytest.raises(InvalidInput, match="reason"):
        await act(made, reason)

    assert await money(made) == HELD


@EVERY_ACT
async def test_given_an_order_that_is_not_parked_when_decided_then_it_is_a_conflict(act: Act) -> None:
    made = await unanswered(bought=True)
    with pytest.raises(Conflict, match="is unknown, not parked"):
        await act(made, "seen")


@EVERY_ACT
async def test_given_no_such_order_when_decided_then_it_is_not_found(act: Act) -> None:
    with pytest.raises(NotFound):
        await act(shop(), "seen")


async def test_given_two_operators_at_once_when_both_adopt_then_it_is_charged_and_recorded_once() -> None:
    made = await parked()
    answers = await asyncio.gather(
        adopts(made, actor="eve"), adopts(made, actor="kim"), return_exceptions=True
    )
    rows = await MemoryAudit(made.database).of(f"order:{ORDER}")

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Order"]
    assert await money(made) == PAID
    assert [(r.actor, r.before, r.after, r.reason) for r in rows if r.actor != "system"] in (
        [("eve", "parked", "purchased", "seen")],
        [("kim", "parked", "purchased", "seen")],
    )
