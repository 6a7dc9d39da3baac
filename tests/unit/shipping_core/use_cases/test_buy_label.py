"""Hold, buy once, capture or release."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from a_shop import Shop, shop
from builders import ANN, BOB, NOW, a_quote, a_rate, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode, OrderId, RateId
from shipping_core.domain.ledger import Balance, account_sums, open_holds
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.shipment import Quote
from shipping_core.errors import (
    Conflict,
    GatewayRefused,
    GatewayUnavailable,
    InsufficientFunds,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    TransactionConflict,
)

ORDER = OrderId("ord_mine")
HELD, FREE = Balance(usd("12.58"), usd("7.42")), Balance(usd("20.00"))


async def a_shop() -> Shop:
    """Ann has twenty dollars."""
    made = shop()
    await made.top_up("20.00")
    return made


async def buys(made: Shop, quote: Quote, order_id: OrderId = ORDER) -> Order:
    """Ann buys the quote's first offer."""
    return await made.buy(
        user_id=ANN, order_id=order_id, quote=quote, rate_id=quote.rates[0].rate_id, kept_as_entered=("to",)
    )


async def money(made: Shop) -> Balance:
    """What Ann has."""
    return await made.balances.balance(ANN, Mode.TEST)


async def test_given_money_when_buying_then_the_label_is_recorded_and_its_price_taken() -> None:
    made, quote = await a_shop(), a_quote()
    order = await buys(made, quote)
    sums = account_sums(await made.balances.journal())

    assert order == await made.orders.get(ORDER)
    assert (order.state, order.charged, order.kept_as_entered) == (
        OrderState.PURCHASED,
        usd("7.42"),
        ("to",),
    )
    assert order.label is not None
    assert order.label.shipment_ref == order.carrier_order
    assert await money(made) == Balance(usd("12.58"))
    assert sums[Mode.TEST, book.CARRIER_COST] == 742
    assert sum(sums.values()) == 0
    assert await made.documents.get(ORDER) is not None


@pytest.mark.parametrize(
    ("cost", "charged"),
    [("6.00", "6.00"), ("9.99", "7.42"), ("0", "7.42"), ("0.01", "0.01")],
    ids=["cheaper is passed on", "dearer is never charged", "a sample's nothing is no discount", "to a cent"],
)
async def test_given_another_cost_when_bought_then_the_customer_never_pays_more_than_shown(
    cost: str, charged: str
) -> None:
    made = await a_shop()
    made.shipping.actual_cost = usd(cost)
    order = await buys(made, a_quote())

    assert order.charged == usd(charged)
    assert await money(made) == Balance(usd("20.00") - usd(charged))
    assert open_holds(await made.balances.journal()) == ()


async def test_given_a_markup_when_the_carrier_takes_less_then_the_difference_of_costs_is_passed_on() -> None:
    made = await a_shop()
    made.shipping.actual_cost = usd("5.50")
    order = await buys(made, a_quote(a_rate("7.42", cost=usd("6.00"))))

    assert order.charged == usd("6.92")


async def test_given_the_same_order_again_when_buying_then_it_is_answered_and_nothing_is_bought() -> None:
    made, quote = await a_shop(), a_quote()
    first = await buys(made, quote)
    second = await buys(made, quote)

    assert first == second
    assert made.shipping.purchases == {quote.reference: 1}


async def test_given_many_tries_at_once_when_buying_then_one_purchase_is_sent() -> None:
    made, quote = await a_shop(), a_quote()
    made.shipping.slow = asyncio.Event()
    tries = [asyncio.create_task(buys(made, quote)) for _ in range(5)]
    for _ in range(20):
        await asyncio.sleep(0)
    made.shipping.slow.set()
    states = [order.state for order in await asyncio.gather(*tries)]

    assert states.count(OrderState.PURCHASED) == 1
    assert made.shipping.purchases == {quote.reference: 1}
    assert await money(made) == Balance(usd("12.58"))


async def test_given_a_used_quote_when_another_order_buys_from_it_then_it_is_a_conflict() -> None:
    made, quote = await a_shop(), a_quote()
    await buys(made, quote)
    with pytest.raises(Conflict):
        await buys(made, quote, OrderId("ord_other"))

    assert made.shipping.purchases == {quote.reference: 1}
    assert await money(made) == Balance(usd("12.58"))


async def test_given_too_little_money_when_buying_then_nothing_is_kept_and_the_quote_stays_usable() -> None:
    made, quote = shop(), a_quote()
    with pytest.raises(InsufficientFunds):
        await buys(made, quote)
    nothing = made.shipping.purchases.total()
    await made.top_up("7.42")
    order = await buys(made, quote, OrderId("ord_second_try"))

    assert nothing == 0
    assert order.state is OrderState.PURCHASED


async def test_given_an_expired_quote_when_buying_then_it_is_refused() -> None:
    made, quote = await a_shop(), a_quote()
    made.clock.advance(minutes(30))
    with pytest.raises(QuoteExpired):
        await buys(made, quote)

    assert await money(made) == FREE


