"""What became of orders whose purchase was never answered."""

from __future__ import annotations

import pytest
from attrs import evolve

from a_shop import Shop, shop
from builders import ANN, a_quote, a_rate, an_order, minutes, usd
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.letter import Word
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown

ORDER = OrderId("ord_mine")
HELD, FREE, PAID = Balance(usd("2.58"), usd("7.42")), Balance(usd("10.00")), Balance(usd("2.58"))


async def an_unanswered(*, bought: bool = True, double_labels: int = 0) -> Shop:
    """Ann's purchase was sent and never answered; `bought` says whether there is a label."""
    made = shop()
    await made.top_up("10.00")
    made.shipping.lost_answers_buy = bought
    made.shipping.double_labels = double_labels
    made.shipping.accidents = [OutcomeUnknown("buy", "read timeout")]
    quote = a_quote()
    with pytest.raises(OutcomeUnknown):
        await made.buy(user_id=ANN, order_id=ORDER, quote=quote, rate_id=quote.rates[0].rate_id)
    return made


async def look(made: Shop, after: float) -> list[Order]:
    """One round, so many minutes later."""
    made.clock.advance(minutes(after))
    return list(await made.reconcile())


async def money(made: Shop) -> Balance:
    """What Ann has."""
    return await made.balances.balance(ANN, Mode.TEST)


async def test_given_a_lost_answer_when_looked_up_then_the_label_is_adopted_and_charged() -> None:
    made = await an_unanswered()
    (order,) = await look(made, 1.1)

    assert (order.state, order.charged) == (OrderState.PURCHASED, usd("7.42"))
    assert order == await made.orders.get(ORDER)
    assert await money(made) == PAID


async def test_given_a_lost_answer_when_less_than_a_minute_passed_then_nobody_looks() -> None:
    made = await an_unanswered()

    assert await look(made, 1) == []


async def test_given_several_labels_when_looked_up_then_the_earliest_is_adopted_and_the_others_voided() -> (
    None
):
    made = await an_unanswered(double_labels=2)
    (order,) = await look(made, 1.1)
    (labels,) = made.shipping.labels.values()

    assert order.label is not None
    assert [(label.label_id, label.voided) for label in labels] == [
        (order.label.label_id, False),
        ("label-2", True),
        ("label-3", True),
    ]
    assert await money(made) == PAID


async def test_given_a_label_too_many_when_its_void_fails_then_the_round_goes_on_and_the_next_voids_it() -> (
    None
):
    made = await an_unanswered(double_labels=1)
    made.shipping.errors["void"] = [GatewayUnavailable("void")]
    other = an_order(user_id=ANN, price=usd("1.00"))
    await made.settle.reserved(other)
    first = await look(made, 10.1)
    second = await look(made, 1.1)

    assert [order.order_id for order in first] == [other.order_id]
    assert [order.order_id for order in second] == [ORDER]
    assert len(made.shipping.live_labels) == 1


async def test_given_a_label_too_many_that_cannot_be_voided_when_an_hour_passed_then_it_is_parked() -> None:
    made = await an_unanswered(double_labels=1)
    made.shipping.voids_approved = False
    early = await look(made, 30)
    (parked,) = await look(made, 31)

    assert early == []
    assert parked.state is OrderState.PARKED
    assert await money(made) == HELD


async def test_given_no_label_when_looked_up_three_times_and_fifteen_minutes_then_the_money_is_free() -> None:
    made = await an_unanswered(bought=False)
    rounds = [await look(made, 5), await look(made, 5)]
    (order,) = await look(made, 5)

    assert rounds == [[], []]
    assert (order.state, order.failure, order.lookups) == (OrderState.FAILED, "not_bought", 3)
    assert await money(made) == FREE


async def test_given_no_label_when_three_look_ups_took_less_than_fifteen_minutes_then_it_waits_on() -> None:
    made = await an_unanswered(bought=False)
    rounds = [await look(made, 4.9) for _ in range(3)]
    waiting = await made.orders.get(ORDER)
    (order,) = await look(made, 1.1)

    assert rounds == [[], [], []]
    assert waiting.state is OrderState.UNKNOWN
    assert order.state is OrderState.FAILED


async def test_given_no_label_when_much_time_but_few_look_ups_passed_then_it_waits_on() -> None:
    made = await an_unanswered(bought=False)
    rounds = [await look(made, 30), await look(made, 20)]

    assert rounds == [[], []]
    assert await money(made) == HELD


