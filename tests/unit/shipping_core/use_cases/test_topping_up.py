"""Bringing money in, by button and by word, for its own sake or for a purchase that waits."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from a_shop import Customer, Shop, shop
from builders import A_WHOLE_ORDER, ANN, a_recipient, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.effects import AskPayment
from shipping_core.conversation.session import SESSION_TTL
from shipping_core.domain.ids import InvoiceId, OrderId
from shipping_core.domain.invoice import InvoiceState, PaymentStatus
from shipping_core.domain.money import LIMIT_MINOR
from shipping_core.domain.order import OrderState
from shipping_core.errors import Conflict, GatewayRefused, GatewayUnavailable, OutcomeUnknown

P = PaymentStatus
PRICE = usd("9.12")
"""The cheapest offer for the usual parcel."""


async def at_the_till(made: Shop) -> Customer:
    """Ann was asked how much."""
    return await made.customer().does(ev.TopUpAsked())


async def paying(made: Shop, minor: int = 2_500) -> tuple[Customer, str]:
    """Ann has a link for so many cents; its track id."""
    ann = await (await at_the_till(made)).taps(ev.AmountChosen(minor))
    return ann, made.payments.track_ids[-1]


async def short_of_money(made: Shop) -> Customer:
    """Ann is one tap from buying, and has too little."""
    ann = await made.customer().orders()
    assert ann.confirmation.rate.price == PRICE
    return ann


async def paying_for_it(made: Shop) -> tuple[Customer, str]:
    """Ann tapped the button that tops up and buys; the track id of her link."""
    ann = await short_of_money(made)
    await ann.taps(ev.TopUpAndBuy(ann.confirmation.order_id))
    return ann, made.payments.track_ids[-1]


async def a_link_of(ann: Customer) -> sc.PaymentLink:
    """The card, which shows a link."""
    assert isinstance(ann.screen, sc.PaymentLink), (ann.screen, ann.note)
    return ann.screen


async def landed(made: Shop, track: str) -> None:
    """The gateway is paid, and the sweep finds it."""
    made.payments.pay(track)
    made.clock.advance(minutes(1))
    await made.sweep()
    await made.quiet()


async def test_given_the_menu_when_money_is_to_come_in_then_the_choices_limits_and_coins_are_shown() -> None:
    made = shop()
    ann = await at_the_till(made)
    facts = ann.card.facts

    assert ann.screen == sc.TopUpAmounts(None)
    assert (facts.can_top_up, facts.coins) == (True, made.payments.coins)
    assert (facts.offers, facts.least, facts.most) == (
        made.policy.topup_offers,
        usd("1.00"),
        usd("1000.00"),
    )


async def test_given_a_gateway_that_is_away_when_choices_are_shown_then_only_the_coins_are_missing() -> None:
    made = shop()
    made.payments.accidents["currencies"].append(GatewayUnavailable("currencies"))
    ann = await at_the_till(made)

    assert (type(ann.screen), ann.card.facts.coins) == (sc.TopUpAmounts, ())


async def test_given_an_amount_button_when_tapped_then_the_link_is_shown_and_its_qr_code_beside_it() -> None:
    made = shop()
    ann, track = await paying(made)
    link = await a_link_of(ann)
    beside = [told.screen for told in made.notifier.told]

    assert (link.amount, link.url) == (usd("25.00"), f"https://pay.example.com/{track}")
    assert link.expires_at == made.clock.now() + minutes(60)
    assert beside == [sc.PaymentQr(usd("25.00"), link.url)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("25", "25.00"), ("$25.50", "25.50"), (" 25,5 usd ", "25.50"), ("1", "1.00"), ("1000 $", "1000.00")],
)
async def test_given_a_written_amount_when_read_then_there_is_a_link_for_it(text: str, amount: str) -> None:
    made = shop()
    ann = await (await at_the_till(made)).says(text)

    assert (await a_link_of(ann)).amount == usd(amount)


@pytest.mark.parametrize(
    "text",
    [
        "0.99", "1000.01", "0", "-5", "1e30", "1E3", "25.505", "9999999", "99999999999", "a lot", "💰",
        "２５", "nan", "inf", "25 eur", "", "$", "2 5",
    ],
)  # fmt: skip
async def test_given_a_written_amount_that_is_none_when_read_then_it_is_asked_for_again_and_nothing_kept(
    text: str,
) -> None:
    made = shop()
    ann = await (await at_the_till(made)).says(text)

    assert (ann.screen, ann.note) == (sc.TopUpAmounts(None), "topup_amount")
    assert (made.payments.created.total(), await made.invoices.of_user(ANN, made.policy.mode)) == (0, [])


async def test_given_a_whole_order_when_pasted_instead_of_an_amount_then_it_is_taken_as_an_order() -> None:
    made = shop()
    ann = await (await at_the_till(made)).says(A_WHOLE_ORDER)

    assert isinstance(ann.screen, sc.RateList)


@pytest.mark.parametrize("minor", [0, -1, 99, 100_001, LIMIT_MINOR, LIMIT_MINOR + 1, 10**30], ids=str)
async def test_given_a_forged_amount_button_when_tapped_then_nothing_is_kept_and_no_link_made(
    minor: int,
) -> None:
    made = shop()
    ann = await (await at_the_till(made)).taps(ev.AmountChosen(minor))

    assert (ann.screen, ann.note in {"topup_amount", "stale"}) == (sc.TopUpAmounts(None), True)
    assert (made.payments.created.total(), await made.invoices.of_user(ANN, made.policy.mode)) == (0, [])


@pytest.mark.parametrize("minor", [-(10**30), LIMIT_MINOR + 1, 10**30], ids=str)
async def test_given_an_amount_no_store_could_hold_when_tapped_then_it_never_enters_the_session(
    minor: int,
) -> None:
    ann = await at_the_till(shop())
    steps = await ann.steps()
    await ann.taps(ev.AmountChosen(minor))

    assert (ann.note, await ann.steps()) == ("stale", steps + 1)


async def test_given_three_open_invoices_when_a_fourth_is_wanted_then_it_is_refused_until_one_is_over() -> (
    None
):
    made = shop()
    for _ in range(3):
        ann, _track = await paying(made)
    await at_the_till(made)
    await ann.taps(ev.AmountChosen(2_500))
    refused = (type(ann.screen), ann.card.note)
    made.clock.advance(minutes(60))
    await at_the_till(made)
    await ann.taps(ev.AmountChosen(2_500))

    assert refused == (sc.TopUpAmounts, sc.Note("topup_many", {"detail": "3"}))
    assert isinstance(ann.screen, sc.PaymentLink)


async def test_given_a_paid_invoice_when_another_is_wanted_then_it_does_not_count_as_open() -> None:
    made = shop(open_invoices=1)
    ann, track = await paying(made)
    await landed(made, track)
    await at_the_till(made)
    await ann.taps(ev.AmountChosen(2_500))

    assert isinstance(ann.screen, sc.PaymentLink)


@pytest.mark.parametrize(
    ("error", "alarmed"),
    [
        (GatewayUnavailable("create"), False),
        (OutcomeUnknown("create"), False),
        (GatewayRefused("create", code="unauthorized"), True),
    ],
    ids=["away", "unanswered", "refused"],
)
async def test_given_a_gateway_that_makes_no_link_when_wanted_then_it_is_said_and_can_be_tried_again(
    error: Exception, alarmed: bool
) -> None:
    made = shop()
    ann = await at_the_till(made)
    made.payments.accidents["create"].append(error)
    await ann.taps(ev.AmountChosen(2_500))
    away = (ann.screen, ann.note)
    await ann.taps(ev.AmountChosen(2_500))

    assert away == (sc.TopUpAmounts(None), "payments_away")
    assert isinstance(ann.screen, sc.PaymentLink)
    assert made.notifier.alarms == ([error] if alarmed else [])


async def test_given_a_store_that_will_not_commit_when_a_link_is_wanted_then_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await at_the_till(made)

    async def lost(*_: object) -> None:
        raise Conflict("invoice", "inv_1")

    with monkeypatch.context() as race:
        race.setattr(type(made.work), "run", lost)
        await ann.taps(ev.AmountChosen(2_500))

    assert ann.note == "payments_away"


@pytest.mark.parametrize(
    ("status", "note"), [(P.WAITING, "not_paid_yet"), (P.PAYING, "payment_seen"), (None, "payments_away")]
)
async def test_given_a_link_when_i_have_paid_is_tapped_too_early_then_it_is_said_how_far_it_is(
    status: PaymentStatus | None, note: str
) -> None:
    made = shop()
    ann, track = await paying(made)
    link = ann.screen
    if status is None:
        made.payments.accidents["inquire"].append(GatewayUnavailable("inquire"))
    else:
        made.payments.say(track, status)
    await ann.taps(ev.PaidSaid())

    assert (ann.screen, ann.note) == (link, note)


async def test_given_a_paid_link_when_i_have_paid_is_tapped_then_the_money_is_there() -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying(made)
    made.payments.pay(track)
    await ann.taps(ev.PaidSaid())

    assert (type(ann.screen), ann.note) == (sc.Menu, "paid")
    assert (await ann.balance()).available == usd("25.00")
    assert ann.remarks == ["credited"]


async def test_given_two_taps_on_i_have_paid_when_both_come_then_the_second_is_stale() -> None:
    made = shop()
    ann, _ = await paying(made)
    version = ann.card.facts.version
    await asyncio.gather(*(made.converse.tap(ANN, ev.PaidSaid(), version) for _ in range(2)))
    await made.quiet()

    assert made.payments.asked["inquire"] == 1


async def test_given_two_taps_on_an_amount_when_both_come_then_one_link_is_made() -> None:
    made = shop()
    ann = await at_the_till(made)
    version = ann.card.facts.version
    await asyncio.gather(*(made.converse.tap(ANN, ev.AmountChosen(2_500), version) for _ in range(3)))
    await made.quiet()

    assert isinstance(ann.screen, sc.PaymentLink)
    assert made.payments.created.total() == 1


async def test_given_an_old_amount_button_when_tapped_later_then_the_present_card_is_shown() -> None:
    made = shop()
    ann = await at_the_till(made)
    version = ann.card.facts.version
    await ann.does(ev.Started())
    await ann.taps(ev.AmountChosen(2_500), version=version)

    assert (type(ann.screen), ann.note, made.payments.created.total()) == (sc.Menu, "stale", 0)


@pytest.mark.parametrize("event", [ev.SteppedBack(), ev.CancelAsked()], ids=lambda e: type(e).__name__)
async def test_given_a_link_when_it_is_left_then_the_menu_is_there_and_it_can_still_be_paid(
    event: ev.Customer,
) -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying(made)
    await ann.taps(event)
    menu = ann.screen
    await landed(made, track)

    assert (type(menu), ann.screen) == (sc.Menu, menu)
    assert (ann.remarks, (await ann.balance()).available) == (["credited"], usd("25.00"))


async def test_given_a_link_when_something_is_written_then_an_order_begins_and_anything_else_waits() -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying(made)
    await ann.says("thanks!")
    waits = (type(ann.screen), ann.note)
    await ann.says(A_WHOLE_ORDER)
    await landed(made, track)

    assert waits == (sc.PaymentLink, "choose_first")
    assert isinstance(ann.screen, sc.RateList)
    assert ann.remarks == ["credited"]


# A purchase that waits for the money.


@pytest.mark.parametrize(("has", "asked"), [("0", PRICE), ("5.00", usd("4.12")), ("9.00", usd("1.00"))])
async def test_given_too_little_when_topped_up_for_it_then_exactly_what_is_missing_but_the_least_is_asked(
    has: str, asked: object
) -> None:
    made = shop(welcome_credit=has)
    ann, _ = await paying_for_it(made)
    offered = ann.shop.notifier.shown[-3].facts.to_top_up
    link = await a_link_of(ann)

    assert (link.amount, offered, link.price) == (asked, asked, PRICE)


async def test_given_a_shortfall_that_is_paid_when_it_lands_then_the_order_goes_on_by_itself() -> None:
    made = shop(welcome_credit="5.00")
    ann, track = await paying_for_it(made)
    invoice = await made.invoices.by_track_id(track, made.policy.mode)
    await landed(made, track)
    (order,) = ann.labels

    assert isinstance(ann.screen, sc.Purchased)
    assert (order.charged, (await ann.balance()).posted) == (PRICE, usd("0"))
    assert invoice is not None
    assert invoice.for_order == order.order_id


async def test_given_the_money_came_otherwise_when_topped_up_for_a_purchase_then_it_is_made_at_once() -> None:
    made = shop(welcome_credit="5.00")
    ann = await short_of_money(made)
    await made.top_up("20.00")
    await ann.taps(ev.TopUpAndBuy(ann.confirmation.order_id))

    assert isinstance(ann.screen, sc.Purchased)
    assert made.payments.created.total() == 0


async def test_given_two_taps_on_top_up_and_buy_when_both_come_then_one_link_and_one_order_are_made() -> None:
    made = shop(welcome_credit="0")
    ann = await short_of_money(made)
    tap, version = ev.TopUpAndBuy(ann.confirmation.order_id), ann.card.facts.version
    await asyncio.gather(*(made.converse.tap(ANN, tap, version) for _ in range(2)))
    await made.quiet()
    await landed(made, made.payments.track_ids[0])

    assert (made.payments.created.total(), len(await ann.all_orders())) == (1, 1)


async def test_given_a_forged_order_when_topped_up_for_it_then_no_link_is_made() -> None:
    made = shop(welcome_credit="0")
    ann = await short_of_money(made)
    await ann.taps(ev.TopUpAndBuy(OrderId("ord_forged")))

    assert (ann.note, made.payments.created.total()) == ("stale", 0)


async def test_given_a_price_above_all_limits_when_topped_up_for_it_then_it_is_said() -> None:
    made = shop(welcome_credit="0", topup_most=usd("5.00"))
    ann = await short_of_money(made)
    await ann.taps(ev.TopUpAndBuy(ann.confirmation.order_id))

    assert ann.card.note == sc.Note("topup_amount", {"detail": "", "from": "1.00 USD", "to": "5.00 USD"})
    assert ann.screen == sc.TopUpAmounts(PRICE)


async def test_given_another_amount_when_it_is_paid_for_a_purchase_then_that_goes_on_too() -> None:
    made = shop(welcome_credit="0")
    ann = await short_of_money(made)
    await ann.taps(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(2_500))
    await landed(made, made.payments.track_ids[-1])

    assert isinstance(ann.screen, sc.Purchased)
    assert (await ann.balance()).available == usd("25.00") - PRICE


async def test_given_less_than_the_price_when_it_lands_then_nothing_is_bought_and_the_rest_is_asked_for() -> (
    None
):
    made = shop(welcome_credit="0")
    ann = await short_of_money(made)
    await ann.taps(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(500))
    await landed(made, made.payments.track_ids[-1])

    assert (type(ann.screen), ann.note) == (sc.ConfirmPurchase, "funds")
    assert ann.card.facts.to_top_up == PRICE - usd("5.00")
    assert made.shipping.purchases.total() == 0


async def late(made: Shop, dearer: int = 0) -> Customer:
    """Ann pays for a purchase after its quote has expired."""
    ann, track = await paying_for_it(made)
    made.clock.advance(minutes(31))
    made.shipping.dearer_cents = dearer
    await landed(made, track)
    return ann


@pytest.mark.parametrize("dearer", [0, -100], ids=["the same", "lower"])
async def test_given_money_after_the_quote_expired_when_the_price_is_the_same_or_lower_then_it_is_bought(
    dearer: int,
) -> None:
    made = shop(welcome_credit="0")
    ann = await late(made, dearer)
    (order,) = ann.labels

    assert isinstance(ann.screen, sc.Purchased)
    assert (order.charged, order.state) == (PRICE + usd(str(dearer / 100)), OrderState.PURCHASED)


async def test_given_money_after_the_quote_expired_when_the_price_is_higher_then_it_is_asked_again() -> None:
    made = shop(welcome_credit="0")
    ann = await late(made, 100)

    assert isinstance(ann.screen, sc.RateList)
    assert ann.card.note == sc.Note("price_changed", {"was": str(PRICE), "now": str(PRICE + usd("1.00"))})
    assert (ann.labels, (await ann.balance()).available) == ([], PRICE)


async def test_given_money_after_the_quote_expired_when_an_address_is_doubted_then_that_is_asked() -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying_for_it(made)
    made.clock.advance(minutes(31))
    made.shipping.suggestions["123 Main St"] = a_recipient(street1="123 N Main St")
    await landed(made, track)

    assert (type(ann.screen), ann.note, ann.labels) == (sc.RateList, "price_same", [])


async def test_given_money_after_the_quote_expired_when_the_service_is_gone_then_it_is_asked_again() -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying_for_it(made)
    made.clock.advance(minutes(31))
    made.gate.pause("usps", made.clock.now() + minutes(60))
    await landed(made, track)

    assert (type(ann.screen), ann.note, ann.labels) == (sc.RateList, "service_gone", [])


@pytest.mark.parametrize(
    "event", [ev.Started(), ev.NewOrder(), ev.SteppedBack(), ev.TopUpAsked()], ids=lambda e: type(e).__name__
)
async def test_given_a_customer_who_has_gone_on_when_the_money_lands_then_a_letter_says_so_and_no_more(
    event: ev.Customer,
) -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying_for_it(made)
    await ann.taps(event)
    card = ann.screen
    await landed(made, track)

    assert (ann.screen, ann.remarks, ann.labels) == (card, ["credited"], [])
    assert (await ann.balance()).available == PRICE


async def test_given_a_purchase_that_waits_when_stepped_back_from_its_link_then_it_is_as_it_was() -> None:
    made = shop(welcome_credit="0")
    ann = await short_of_money(made)
    shown = ann.confirmation
    await ann.taps(ev.TopUpAndBuy(shown.order_id))
    await ann.says(A_WHOLE_ORDER)
    note = ann.note
    await ann.taps(ev.SteppedBack())

    assert (note, ann.confirmation) == ("choose_first", shown)


@pytest.mark.parametrize("goes_on", [False, True])
async def test_given_a_purchase_that_waits_when_cancelled_then_it_is_asked_about_first(goes_on: bool) -> None:
    made = shop(welcome_credit="0")
    ann, _ = await paying_for_it(made)
    await ann.taps(ev.CancelAsked())
    asked = ann.screen
    await ann.taps(ev.CancelDenied() if goes_on else ev.CancelConfirmed())

    assert isinstance(asked, sc.ConfirmCancel)
    assert type(ann.screen) is (sc.ConfirmPurchase if goes_on else sc.Menu)


async def test_given_an_hour_of_silence_when_the_money_lands_then_it_is_told_and_nothing_is_bought() -> None:
    made = shop(welcome_credit="0")
    ann, track = await paying_for_it(made)
    made.clock.advance(SESSION_TTL)
    await landed(made, track)

    assert (ann.remarks, ann.labels) == (["credited"], [])


# Crashes, and answers that come late.


async def crashed(made: Shop, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """The wish for a link was stored, and the process died."""
    ann = await short_of_money(made)
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await ann.taps(ev.TopUpAndBuy(ann.confirmation.order_id))
    assert isinstance(await ann.state(), st.Invoicing)
    return ann


async def test_given_a_crash_before_the_link_when_sessions_are_resumed_then_it_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0")
    ann = await crashed(made, monkeypatch)
    early = await made.resume()
    made.clock.advance(minutes(2.1))
    resumed = await made.resume()
    await made.quiet()

    assert (early, resumed) == (0, 1)
    assert (await a_link_of(ann)).amount == PRICE
    assert await made.resume() == 0
    assert made.payments.created.total() == 1


async def test_given_a_crash_after_the_link_when_sessions_are_resumed_then_it_is_the_same_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0")
    ann = await crashed(made, monkeypatch)
    state = await ann.state()
    assert isinstance(state, st.Invoicing)
    await made.top_up_by_link(ANN, state.invoice_id, PRICE)
    made.clock.advance(minutes(2.1))
    await made.resume()
    await made.quiet()

    assert (await a_link_of(ann)).url.endswith(made.payments.track_ids[0])
    assert made.payments.created.total() == 1


async def test_given_a_crash_and_a_paid_link_when_sessions_are_resumed_then_the_order_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0")
    ann = await crashed(made, monkeypatch)
    state = await ann.state()
    assert isinstance(state, st.Invoicing)
    await made.top_up_by_link(ANN, state.invoice_id, PRICE)
    made.payments.pay(made.payments.track_ids[0])
    await made.settle_invoice(made.payments.track_ids[0], made.policy.mode)
    made.clock.advance(minutes(2.1))
    await made.resume()
    await made.quiet()

    assert isinstance(ann.screen, sc.Purchased)


async def test_given_a_crash_and_a_paid_amount_when_sessions_are_resumed_then_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0")
    ann = await at_the_till(made)
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await ann.taps(ev.AmountChosen(2_500))
    state = await ann.state()
    assert isinstance(state, st.Invoicing)
    await made.top_up_by_link(ANN, state.invoice_id, usd("25.00"))
    made.payments.pay(made.payments.track_ids[0])
    await made.settle_invoice(made.payments.track_ids[0], made.policy.mode)
    made.clock.advance(minutes(2.1))
    await made.resume()
    await made.quiet()

    assert (type(ann.screen), ann.note, ann.remarks) == (sc.Menu, "paid", ["credited"])


async def test_given_a_link_that_was_lost_when_found_without_its_page_then_it_is_said_to_be_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop(welcome_credit="0")
    ann = await crashed(made, monkeypatch)
    state = await ann.state()
    assert isinstance(state, st.Invoicing)
    made.payments.accidents["create"].append(OutcomeUnknown("create"))
    with pytest.raises(OutcomeUnknown):
        await made.top_up_by_link(ANN, state.invoice_id, PRICE)
    made.clock.advance(minutes(2.1))
    await made.resume()
    await made.quiet()

    assert (ann.screen, ann.note) == (sc.TopUpAmounts(PRICE), "payments_away")


@pytest.mark.parametrize("minor", [2_500, None], ids=["an amount", "a shortfall"])
async def test_given_a_shop_without_a_gateway_when_money_is_to_come_in_then_it_is_said_to_be_away(
    minor: int | None,
) -> None:
    made = shop(welcome_credit="0")
    made.facts = evolve(made.facts, payments=None)
    perform = evolve(made.converse.perform, top_up=None, sweep=None)
    made.converse = evolve(made.converse, perform=perform, facts=made.facts)
    ann = await short_of_money(made)
    if minor is None:
        await ann.taps(ev.TopUpAndBuy(ann.confirmation.order_id))
    else:
        await ann.taps(ev.TopUpAsked())
        await ann.taps(ev.AmountChosen(minor))

    assert (type(ann.screen), ann.note) == (sc.TopUpAmounts, "payments_away")
    assert (ann.card.facts.can_top_up, ann.card.facts.coins) == (False, ())
    asked = await perform(ANN, AskPayment(InvoiceId("inv_1")))
    assert asked == ev.PaymentAwaited(InvoiceId("inv_1"), away=True)


async def test_given_an_answer_for_another_invoice_when_it_comes_then_it_has_no_place() -> None:
    made = shop()
    ann, _ = await paying(made)
    before = await ann.session()
    invoice = await made.top_up_by_link(ANN, InvoiceId("inv_other"), usd("5.00"))

    assert not await made.converse.paid(invoice)
    assert await ann.session() == before
    assert invoice.state is InvoiceState.WAITING