async def test_given_somebody_elses_quote_or_no_such_rate_when_buying_then_it_is_not_found() -> None:
    made, quote = await a_shop(), a_quote()

    with pytest.raises(NotFound):
        await made.buy(user_id=BOB, order_id=ORDER, quote=quote, rate_id=quote.rates[0].rate_id)
    with pytest.raises(NotFound):
        await made.buy(user_id=ANN, order_id=ORDER, quote=quote, rate_id=RateId("forged"))


async def test_given_somebody_elses_order_when_buying_under_its_id_then_it_is_not_found() -> None:
    made = await a_shop()
    await buys(made, a_quote())
    bobs = a_quote(user_id=BOB)

    with pytest.raises(NotFound):
        await made.buy(user_id=BOB, order_id=ORDER, quote=bobs, rate_id=bobs.rates[0].rate_id)


def only_later(made: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look for an order happens before its rival stored it."""
    get, early = made.orders.get, [True]

    async def too_early(_self: object, order_id: OrderId) -> Order:
        if early:
            early.pop()
            raise NotFound("order", order_id)
        return await get(order_id)

    monkeypatch.setattr(type(made.orders), "get", too_early)


async def test_given_a_rival_of_the_same_order_when_it_was_first_then_its_order_is_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, quote = await a_shop(), a_quote()
    first = await buys(made, quote)
    only_later(made, monkeypatch)

    assert await buys(made, quote) == first
    assert made.shipping.purchases == {quote.reference: 1}


async def test_given_two_users_racing_for_one_id_when_buying_then_the_loser_learns_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, bobs = await a_shop(), a_quote(user_id=BOB)
    await made.top_up("20.00", BOB)
    await buys(made, a_quote())
    only_later(made, monkeypatch)

    with pytest.raises(NotFound):
        await made.buy(user_id=BOB, order_id=ORDER, quote=bobs, rate_id=bobs.rates[0].rate_id)


async def test_given_an_answer_without_a_file_when_bought_then_it_is_recorded_all_the_same() -> None:
    made = await a_shop()
    made.shipping.gives_document = False
    order = await buys(made, a_quote())

    assert order.state is OrderState.PURCHASED
    assert await made.documents.get(ORDER) is None


@pytest.mark.parametrize(
    "error",
    [
        GatewayRefused("buy", "too heavy", code="weight"),
        GatewayUnavailable("buy", "no route"),
    ],
    ids=["a clear no", "never sent"],
)
async def test_given_a_purchase_that_surely_failed_when_it_is_known_then_the_money_is_free(
    error: Exception,
) -> None:
    made, quote = await a_shop(), a_quote()
    made.shipping.accidents = [error]
    with pytest.raises(type(error)):
        await buys(made, quote)
    order = await made.orders.get(ORDER)

    assert (order.state, order.label, order.charged) == (OrderState.FAILED, None, None)
    assert order.failure == (getattr(error, "code", "") or "refused")
    assert await money(made) == FREE
    assert await made.reconcile() == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (GatewayRefused("prepare", "no such service", code="service"), GatewayRefused),
        (GatewayUnavailable("prepare"), GatewayUnavailable),
        (OutcomeUnknown("prepare"), GatewayUnavailable),
    ],
    ids=["refused", "unavailable", "unknown, but before any purchase"],
)
async def test_given_a_preparation_that_failed_when_buying_then_nothing_is_sent_and_the_money_is_free(
    error: Exception, raised: type[Exception]
) -> None:
    made = await a_shop()
    made.shipping.errors["prepare"] = [error]
    with pytest.raises(raised):
        await buys(made, a_quote())

    assert made.shipping.purchases.total() == 0
    assert (await made.orders.get(ORDER)).state is OrderState.FAILED
    assert await money(made) == FREE


async def test_given_no_answer_when_buying_then_it_is_unknown_and_the_money_stays_held() -> None:
    made, quote = await a_shop(), a_quote()
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    with pytest.raises(OutcomeUnknown):
        await buys(made, quote)
    again = await buys(made, quote)

    assert (again.state, again.failure) == (OrderState.UNKNOWN, "read timeout")
    assert await money(made) == HELD
    assert made.shipping.purchases == {quote.reference: 1}


async def test_given_a_worker_that_slept_after_its_claim_when_it_wakes_then_it_does_not_buy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await a_shop()
    save = made.orders.save

    async def slow_save(_self: object, order: Order) -> None:
        await save(order)
        made.clock.advance(dt.timedelta(seconds=5))

    monkeypatch.setattr(type(made.orders), "save", slow_save)
    with pytest.raises(OutcomeUnknown):
        await buys(made, a_quote())

    assert made.shipping.purchases.total() == 0
    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASING
    assert await money(made) == HELD


@pytest.mark.parametrize("cancellations", [1, 3], ids=["cancelled once", "cancelled impatiently"])
async def test_given_a_cancelled_worker_when_the_label_was_just_bought_then_it_is_still_recorded(
    monkeypatch: pytest.MonkeyPatch, cancellations: int
) -> None:
    made, reached, go_on = await a_shop(), asyncio.Event(), asyncio.Event()
    put = made.documents.put

    async def slow_put(_self: object, order_id: OrderId, content: bytes, at: dt.datetime) -> None:
        reached.set()
        await go_on.wait()
        await put(order_id, content, at)

    monkeypatch.setattr(type(made.documents), "put", slow_put)
    buying = asyncio.create_task(buys(made, a_quote()))
    await reached.wait()
    for _ in range(cancellations):
        buying.cancel()
        await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await buying

    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASED
    assert await money(made) == Balance(usd("12.58"))


async def test_given_a_cancelled_worker_when_the_answer_was_not_there_yet_then_a_look_up_finds_it() -> None:
    made = await a_shop()
    made.shipping.slow = asyncio.Event()
    buying = asyncio.create_task(buys(made, a_quote()))
    await made.shipping.asked.wait()
    buying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await buying
    interrupted = await made.orders.get(ORDER)
    made.clock.advance(minutes(1.1))
    (settled,) = await made.reconcile()

    assert interrupted.state is OrderState.PURCHASING
    assert settled.state is OrderState.PURCHASED


async def late_answer(made: Shop) -> asyncio.Task[Order]:
    """A purchase so slow that reconciliation has looked it up, in vain, before its answer came."""
    made.shipping.slow = asyncio.Event()
    made.shipping.hidden_lookups = 1
    buying = asyncio.create_task(buys(made, a_quote()))
    await made.shipping.asked.wait()
    made.clock.advance(minutes(1.1))
    assert await made.reconcile() == []
    assert (await made.orders.get(ORDER)).state is OrderState.UNKNOWN
    made.shipping.slow.set()
    return buying


async def test_given_an_order_marked_unknown_when_its_purchase_answers_late_then_the_label_is_recorded() -> (
    None
):
    made = await a_shop()
    order = await (await late_answer(made))

    assert order.state is OrderState.PURCHASED
    assert order == await made.orders.get(ORDER)
    assert await money(made) == Balance(usd("12.58"))


async def test_given_an_order_marked_unknown_when_its_purchase_is_refused_late_then_the_money_is_free() -> (
    None
):
    made = await a_shop()
    made.shipping.accidents = [GatewayRefused("buy", "no", code="no")]
    with pytest.raises(GatewayRefused):
        await (await late_answer(made))

    assert (await made.orders.get(ORDER)).state is OrderState.FAILED
    assert await money(made) == FREE


async def test_given_an_order_marked_unknown_when_its_purchase_gives_up_late_then_it_stays_unknown() -> None:
    made = await a_shop()
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    with pytest.raises(OutcomeUnknown):
        await (await late_answer(made))

    assert (await made.orders.get(ORDER)).state is OrderState.UNKNOWN
    assert await money(made) == HELD


async def test_given_a_label_adopted_by_a_look_up_when_the_purchase_answers_then_it_is_charged_once() -> None:
    made = await a_shop()
    made.shipping.slow = asyncio.Event()
    buying = asyncio.create_task(buys(made, a_quote()))
    await made.shipping.asked.wait()
    made.clock.advance(minutes(1.1))
    (adopted,) = await made.reconcile()
    made.shipping.slow.set()

    assert await buying == adopted
    assert await money(made) == Balance(usd("12.58"))


async def test_given_a_store_that_will_not_commit_when_a_bought_label_is_recorded_then_it_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await a_shop()

    async def lost(_self: object, _order: Order, _label: object) -> Order:
        raise TransactionConflict("transaction", "lost")

    monkeypatch.setattr(type(made.settle), "purchased", lost)
    with pytest.raises(OutcomeUnknown):
        await buys(made, a_quote())

    assert (await made.orders.get(ORDER)).state is OrderState.PURCHASING
    assert await money(made) == HELD


async def test_given_a_store_that_will_not_commit_when_reserving_then_it_is_a_conflict_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await a_shop()

    async def lost(_self: object, _order: Order) -> None:
        raise TransactionConflict("transaction", "lost")

    monkeypatch.setattr(type(made.settle), "reserved", lost)
    with pytest.raises(Conflict):
        await buys(made, a_quote())

    assert await money(made) == FREE


async def test_given_an_order_that_changes_at_every_look_when_recording_then_it_is_given_up_as_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await a_shop()
    save, looks = made.orders.save, 0

    async def save_after_a_look_up(_self: object, order: Order) -> None:
        nonlocal looks
        stored = await made.orders.get(order.order_id)
        if order.state is OrderState.PURCHASED:
            looks += 1
            moved = stored.unknown("slow", NOW) if looks == 1 else stored.looked_up(NOW)
            await save(moved)
        await save(order)

    monkeypatch.setattr(type(made.orders), "save", save_after_a_look_up)
    with pytest.raises(OutcomeUnknown):
        await buys(made, a_quote())

    assert looks > 1
    assert await money(made) == HELD