async def test_given_a_label_that_appears_late_when_looked_up_then_it_is_adopted() -> None:
    made = await an_unanswered()
    made.shipping.hidden_lookups = 2
    rounds = [await look(made, 5), await look(made, 5)]
    (order,) = await look(made, 5)

    assert rounds == [[], []]
    assert order.state is OrderState.PURCHASED


async def test_given_look_ups_that_fail_when_an_hour_passed_then_the_order_is_parked_and_the_money_held() -> (
    None
):
    made = await an_unanswered(bought=False)
    made.shipping.lookup_error = GatewayUnavailable("find")
    rounds = [await look(made, 15) for _ in range(3)]
    (order,) = await look(made, 15)
    made.shipping.lookup_error = None

    assert rounds == [[], [], []]
    assert order.state is OrderState.PARKED
    assert order.failure.endswith("find")
    assert await money(made) == HELD
    assert await look(made, 60) == []


async def test_given_failed_look_ups_when_counted_then_they_are_no_evidence() -> None:
    made = await an_unanswered(bought=False)
    made.shipping.errors["find"] = [GatewayRefused("find"), GatewayUnavailable("find")]
    for _ in range(2):
        await look(made, 7)

    assert (await made.orders.get(ORDER)).lookups == 0


async def test_given_an_order_never_sent_when_ten_minutes_passed_then_it_is_expired_and_the_money_free() -> (
    None
):
    made = shop()
    await made.top_up("10.00")
    await made.settle.reserved(an_order(ORDER))
    (order,) = await look(made, 10)

    assert order.state is OrderState.EXPIRED
    assert made.shipping.purchases.total() == 0
    assert await money(made) == FREE


async def test_given_a_price_that_is_over_when_never_sent_then_it_is_expired_even_sooner() -> None:
    made = shop()
    await made.top_up("10.00")
    await made.settle.reserved(evolve(an_order(ORDER), good_until=made.clock.now() + minutes(2)))
    (order,) = await look(made, 2.1)

    assert order.state is OrderState.EXPIRED
    assert await money(made) == FREE


async def test_given_an_order_that_was_reserved_and_left_when_two_minutes_passed_then_it_is_bought() -> None:
    made = shop()
    await made.top_up("10.00")
    await made.settle.reserved(an_order(ORDER, rate=a_rate(carrier_reference="t-quo_1")))
    early = await look(made, 2)
    (order,) = await look(made, 0.1)

    assert early == []
    assert order.state is OrderState.PURCHASED
    assert made.shipping.purchases.total() == 1
    assert await money(made) == PAID


async def test_given_a_carrier_that_refuses_when_driven_on_then_the_money_is_free_and_a_letter_says_so() -> (
    None
):
    made = shop()
    await made.top_up("10.00")
    await made.settle.reserved(an_order(ORDER, rate=a_rate(carrier_reference="t-quo_1")))
    made.shipping.accidents = [GatewayRefused("buy", "too heavy")]
    await look(made, 2.1)
    (letter,) = await made.outbox.claim("reader", made.clock.now(), lease_s=1)

    assert (letter.order_id, letter.word) == (ORDER, Word.NOT_BOUGHT)
    assert await money(made) == FREE


async def test_given_a_claim_without_an_outcome_when_looked_up_then_it_is_settled_like_any_other() -> None:
    made = shop()
    await made.top_up("10.00")
    order = an_order(ORDER)
    await made.settle.reserved(order)
    await made.orders.save(order.claimed(made.clock.now(), carrier_order=""))
    rounds = [await look(made, 5) for _ in range(3)]

    assert [o.state for o in rounds[2]] == [OrderState.FAILED]
    assert await money(made) == FREE


@pytest.mark.parametrize("sent", [True, False], ids=["looked up", "expired"])
async def test_given_two_workers_when_both_settle_an_order_then_it_is_settled_once(
    monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    made = await an_unanswered() if sent else shop()
    if not sent:
        await made.top_up("10.00")
        await made.settle.reserved(an_order(ORDER))
    made.clock.advance(minutes(11))
    stale = await made.orders.in_states(set(OrderState), before=made.clock.now())
    first = await made.reconcile()

    async def as_before(_self: object, states: set[OrderState], **_: object) -> list[Order]:
        return [order for order in stale if order.state in states]

    monkeypatch.setattr(type(made.orders), "in_states", as_before)
    second = await made.reconcile()

    assert (len(first), list(second)) == (1, [])
    assert await money(made) == (PAID if sent else FREE)
