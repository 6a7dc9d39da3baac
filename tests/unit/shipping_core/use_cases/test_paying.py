"""From Buy to the label, or to the word why not."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from a_shop import Customer, Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import SESSION_TTL
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import OrderId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.order import OrderState
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown


async def test_given_a_chosen_price_when_buy_is_tapped_then_the_label_comes_and_its_price_is_gone() -> None:
    ann = await shop(welcome_credit="20.00").customer().orders()
    shown = ann.confirmation
    await ann.buys()
    (order,) = ann.labels

    assert ann.screen == sc.Purchased(shown.order_id)
    assert ann.card.facts.last_order == order
    assert (order.order_id, order.charged) == (shown.order_id, shown.rate.price)
    assert await ann.balance() == Balance(usd("20.00") - shown.rate.price)
    assert (await ann.session()).draft.empty


async def test_given_two_taps_on_buy_when_the_first_is_through_then_the_second_brings_the_label_again() -> (
    None
):
    made = shop()
    ann = await made.customer().orders()
    version, buy = ann.card.facts.version, ev.PurchaseConfirmed(ann.confirmation.order_id)
    await ann.taps(buy, version=version)
    await made.converse.tap(ANN, buy, None)
    await made.quiet()

    assert (ann.note, len(ann.labels)) == ("already_bought", 2)
    assert list(made.shipping.purchases.values()) == [1]


async def test_given_a_file_that_is_not_to_be_had_when_buy_is_tapped_again_then_it_is_promised() -> None:
    made = shop()
    ann = await made.customer().orders()
    buy = ev.PurchaseConfirmed(ann.confirmation.order_id)
    made.shipping.gives_document = False
    await ann.buys()
    made.database.put("documents", buy.order_id, None)
    made.shipping.errors["document"] = [GatewayUnavailable("document")]
    await made.converse.tap(ANN, buy, None)
    await made.quiet()

    assert (ann.note, ann.remarks, len(ann.labels)) == ("already_bought", ["label_later"], 1)


async def test_given_two_taps_at_once_when_they_race_then_one_purchase_is_made() -> None:
    made = shop()
    ann = await made.customer().orders()
    buy = ev.PurchaseConfirmed(ann.confirmation.order_id)
    await asyncio.gather(*(made.converse.tap(ANN, buy, None) for _ in range(3)))
    await made.quiet()

    assert list(made.shipping.purchases.values()) == [1]
    assert len(await ann.all_orders()) == 1


async def slow_purchase(made: Shop) -> Customer:
    """Ann tapped Buy, and the carrier takes its time."""
    ann = await made.customer().orders()
    made.shipping.slow = asyncio.Event()
    await made.converse.tap(ANN, ev.PurchaseConfirmed(ann.confirmation.order_id), ann.card.facts.version)
    await made.shipping.asked.wait()
    return ann


@pytest.mark.parametrize(
    "event",
    [ev.Started(), ev.NewOrder(), ev.CancelAsked(), ev.NotText("sticker")],
    ids=lambda e: type(e).__name__,
)
async def test_given_a_purchase_on_its_way_when_anything_is_wanted_then_it_says_busy_and_ends_well(
    event: ev.Customer,
) -> None:
    made = shop()
    ann = await slow_purchase(made)
    assert made.shipping.slow is not None
    await made.converse.do(ANN, event)
    busy = (type(ann.screen), ann.note)
    made.shipping.slow.set()
    await made.quiet()

    assert busy == (sc.Working, "busy")
    assert isinstance(ann.screen, sc.Purchased)


async def test_given_a_purchase_on_its_way_when_buy_is_tapped_again_then_it_says_busy() -> None:
    made = shop()
    ann = await slow_purchase(made)
    assert made.shipping.slow is not None
    (order,) = await ann.all_orders()
    await made.converse.tap(ANN, ev.PurchaseConfirmed(order.order_id), None)
    busy = ann.note
    made.shipping.slow.set()
    await made.quiet()

    assert (busy, len(ann.labels)) == ("busy", 1)


async def test_given_too_little_money_when_buying_then_the_shortfall_is_told_and_the_quote_stays_good() -> (
    None
):
    made = shop(welcome_credit="5.00")
    ann = await made.customer().says(A_WHOLE_ORDER)
    await ann.chooses()
    chosen = ann.confirmation
    price = chosen.rate.price
    await ann.buys()
    note, offered = ann.card.note, ann.card.facts.to_top_up
    again = ann.confirmation
    await made.top_up(str((price - usd("5.00")).amount))
    await ann.buys()

    assert note == sc.Note("funds", {"detail": str(price - usd("5.00"))})
    assert (again, offered) == (chosen, price - usd("5.00"))
    assert isinstance(ann.screen, sc.Purchased)
    assert await ann.balance() == Balance()
    assert len(await ann.all_orders()) == 1


@pytest.mark.parametrize(
    "error",
    [GatewayRefused("buy", "too heavy", code="weight"), GatewayUnavailable("buy", "no route")],
    ids=["refused", "unavailable"],
)
async def test_given_a_carrier_that_does_not_sell_when_buying_then_the_draft_is_back_and_the_money_free(
    error: Exception,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.accidents = [error]
    await ann.buys()
    note = ann.card.note
    await ann.taps(ev.PricesAsked())
    await ann.chooses()
    await ann.buys()

    assert note == sc.Note("not_bought", {"detail": getattr(error, "reason", "")})
    assert isinstance(ann.screen, sc.Purchased)
    assert [o.state for o in await ann.all_orders()] == [OrderState.PURCHASED, OrderState.FAILED]


async def a_wait(made: Shop, *, bought: bool) -> Customer:
    """Ann's purchase was not answered."""
    ann = await made.customer().orders()
    made.shipping.lost_answers_buy = bought
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    return await ann.buys()


