"""Pages beside the order in progress, and the small use cases."""

from __future__ import annotations

import pytest

from a_shop import shop
from builders import ANN, BOB, NOW, a_shipment, an_order, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.rating import Tag
from shipping_core.domain.user import User
from shipping_core.errors import GatewayRefused, GatewayUnavailable, NotFound


async def test_given_seven_orders_when_listed_then_two_pages_come_newest_first() -> None:
    made = shop()
    orders = [an_order(created_at=NOW + minutes(n)) for n in range(7)]
    for order in orders:
        await made.orders.add(order)
    for page in (0, 1, -1):
        await made.show_orders.page(ANN, page)
    first, second, below = (shown.screen for shown in made.notifier.told)

    assert first == below == sc.OrderList(tuple(orders[:1:-1]), 0, has_more=True)
    assert second == sc.OrderList((orders[1], orders[0]), 1, has_more=False)


async def test_given_an_own_label_when_looked_at_and_tracked_then_both_pages_come() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()
    await made.show_orders.details(ANN, order.order_id)
    await made.show_orders.track(ANN, order.order_id)
    details, tracking = (shown.screen for shown in made.notifier.told)

    assert details == sc.OrderDetails(order, *await made.request_refunds.judged(order))
    assert isinstance(tracking, sc.TrackingPage)
    assert (tracking.order, tracking.tracking.status) == (order, "label_created")


async def test_given_somebody_elses_order_when_looked_at_tracked_or_sent_then_it_is_not_found() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()

    for act in (made.show_orders.details, made.show_orders.track, made.send_label):
        with pytest.raises(NotFound):
            await act(BOB, order.order_id)
        with pytest.raises(NotFound):
            await act(BOB, OrderId("ord_forged"))
    assert made.customer(BOB).labels == []


async def test_given_an_order_without_a_label_when_tracked_or_sent_then_it_is_not_found() -> None:
    made = shop()
    order = an_order()
    await made.orders.add(order)

    for act in (made.show_orders.track, made.send_label):
        with pytest.raises(NotFound):
            await act(ANN, order.order_id)


async def test_given_a_lost_file_when_the_label_is_sent_then_it_is_fetched_once_and_kept() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()
    made.database.put("documents", order.order_id, None)
    await made.send_label(ANN, order.order_id)
    made.shipping.errors["document"] = [GatewayRefused("document", code="no_document")]
    await made.send_label(ANN, order.order_id)

    assert len(ann.labels) == 3
    assert made.shipping.errors["document"]


@pytest.mark.parametrize(
    "text", ["", "hello", "from.zip: 94117\nto.zip: 90012", "from.zip: 1\nto.zip: 90012"]
)
async def test_given_too_little_when_a_quick_price_is_asked_then_it_is_said_how_to_ask(text: str) -> None:
    made = shop()
    await made.quick_quote(ANN, text)

    assert made.notifier.told[0].screen == sc.QuoteUsage()


async def test_given_two_zips_and_a_weight_when_a_quick_price_is_asked_then_offers_come_tagged() -> None:
    made = shop()
    await made.quick_quote(ANN, "from.zip: 94117\nto.zip: 10001\nparcel.weight: 16 oz\nto.city: Manhattan")
    screen = made.notifier.told[0].screen

    assert isinstance(screen, sc.QuickQuote)
    assert [r.price for r in screen.rates] == [usd("7.42"), usd("9.80"), usd("23.15")]
    assert screen.tags[screen.rates[0].rate_id] is Tag.CHEAPEST
    assert screen.draft.get(Field.TO_CITY) == "Manhattan"
    assert await made.sessions.load(ANN) is None


async def test_given_carriers_that_do_not_answer_when_a_quick_price_is_asked_then_it_says_so() -> None:
    made = shop()
    made.shipping.errors["estimate"] = [GatewayUnavailable("estimate")]
    await made.quick_quote(ANN, "from.zip: 94117\nto.zip: 10001\nparcel.weight: 16 oz")
    (told,) = made.notifier.told

    assert (told.screen, told.note) == (sc.Remark(), sc.Note("unavailable"))


async def test_given_a_new_customer_when_met_again_and_again_then_known_and_credited_once() -> None:
    made = shop(welcome_credit="25.00")
    ann = await made.customer().does(ev.Started())
    made.clock.advance(minutes(5))
    await made.converse.welcome(ANN, "ru")

    assert await made.users.get(ANN) == User(ANN, NOW, "en", seen_at=NOW)
    assert (await ann.balance()).available == usd("25.00")
    assert [t.actor for t in await made.balances.journal()] == ["operator"]


async def test_given_no_welcome_credit_when_a_customer_is_new_then_no_money_moves() -> None:
    made = shop(welcome_credit="0")
    await made.customer().does(ev.Started())

    assert await made.balances.journal() == []


@pytest.mark.parametrize("mode", Mode, ids=lambda m: m.value)
async def test_given_a_mode_when_an_order_is_made_then_everything_of_it_is_pinned_to_that_mode(
    mode: Mode,
) -> None:
    made = shop(mode=mode)
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()

    assert ann.card.facts.mode is order.mode is mode
    assert order.reference.startswith(f"{mode.value[0]}-")
    assert {t.mode for t in await made.balances.journal()} == {mode}


async def test_given_a_shipment_when_quoted_then_each_quote_ends_and_has_its_own_reference() -> None:
    made = shop()
    first, second = [await made.quotes(ANN, a_shipment()) for _ in range(2)]

    assert first.expires_at - first.created_at == made.policy.quote_lasts
    assert first.reference != second.reference
    assert len(first.reference) <= 40
    assert first.rate(first.rates[1].rate_id) == first.rates[1]
    assert second.rate(first.rates[1].rate_id) is None
