"""Stale buttons, double taps, redelivery, races, expiry."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from a_shop import shop
from builders import A_WHOLE_ORDER, ANN, BOB, WRITTEN, as_text, minutes
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import REMEMBERED_UPDATES, SESSION_TTL, Session
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import OrderId
from shipping_core.errors import Conflict, NotFound
from shipping_core.use_cases.converse import RACES, Input

PARCEL = as_text({f: v for f, v in WRITTEN.items() if f.part == "parcel"})
A_MOMENT = dt.timedelta(microseconds=1)


async def test_given_an_old_card_when_its_button_is_tapped_then_the_present_card_comes() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    old = ann.card.facts.version
    await ann.chooses()
    before = await ann.session()
    await ann.taps(ev.CancelAsked(), version=old)

    assert await ann.session() == before
    assert (type(ann.screen), ann.note) == (sc.ConfirmPurchase, "stale")
    assert ann.card.facts.version == before.version


async def test_given_two_devices_when_both_tap_the_same_card_then_the_second_is_stale() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    version, rates = ann.card.facts.version, ann.prices.rates
    await ann.taps(ev.RateChosen(rates[0].rate_id), version=version)
    await ann.taps(ev.RateChosen(rates[1].rate_id), version=version)

    assert (ann.confirmation.rate, ann.note) == (rates[0], "stale")


async def test_given_a_button_without_a_version_when_tapped_then_only_its_place_counts() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    await made.converse.tap(ANN, ev.MoreAsked(), None)

    assert (ann.note, await ann.steps()) == ("", 3)


async def test_given_a_handled_update_when_redelivered_then_it_has_no_second_effect() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER, update_id=7)
    before, card = await ann.session(), ann.screen
    await ann.says(A_WHOLE_ORDER, update_id=7)

    assert await ann.session() == before
    assert (ann.screen, ann.note) == (card, "")


async def test_given_a_redelivered_buy_when_it_was_handled_then_neither_label_nor_word_comes_twice() -> None:
    made = shop()
    ann = await made.customer().orders()
    version, order_id = ann.card.facts.version, ann.confirmation.order_id
    await ann.taps(ev.PurchaseConfirmed(order_id), version=version, update_id=9)
    shown = len(made.notifier.shown)
    await ann.taps(ev.PurchaseConfirmed(order_id), version=version, update_id=9)

    assert (len(ann.labels), {s.screen for s in made.notifier.shown[shown:]}) == (1, {ann.screen})


async def test_given_many_updates_when_remembered_then_only_the_last_ones_are() -> None:
    ann = shop().customer()
    for number in range(REMEMBERED_UPDATES + 5):
        await ann.does(ev.Started(), update_id=number)

    assert (await ann.session()).handled == tuple(range(5, REMEMBERED_UPDATES + 5))


async def test_given_many_messages_at_once_when_they_race_then_each_has_its_effect() -> None:
    made = shop()
    lines = [as_text({f: WRITTEN[f]}) for f in (Field.FROM_NAME, Field.TO_NAME, Field.WEIGHT, Field.LENGTH)]
    await made.customer().does(ev.NewOrder())
    await asyncio.gather(*(made.converse.say(ANN, line, Input(n)) for n, line in enumerate(lines, 100)))
    await made.quiet()
    draft = (await made.customer().session()).draft

    assert len(draft.entries) == len(lines)


async def test_given_a_lost_race_when_judged_anew_then_the_newer_session_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().does(ev.NewOrder())
    save, rivals = made.sessions.save, [ev.LanguageChosen("ru")]

    async def save_second(_self: object, session: Session) -> None:
        if rivals:
            await made.converse.do(ANN, rivals.pop())
        await save(session)

    monkeypatch.setattr(type(made.sessions), "save", save_second)
    await ann.says(PARCEL)

    assert ((await ann.session()).language, ann.card.facts.language) == ("ru", "ru")
    assert (await ann.session()).draft.get(Field.WEIGHT) == "35 oz"


async def test_given_a_race_lost_again_and_again_when_given_up_then_it_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    tries: list[Session] = []

    async def lost(_self: object, session: Session) -> None:
        tries.append(session)
        raise Conflict("session", ANN)

    monkeypatch.setattr(type(made.sessions), "save", lost)
    with pytest.raises(Conflict):
        await made.converse.do(ANN, ev.Started())

    assert len(tries) == RACES


async def test_given_an_hour_without_a_word_when_it_is_exactly_over_then_only_the_draft_is_left() -> None:
    made = shop()
    ann = await made.customer().says(PARCEL)
    made.clock.advance(SESSION_TTL)
    await ann.does(ev.Started())
    menu = ann.screen
    await ann.taps(ev.DraftContinued())

    assert menu == sc.Menu(has_draft=True)
    assert isinstance(ann.screen, sc.OrderCard)
    assert ann.screen.draft.get(Field.WEIGHT) == "35 oz"


async def test_given_a_moment_less_than_an_hour_when_writing_on_then_the_card_is_still_open() -> None:
    made = shop()
    ann = await made.customer().says(PARCEL)
    made.clock.advance(SESSION_TTL - A_MOMENT)
    await ann.says("from.name: Jane Doe")
    open_still = await ann.state()
    made.clock.advance(SESSION_TTL - A_MOMENT)
    await ann.says("to.name: John Smith")

    assert isinstance(open_still, st.Composing)
    assert isinstance(await ann.state(), st.Composing)


async def test_given_an_expired_dialogue_when_more_is_written_then_it_is_asked_which_order_is_meant() -> None:
    made = shop()
    ann = await made.customer().says(PARCEL)
    made.clock.advance(SESSION_TTL)
    await ann.says("from.name: Jane Doe")

    assert isinstance(ann.screen, sc.ResumeOrNew)


async def test_given_an_expired_dialogue_when_an_old_button_is_tapped_then_the_menu_comes() -> None:
    made = shop()
    ann = await made.customer().orders()
    made.clock.advance(SESSION_TTL)
    await ann.buys()

    assert (ann.screen, ann.note) == (sc.Menu(has_draft=True), "stale")
    assert made.shipping.purchases.total() == 0


async def test_given_continued_prices_when_an_hour_passed_then_they_are_asked_for_again() -> None:
    made = shop()
    ann = await made.customer().orders()
    old = ann.confirmation.rate
    made.clock.advance(SESSION_TTL)
    await ann.does(ev.Started())
    await ann.taps(ev.DraftContinued())

    assert old.rate_id not in {r.rate_id for r in ann.prices.rates}


@pytest.mark.parametrize("dearer", [0, 50], ids=["price_same", "price_changed"])
@pytest.mark.parametrize("where", ["list", "confirmation"])
async def test_given_an_expired_quote_when_tapped_then_the_new_price_is_shown_beside_the_old(
    dearer: int, where: str
) -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    if where == "confirmation":
        await ann.chooses()
    made.clock.advance(minutes(30))
    made.shipping.dearer_cents = dearer
    await (ann.chooses() if where == "list" else ann.buys())

    assert made.shipping.purchases.total() == 0
    assert ann.note == ("price_changed" if dearer else "price_same")
    assert ann.card.note is not None
    assert ann.card.note.facts == {"was": "9.12 USD", "now": "9.62 USD" if dearer else "9.12 USD"}
    assert (await ann.balance()).held.minor == 0


async def test_given_a_moment_before_the_quote_ends_when_buying_then_it_is_sold() -> None:
    made = shop()
    ann = await made.customer().orders()
    made.clock.advance(minutes(30) - A_MOMENT)
    await ann.buys()

    assert isinstance(ann.screen, sc.Purchased)


async def test_given_an_expired_quote_when_the_service_is_gone_then_it_says_so() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    made.clock.advance(minutes(30))
    made.shipping.offers = 1
    await ann.chooses(1)

    assert (ann.note, len(ann.prices.rates)) == ("service_gone", 1)


async def test_given_the_last_order_when_repeated_then_two_taps_buy_it_again() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    await made.converse.repeat(ANN, source=Input(501))
    await made.quiet()
    await ann.buys()
    second, first = await ann.all_orders()

    assert (second.shipment, second.rate.service_code) == (first.shipment, first.rate.service_code)
    assert second.order_id != first.order_id
    assert [order.order_id for order in ann.labels] == [first.order_id, second.order_id]


async def test_given_a_repeat_when_the_address_is_doubted_now_then_it_is_decided_first() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()
    made.shipping.suggestions["123 Main St"] = order.shipment.sender
    await made.converse.repeat(ANN, order.order_id)
    await made.quiet()

    assert (ann.note, type(ann.screen)) == ("decide_address", sc.RateList)


async def test_given_no_order_or_somebody_elses_when_repeated_then_it_is_not_found() -> None:
    made = shop()
    ann = await made.customer().orders()
    await ann.buys()
    (order,) = await ann.all_orders()

    for order_id in (None, order.order_id, OrderId("ord_forged")):
        with pytest.raises(NotFound):
            await made.converse.repeat(BOB, order_id)


async def test_given_a_cancelled_question_when_denied_while_pricing_then_the_carriers_are_asked_anew() -> (
    None
):
    made = shop()
    await made.customer().does(ev.Started())
    await made.converse.say(ANN, A_WHOLE_ORDER)
    await made.converse.do(ANN, ev.CancelAsked())
    await made.converse.do(ANN, ev.CancelDenied())
    await made.quiet()

    assert len(made.customer().prices.rates) == 3


async def test_given_a_late_answer_when_the_question_has_changed_then_only_the_newer_prices_count() -> None:
    made = shop()
    await made.converse.say(ANN, A_WHOLE_ORDER)
    await made.converse.say(ANN, "parcel.weight: 80 oz")
    await made.quiet()
    ann = made.customer()

    assert ann.prices.draft.get(Field.WEIGHT) == "80 oz"
    assert ann.prices.rates[0].price.minor == 742 + 85 * 4
    assert await ann.steps() == 3


async def test_given_prices_that_a_crash_swallowed_when_the_customer_returns_then_they_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await made.converse.say(ANN, A_WHOLE_ORDER)
    ann = made.customer()
    await ann.does(ev.NotText("sticker"))
    too_early = ann.screen
    made.clock.advance(minutes(2))
    await ann.does(ev.NotText("sticker"))

    assert isinstance(too_early, sc.Working)
    assert len(ann.prices.rates) == 3


async def test_given_a_fault_of_ours_when_an_effect_breaks_then_the_customer_gets_an_apology() -> None:
    made = shop()
    made.shipping.errors["rates"] = [ZeroDivisionError()]
    await made.customer().says(A_WHOLE_ORDER)
    ((who, error),) = made.notifier.apologies

    assert (who, type(error)) == (ANN, ZeroDivisionError)


async def test_given_running_effects_when_draining_then_it_tells_how_many_are_late() -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.slow = asyncio.Event()
    await made.converse.tap(ANN, ev.PurchaseConfirmed(ann.confirmation.order_id), None)
    late = await made.converse.drain(0)
    made.shipping.slow.set()

    assert late == 1
    assert await made.converse.drain(5) == 0
    assert await made.converse.drain(5) == 0