async def test_given_no_answer_when_it_was_bought_then_the_label_comes_after_a_look_up() -> None:
    made = shop()
    ann = await a_wait(made, bought=True)
    waiting = (ann.screen, (await ann.balance()).held > usd("0"), ann.labels)
    made.clock.advance(minutes(2))
    await made.reconciled()
    (order,) = ann.labels

    assert waiting == (sc.PurchasePending(order.order_id), True, [])
    assert ann.screen == sc.Purchased(order.order_id)
    assert (await ann.balance()).held == usd("0")


async def test_given_no_answer_when_it_was_not_bought_then_the_money_is_free_and_it_is_said() -> None:
    made = shop()
    ann = await a_wait(made, bought=False)
    for _ in range(3):
        made.clock.advance(minutes(5))
        await made.reconciled()

    assert (type(ann.screen), ann.note, ann.labels) == (sc.Menu, "not_bought", [])
    assert await ann.balance() == Balance(usd("100.00"))


@pytest.mark.parametrize("bought", [True, False], ids=["bought", "not bought"])
async def test_given_no_answer_when_the_customer_has_gone_on_then_the_outcome_comes_beside_the_card(
    bought: bool,
) -> None:
    made = shop()
    ann = await a_wait(made, bought=bought)
    await ann.does(ev.NewOrder())
    card = ann.screen
    for _ in range(3):
        made.clock.advance(minutes(5))
        await made.reconciled()

    assert ann.screen == card
    assert (len(ann.labels), ann.remarks) == ((1, []) if bought else (0, ["not_bought"]))


async def test_given_a_parked_order_when_settled_then_the_customer_hears_that_we_look_into_it() -> None:
    made = shop()
    ann = await a_wait(made, bought=False)
    made.shipping.lookup_error = GatewayUnavailable("find")
    made.clock.advance(minutes(61))
    (order,) = await made.reconciled()

    assert order.state is OrderState.PARKED
    assert (ann.labels, ann.remarks) == ([], ["parked"])
    assert isinstance(ann.screen, sc.PurchasePending)


async def test_given_an_unknown_outcome_when_buy_is_tapped_again_then_nothing_is_bought_again() -> None:
    made = shop()
    ann = await a_wait(made, bought=True)
    (order,) = await ann.all_orders()
    await made.converse.tap(ANN, ev.PurchaseConfirmed(order.order_id), None)

    assert ann.note == "busy"
    assert list(made.shipping.purchases.values()) == [1]


