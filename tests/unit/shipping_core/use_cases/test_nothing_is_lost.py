"""What a customer has written comes through taps and accidents."""

from __future__ import annotations

from a_shop import shop
from builders import A_WHOLE_ORDER, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.domain.letter import Delivery
from shipping_core.domain.money import Money
from shipping_core.domain.order import OrderState
from shipping_core.errors import OutcomeUnknown


async def test_given_an_unfinished_order_when_repeat_is_tapped_then_it_is_asked_about_and_kept() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await ann.says("to.name: John Smith")
    await made.converse.repeat(ann.user_id)

    assert isinstance(ann.screen, sc.ResumeOrNew)
    assert not (await ann.session()).draft.empty


async def test_given_a_repeated_order_when_priced_then_its_zips_are_known_places() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await made.converse.repeat(ann.user_id)
    await made.quiet()

    assert isinstance(ann.screen, sc.ConfirmPurchase)
    assert (await ann.session()).draft.problems() == ()


async def test_given_an_unknown_outcome_when_nothing_was_bought_then_what_was_written_comes_back() -> None:
    made = shop()
    made.shipping.lost_answers_buy = False
    made.shipping.accidents.append(OutcomeUnknown("buy"))
    ann = await (await made.customer().orders()).buys()
    waiting = await ann.state()
    for _ in range(4):
        made.clock.advance(minutes(6))
        await made.reconciled()

    assert isinstance(waiting, st.Waiting)
    assert (type(ann.screen), ann.note) == (sc.Menu, "not_bought")
    assert (await ann.session()).draft.missing == ()
    await ann.does(ev.DraftContinued())
    assert isinstance(ann.screen, sc.RateList)


async def test_given_an_offer_that_cannot_be_charged_when_quoted_then_it_is_not_offered() -> None:
    made = shop()
    made.shipping.dearer_cents = -usd("7.42").minor - 85 * 2
    ann = await made.customer().says(A_WHOLE_ORDER)

    assert len(ann.prices.rates) == 2
    assert all(rate.price > Money.zero() for rate in ann.prices.rates)


async def test_given_a_home_when_the_purchase_is_confirmed_then_the_screen_knows_it() -> None:
    made = shop()
    made.shipping.residential = True
    ann = await made.customer().orders()

    assert ann.confirmation.residential


async def test_given_an_hour_without_telegram_when_it_is_back_then_a_letter_arrives_soon() -> None:
    made = shop()
    made.notifier.deliveries.extend([Delivery.FAILED] * 40)
    ann = await made.customer().orders()
    await ann.buys()
    for _ in range(70):
        made.clock.advance(minutes(1))
        await made.letters()
    made.notifier.deliveries.clear()
    made.clock.advance(minutes(15))
    await made.letters()

    assert [order.state for order in ann.labels] == [OrderState.PURCHASED]
