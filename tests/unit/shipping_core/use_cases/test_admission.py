"""Who may order and top up."""

from __future__ import annotations

import datetime as dt

import pytest

from a_shop import OLA, Customer, Shop, shop
from builders import A_WHOLE_ORDER, ANN, an_order, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import Mode
from shipping_core.domain.order import OrderState
from shipping_core.domain.policy import Maintenance
from shipping_core.domain.user import Limits
from shipping_core.errors import Conflict, InvalidInput, NotFound, SalesClosed


async def met(made: Shop) -> Customer:
    """Somebody we know."""
    return await made.customer().does(ev.Started())


async def blocked(made: Shop) -> Customer:
    """Somebody we know, and do not want to sell to."""
    ann = await met(made)
    await made.people.block(ANN, actor="ola", reason="Chargebacks.")
    await made.quiet()
    return ann


async def test_given_a_blocked_customer_when_they_order_then_they_are_told_instead_of_prices() -> None:
    made = shop()
    ann = await (await blocked(made)).says(A_WHOLE_ORDER)

    assert ann.note == "blocked"
    assert isinstance(ann.screen, sc.Review)


async def test_given_a_blocked_customer_when_they_begin_then_they_are_told_why_before_they_write() -> None:
    made = shop()
    ann = await (await blocked(made)).does(ev.Started())
    menu = ann.card.facts.shut
    await ann.does(ev.NewOrder())

    assert menu == ann.card.facts.shut == sc.Note("blocked", {"why": "Chargebacks."})


async def test_given_maintenance_when_customers_and_operators_begin_then_only_customers_are_told() -> None:
    words = {"en": "Back at five.", "ru": "Вернёмся в пять."}
    made = shop(maintenance=Maintenance(on=True, message=words))
    ann = await made.customer().does(ev.Started())
    ola = await made.customer(OLA).does(ev.Started())

    assert (ann.card.facts.shut, ola.card.facts.shut) == (sc.Note("maintenance", words), None)


async def test_given_a_block_while_buy_is_on_the_card_when_tapped_then_nothing_is_bought_or_held() -> None:
    made = shop()
    ann = await made.customer().orders()
    await made.people.block(ANN, actor="ola", reason="Chargebacks.")
    await ann.buys()

    assert (ann.note, ann.labels, (await ann.balance()).held) == ("blocked", [], usd("0.00"))


async def test_given_a_blocked_customer_when_they_top_up_then_no_link_is_made() -> None:
    made = shop()
    ann = await (await blocked(made)).does(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(2_500))

    assert (ann.note, made.payments.created.total()) == ("blocked", 0)


async def test_given_a_blocked_customer_when_they_look_then_balance_orders_and_help_are_still_theirs() -> (
    None
):
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await made.people.block(ANN, actor="ola", reason="Chargebacks.")
    await made.show_orders.page(ANN)
    await ann.does(ev.Started())

    assert sc.OrderList in {type(told.screen) for told in made.notifier.told}
    assert isinstance(ann.screen, sc.Menu)
    assert ann.card.facts.balance is not None


async def test_given_a_block_and_its_end_then_the_customer_hears_of_both_and_orders_again() -> None:
    made = shop()
    ann = await blocked(made)
    await made.people.unblock(ANN, actor="ola", reason="All paid.")
    await made.quiet()
    await (await ann.orders()).buys()

    assert ann.remarks == ["blocked", "unblocked"]
    assert len(ann.labels) == 1


async def test_given_a_block_when_made_or_lifted_twice_then_the_second_is_a_conflict() -> None:
    made = shop()
    await blocked(made)
    with pytest.raises(Conflict):
        await made.people.block(ANN, actor="pia", reason="The same.")
    await made.people.unblock(ANN, actor="ola", reason="All paid.")
    with pytest.raises(Conflict):
        await made.people.unblock(ANN, actor="pia", reason="The same.")

    assert (await made.users.get(ANN)).version == 3


async def test_given_an_operator_when_blocked_then_it_is_refused() -> None:
    made = shop()
    await made.customer(OLA).does(ev.Started())
    with pytest.raises(InvalidInput, match="user_id"):
        await made.people.block(OLA, actor="ola", reason="A slip.")

    assert not (await made.users.get(OLA)).blocked


async def test_given_a_stranger_when_anything_is_done_to_them_then_they_are_not_found() -> None:
    made = shop()
    for act in (made.people.block, made.people.unblock):
        with pytest.raises(NotFound):
            await act(ANN, actor="ola", reason="x")


async def test_given_a_daily_limit_when_it_is_reached_then_the_next_is_refused_until_a_day_has_passed() -> (
    None
):
    made = shop(orders_a_day=1)
    ann = await (await made.customer().orders()).buys()
    made.clock.advance(minutes(20))
    await (await ann.orders()).buys()
    assert (ann.note, len(ann.labels)) == ("limit", 1)
    made.clock.advance(dt.timedelta(hours=24))
    await ann.does(ev.Started())
    await ann.does(ev.DraftContinued())
    await ann.chooses()
    await ann.buys()

    assert len(ann.labels) == 2


async def test_given_a_daily_limit_when_many_orders_failed_since_then_what_was_bought_still_counts() -> None:
    made = shop(orders_a_day=1)
    await (await made.customer().orders()).buys()
    made.clock.advance(minutes(1))
    for _ in range(30):
        await made.orders.add(an_order(state=OrderState.FAILED, created_at=made.clock.now()))

    with pytest.raises(SalesClosed, match="limit"):
        await made.admission.check_purchase(ANN, Mode.TEST)


async def test_given_a_limit_of_ones_own_when_ordering_and_topping_up_then_it_goes_before_everybodys() -> (
    None
):
    made = shop(orders_a_day=1)
    ann = await met(made)
    limits = Limits(open_invoices=1, topup_most=usd("30.00"), orders_a_day=0)
    await made.people.limit(ANN, limits, version=1, actor="ola", reason="New here.")
    await (await ann.orders()).buys()
    assert ann.note == "limit"
    await ann.does(ev.CancelAsked())
    await ann.taps(ev.CancelConfirmed())
    await ann.does(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(5_000))
    assert (ann.note, ann.card.facts.most, ann.card.facts.offers) == (
        "topup_amount",
        usd("30.00"),
        (usd("10.00"), usd("25.00")),
    )
    for _ in range(2):
        await ann.does(ev.TopUpAsked())
        await ann.taps(ev.AmountChosen(2_500))

    assert (ann.note, made.payments.created.total()) == ("topup_many", 1)


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (Limits(open_invoices=-1), "limits.open_invoices"),
        (Limits(orders_a_day=10_001), "limits.orders_a_day"),
        (Limits(topup_most=-usd("1.00")), "limits.topup_most"),
    ],
    ids=["invoices", "orders", "amount"],
)
async def test_given_limits_that_mean_nothing_when_set_then_the_field_is_named(
    limits: Limits, field: str
) -> None:
    made = shop()
    await met(made)
    with pytest.raises(InvalidInput) as refused:
        await made.people.limit(ANN, limits, version=1, actor="ola", reason="x")

    assert refused.value.field == field


async def test_given_a_customer_when_they_write_then_they_are_seen_and_called_as_telegram_says() -> None:
    made = shop()
    ann = made.customer()
    await ann.does(ev.Started())
    made.clock.advance(minutes(59))
    await ann.says("hello")
    early = (await made.users.get(ANN)).seen_at
    made.clock.advance(minutes(61))
    await ann.says("hello again")

    assert early is not None
    assert (await made.users.get(ANN)).seen_at == early + minutes(120)