async def test_given_a_failed_order_when_its_buy_is_tapped_again_then_the_card_is_just_shown() -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.accidents = [GatewayRefused("buy")]
    await ann.buys()
    (order,) = await ann.all_orders()
    await made.converse.tap(ANN, ev.PurchaseConfirmed(order.order_id), None)

    assert ann.note == "stale"
    assert list(made.shipping.purchases.values()) == [1]


async def test_given_somebody_elses_or_a_forged_order_when_its_buy_is_tapped_then_nothing_is_told() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()
    bob = await made.customer(BOB).says(A_WHOLE_ORDER)
    for order_id in (order.order_id, OrderId("ord_forged")):
        await made.converse.tap(BOB, ev.PurchaseConfirmed(order_id), None)
        await made.quiet()

        assert (bob.note, bob.labels) == ("stale", [])
    assert await made.orders.of_user(BOB) == []


async def test_given_a_confirmation_when_another_orders_buy_is_tapped_then_nothing_is_bought() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.taps(ev.PurchaseConfirmed(OrderId("ord_forged")))

    assert (ann.note, made.shipping.purchases.total()) == ("stale", 0)


async def test_given_a_label_whose_file_is_not_to_be_had_when_bought_then_it_is_promised_for_later() -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.accidents = [OutcomeUnknown("buy")]
    await ann.buys()
    made.shipping.errors["document"] = [GatewayUnavailable("document")]
    made.clock.advance(minutes(2))
    (order,) = await made.reconciled()
    promised = (ann.remarks, ann.labels)
    await made.send_label(ANN, order.order_id)

    assert promised == (["label_later"], [])
    assert ann.labels == [order]


async def test_given_prices_that_expire_while_buying_when_refused_for_it_then_they_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    get = made.orders.get

    async def slow_get(_self: object, order_id: OrderId) -> object:
        made.clock.advance(minutes(31))
        return await get(order_id)

    monkeypatch.setattr(type(made.orders), "get", slow_get)
    await ann.buys()

    assert ann.note == "price_same"
    assert made.shipping.purchases.total() == 0


async def crashed(made: Shop, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """Ann tapped Buy, the step was saved, and the process died."""
    ann = await made.customer().orders()
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await ann.buys()
    assert isinstance(await ann.state(), st.Buying)
    return ann


async def test_given_a_crash_before_the_purchase_when_the_customer_returns_then_it_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch)
    made.clock.advance(minutes(2))
    await ann.does(ev.Started())

    assert isinstance(ann.screen, sc.Purchased)
    assert list(made.shipping.purchases.values()) == [1]
    assert len(ann.labels) == 1


@pytest.mark.parametrize(
    ("error", "screen"),
    [
        (None, sc.Purchased),
        (GatewayRefused("buy", "no"), sc.Review),
        (OutcomeUnknown("buy"), sc.PurchasePending),
    ],
    ids=["bought", "refused", "unknown"],
)
async def test_given_a_crash_after_the_purchase_when_the_customer_returns_then_its_outcome_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, screen: type
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch)
    state = await ann.state()
    assert isinstance(state, st.Buying)
    made.shipping.accidents = [error] if error else []
    quote, rate = state.confirming.choice.quote, state.confirming.rate
    with contextlib.suppress(GatewayRefused, OutcomeUnknown):
        await made.buy(user_id=ANN, order_id=state.confirming.order_id, quote=quote, rate_id=rate.rate_id)
    made.clock.advance(minutes(2))
    await ann.does(ev.Started())

    assert isinstance(ann.screen, screen)
    assert list(made.shipping.purchases.values()) == [1]


async def test_given_a_crash_before_the_purchase_when_an_hour_passes_then_the_draft_is_still_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch)
    made.clock.advance(SESSION_TTL)
    await ann.does(ev.Started())
    menu = ann.screen
    await ann.taps(ev.DraftContinued())

    assert menu == sc.Menu(has_draft=True)
    assert ann.prices.draft.get(Field.WEIGHT) == "35 oz"
    assert made.shipping.purchases.total() == 0
