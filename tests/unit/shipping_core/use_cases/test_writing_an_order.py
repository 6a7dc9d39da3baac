"""From the first message to the prices."""

from __future__ import annotations

import pytest

from a_shop import shop
from builders import A_WHOLE_ORDER, WRITTEN, a_draft, a_recipient, as_text
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.domain.address_check import Verdict
from shipping_core.domain.draft import STEPS, Field, Side, Trouble
from shipping_core.domain.ids import RateId
from shipping_core.errors import GatewayRefused, GatewayUnavailable

PARCEL = as_text({f: v for f, v in WRITTEN.items() if f.part == "parcel"})
SENDER = as_text({f: v for f, v in WRITTEN.items() if f.part == "from"})
RECIPIENT = as_text({f: v for f, v in WRITTEN.items() if f.part == "to"})


async def test_given_a_stranger_when_greeted_then_the_menu_shows_the_live_balance() -> None:
    ann = await shop(welcome_credit="25.00").customer().does(ev.Started())

    assert ann.screen == sc.Menu(has_draft=False)
    assert ann.card.facts.balance == await ann.balance()
    assert str((await ann.balance()).available) == "25.00 USD"


async def test_given_one_pasted_message_when_it_says_everything_then_prices_of_several_carriers_come() -> (
    None
):
    ann = await shop().customer().says(A_WHOLE_ORDER)

    assert [r.carrier for r in ann.prices.rates] == ["USPS", "UPS", "FedEx"]
    assert ann.card.facts.balance is not None
    assert ann.prices.problems == ()


async def test_given_a_text_that_says_nothing_when_idle_then_the_menu_stays_with_a_word() -> None:
    ann = await shop().customer().says("hello")

    assert (ann.screen, ann.note) == (sc.Menu(has_draft=False), "nothing_found")


async def test_given_three_messages_when_each_fills_some_fields_then_the_card_asks_for_the_rest() -> None:
    ann = await shop().customer().does(ev.NewOrder())
    await ann.says(PARCEL)
    assert isinstance(ann.screen, sc.OrderCard)
    asked_first = ann.screen.asking
    await ann.says(SENDER)
    await ann.says("mumble")
    unread = ann.note
    await ann.says(RECIPIENT)

    assert {f.part for f in asked_first} == {"from", "to"}
    assert unread == "nothing_found"
    assert len(ann.prices.rates) == 3


async def test_given_two_zips_and_a_weight_when_the_order_is_not_whole_then_rough_prices_are_shown() -> None:
    few = {f: WRITTEN[f] for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)}
    ann = await shop().customer().says(as_text(few))
    assert isinstance(ann.screen, sc.OrderCard)
    rough = ann.screen.estimate
    await ann.says(as_text({Field.TO_NAME: "John Smith"}))
    assert isinstance(ann.screen, sc.OrderCard)

    assert len(rough) == 3
    assert ann.screen.estimate == rough


@pytest.mark.parametrize("error", [GatewayUnavailable("estimate"), GatewayRefused("estimate")])
async def test_given_carriers_that_do_not_answer_when_estimating_then_the_card_goes_on_without(
    error: Exception,
) -> None:
    made = shop()
    made.shipping.errors["estimate"] = [error]
    few = {f: WRITTEN[f] for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)}
    ann = await made.customer().says(as_text(few))

    assert isinstance(ann.screen, sc.OrderCard)
    assert ann.screen.estimate == ()


async def test_given_an_unknown_zip_when_an_estimate_would_be_possible_then_there_is_none() -> None:
    few = {Field.FROM_ZIP: "94117", Field.TO_ZIP: "00001", Field.WEIGHT: "35 oz"}
    ann = await shop().customer().says(as_text(few))

    assert isinstance(ann.screen, sc.OrderCard)
    assert ann.screen.estimate == ()
    assert [p.trouble for p in ann.screen.problems] == [Trouble.ZIP_UNKNOWN]


async def test_given_a_zip_of_another_state_when_all_is_written_then_no_carrier_is_asked_until_mended() -> (
    None
):
    ann = await shop().customer().says(as_text({**WRITTEN, Field.TO_STATE: "NY"}))
    assert isinstance(ann.screen, sc.OrderCard)
    blocked = ann.screen
    await ann.taps(ev.PricesAsked())
    still = ann.screen
    await ann.taps(ev.FieldEdited(Field.TO_STATE))
    await ann.says("CA")

    assert [p.hint for p in blocked.problems] == ["CA"]
    assert still == blocked
    assert len(ann.prices.rates) == 3


async def test_given_guided_writing_when_every_step_is_answered_then_eighteen_steps_are_counted() -> None:
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    numbers = []
    for which in STEPS:
        assert isinstance(ann.screen, sc.AskField)
        assert ann.screen.field is which
        numbers.append((ann.screen.number, ann.screen.total))
        await (ann.taps(ev.FieldSkipped()) if which.optional else ann.says(WRITTEN[which]))
    assert isinstance(ann.screen, sc.Review)
    await ann.taps(ev.PricesAsked())

    assert numbers == [(n, 18) for n in range(1, 19)]
    assert len(ann.prices.rates) == 3


async def test_given_a_guided_step_when_going_back_then_the_last_answer_is_shown_and_can_be_replaced() -> (
    None
):
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    await ann.says("Jane Doh")
    await ann.taps(ev.SteppedBack())
    assert isinstance(ann.screen, sc.AskField)
    shown = ann.screen
    await ann.says("Jane Doe")

    assert (shown.field, shown.current, shown.number) == (Field.FROM_NAME, "Jane Doh", 1)
    assert (await ann.session()).draft.get(Field.FROM_NAME) == "Jane Doe"
    assert isinstance(await ann.state(), st.Guided)


async def test_given_the_first_step_when_going_back_then_the_menu_is_there_and_the_draft_stays() -> None:
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    await ann.says("Jane Doe")
    await ann.taps(ev.SteppedBack())
    await ann.taps(ev.SteppedBack())

    assert ann.screen == sc.Menu(has_draft=True)


async def test_given_a_required_step_when_skipped_then_nothing_moves() -> None:
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    before = await ann.state()
    await ann.taps(ev.FieldSkipped())

    assert (await ann.state(), ann.note) == (before, "stale")


async def test_given_an_unusable_answer_when_a_step_asks_then_it_says_why_and_asks_again() -> None:
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    await ann.says(" ")

    assert isinstance(ann.screen, sc.AskField)
    assert (ann.screen.number, ann.note) == (1, "reason:empty")


async def test_given_a_guided_step_when_a_whole_address_is_pasted_then_all_of_it_is_taken() -> None:
    ann = await shop().customer().does(ev.NewOrder(guided=True))
    await ann.says(SENDER)
    assert isinstance(ann.screen, sc.AskField)

    assert ann.screen.field is Field.FROM_STREET2
    assert (await ann.session()).draft.get(Field.FROM_ZIP) == "94117"


async def test_given_an_open_card_when_guided_is_chosen_then_only_the_unanswered_steps_are_asked() -> None:
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.NewOrder(guided=True))
    assert isinstance(ann.screen, sc.AskField)

    assert (ann.screen.field, (await ann.session()).draft.get(Field.WEIGHT)) == (Field.FROM_NAME, "35 oz")


async def test_given_prices_when_a_part_is_written_again_then_new_prices_come_for_it() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    before = ann.prices.rates[0]
    await ann.taps(ev.PartEdited("parcel"))
    asked = ann.screen
    await ann.says("from.zip: 10001")
    ignored = ann.note
    await ann.says("parcel.weight: 80 oz")

    assert asked == sc.AskPart("parcel", a_draft())
    assert ignored == "nothing_found"
    assert ann.prices.rates[0].price > before.price


async def test_given_a_field_to_fix_when_answered_badly_skipped_or_left_then_each_has_its_way() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    await ann.taps(ev.FieldEdited(Field.TO_PHONE))
    await ann.says("  ")
    why = ann.note
    await ann.taps(ev.FieldSkipped())
    skipped = ann.prices
    await ann.taps(ev.FieldEdited(Field.TO_NAME))
    assert isinstance(ann.screen, sc.AskField)
    outside = (ann.screen.number, ann.screen.current)
    await ann.taps(ev.FieldSkipped())
    refused = ann.note
    await ann.taps(ev.SteppedBack())

    assert (why, refused) == ("reason:empty", "stale")
    assert outside == (0, "John Smith")
    assert len(skipped.rates) == len(ann.prices.rates) == 3


async def test_given_a_doubted_address_when_a_price_is_tapped_then_a_decision_is_asked_for_first() -> None:
    made = shop()
    made.shipping.suggestions["123 Main St"] = a_recipient(street1="123 N Main St", street2="")
    ann = await made.customer().says(A_WHOLE_ORDER)
    doubts = ann.prices.doubts
    await ann.chooses()

    assert doubts[Side.TO].verdict is Verdict.SUGGESTION
    assert ann.note == "decide_address"
    assert isinstance(await ann.state(), st.ChoosingRate)


async def test_given_a_suggestion_when_used_then_the_address_is_the_carriers_and_prices_are_asked_again() -> (
    None
):
    made = shop()
    better = a_recipient(street1="123 N Main St", street2="", postal_code="90012-1234")
    made.shipping.suggestions["123 Main St"] = better
    ann = await made.customer().says(A_WHOLE_ORDER)
    first = ann.prices
    await ann.taps(ev.SuggestionUsed(Side.TO))
    await ann.chooses()
    await ann.buys()
    (order,) = await ann.all_orders()

    assert first.rates[0].rate_id != order.rate.rate_id
    assert (order.shipment.recipient.street1, order.shipment.recipient.postal_code) == (
        "123 N Main St",
        "90012-1234",
    )
    assert order.kept_as_entered == ()


async def test_given_a_suggestion_when_kept_as_entered_then_the_consent_stands_on_the_order() -> None:
    made = shop()
    made.shipping.suggestions["123 Main St"] = a_recipient(street1="123 N Main St")
    ann = await made.customer().says(A_WHOLE_ORDER)
    await ann.taps(ev.AddressKept(Side.TO))
    await ann.taps(ev.AddressKept(Side.TO))
    twice = ann.note
    await ann.chooses()
    kept = ann.confirmation.kept
    await ann.buys()
    (order,) = await ann.all_orders()

    assert (twice, kept) == ("stale", frozenset({Side.TO}))
    assert order.kept_as_entered == ("to",)
    assert order.shipment.recipient.street1 == "123 Main St"


async def test_given_no_suggestion_when_one_is_used_then_nothing_moves() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    await ann.taps(ev.SuggestionUsed(Side.TO))

    assert (ann.note, len(ann.prices.rates)) == ("stale", 3)


async def test_given_an_address_check_that_fails_when_pricing_then_the_prices_come_all_the_same() -> None:
    made = shop()
    made.shipping.errors["check_address"] = [GatewayUnavailable("check"), GatewayRefused("check")]
    ann = await made.customer().says(A_WHOLE_ORDER)

    assert len(ann.prices.rates) == 3
    assert ann.prices.doubts == {}


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (GatewayRefused("rates", "too heavy", code="weight"), "refused"),
        (GatewayUnavailable("rates", "down"), "unavailable"),
    ],
    ids=["refused", "unavailable"],
)
async def test_given_carriers_that_name_no_price_when_asked_then_the_order_can_be_looked_over_and_asked_again(
    error: Exception, word: str
) -> None:
    made = shop()
    made.shipping.errors["rates"] = [error]
    ann = await made.customer().says(A_WHOLE_ORDER)
    said = (type(ann.screen), ann.note)
    await ann.taps(ev.PricesAsked())

    assert said == (sc.Review, word)
    assert len(ann.prices.rates) == 3


async def test_given_no_carrier_that_takes_it_when_asked_then_the_reasons_are_told() -> None:
    made = shop()
    made.shipping.offers = 0
    ann = await made.customer().says(A_WHOLE_ORDER)

    assert (type(ann.screen), ann.note) == (sc.Review, "no_rates")
    assert ann.card.note is not None
    assert ann.card.note.facts["detail"] == "USPS: no service"


async def test_given_a_field_that_no_carrier_can_use_when_asked_then_it_is_named() -> None:
    ann = await shop().customer().says(as_text({**WRITTEN, Field.WEIGHT: "heavy"}))

    assert isinstance(ann.screen, sc.AskField)
    assert (ann.screen.field, ann.note) == (Field.WEIGHT, "bad_field")
    assert ann.card.note is not None
    assert ann.card.note.facts["detail"] == "parcel.weight"


async def test_given_more_prices_than_fit_when_more_is_tapped_then_all_are_shown_and_hidden_again() -> None:
    made = shop()
    made.shipping.offers = 6
    ann = await made.customer().says(A_WHOLE_ORDER)
    few = ann.prices
    await ann.taps(ev.MoreAsked())
    every = ann.prices
    await ann.taps(ev.MoreAsked())

    assert (len(few.rates) + few.hidden, few.hidden > 0) == (6, True)
    assert (len(every.rates), every.hidden) == (6, 0)
    assert ann.prices == few


async def test_given_a_chosen_price_when_going_back_or_asking_for_more_then_the_list_is_there() -> None:
    ann = await shop().customer().orders()
    await ann.taps(ev.SteppedBack())
    back = ann.prices
    await ann.chooses(1)
    second = ann.confirmation.rate
    await ann.taps(ev.MoreAsked())

    assert second == back.rates[1]
    assert len(ann.prices.rates) == 3


async def test_given_a_rate_nobody_offered_when_tapped_then_nothing_moves() -> None:
    ann = await shop().customer().says(A_WHOLE_ORDER)
    await ann.taps(ev.RateChosen(RateId("forged")))

    assert (ann.note, type(await ann.state())) == ("stale", st.ChoosingRate)


async def test_given_an_order_in_progress_when_cancelled_and_confirmed_then_the_draft_is_gone() -> None:
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.CancelAsked())
    asked = ann.screen
    await ann.says("wait")
    reminded = ann.note
    await ann.does(ev.CancelAsked())
    await ann.taps(ev.CancelConfirmed())

    assert isinstance(asked, sc.ConfirmCancel)
    assert (reminded, ann.note) == ("choose_first", "cancelled")
    assert ann.screen == sc.Menu(has_draft=False)


async def test_given_a_cancellation_when_denied_then_the_place_is_the_same_and_prices_are_asked_again() -> (
    None
):
    made = shop()
    ann = await made.customer().orders()
    before = await ann.state()
    await ann.does(ev.CancelAsked())
    await ann.taps(ev.CancelDenied())

    assert await ann.state() == before


async def test_given_nothing_to_cancel_when_cancelled_then_it_says_so() -> None:
    ann = await shop().customer().does(ev.CancelAsked())

    assert (ann.screen, ann.note) == (sc.Menu(has_draft=False), "nothing_to_cancel")


async def test_given_a_resting_draft_when_cancelled_from_the_menu_then_it_is_asked_about() -> None:
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.Started())
    await ann.does(ev.CancelAsked())

    assert isinstance(ann.screen, sc.ConfirmCancel)


async def test_given_a_sticker_when_sent_then_the_card_is_shown_again_with_a_word() -> None:
    ann = await shop().customer().says(PARCEL)
    before = ann.screen
    await ann.does(ev.NotText("sticker"))

    assert (ann.screen, ann.note) == (before, "not_text")


async def test_given_a_language_when_chosen_then_every_later_card_is_in_it() -> None:
    ann = await shop().customer().does(ev.LanguageChosen("ru"))
    await ann.says(PARCEL)

    assert ann.card.facts.language == "ru"


async def test_given_an_unfinished_order_when_something_new_is_pasted_then_the_customer_is_asked_which() -> (
    None
):
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.Started())
    await ann.says(SENDER)
    asked = ann.screen
    await ann.says(as_text({Field.TO_NAME: "John Smith"}))
    reminded = ann.note
    await ann.taps(ev.DraftContinued())
    draft = (await ann.session()).draft

    assert isinstance(asked, sc.ResumeOrNew)
    assert reminded == "choose_first"
    assert [draft.get(f) for f in (Field.WEIGHT, Field.FROM_ZIP, Field.TO_NAME)] == [
        "35 oz",
        "94117",
        "John Smith",
    ]


async def test_given_an_unfinished_order_when_dropped_then_only_the_new_is_kept() -> None:
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.Started())
    await ann.says(SENDER)
    await ann.taps(ev.DraftDropped())
    draft = (await ann.session()).draft

    assert (draft.get(Field.WEIGHT), draft.get(Field.FROM_ZIP)) == ("", "94117")


@pytest.mark.parametrize(("guided", "screen"), [(True, sc.AskField), (False, sc.OrderCard)])
async def test_given_an_unfinished_order_when_a_new_one_is_wanted_then_it_begins_as_it_was_wanted(
    guided: bool, screen: type
) -> None:
    ann = await shop().customer().says(PARCEL)
    await ann.does(ev.Started())
    await ann.does(ev.NewOrder(guided=guided))
    asked = ann.screen
    await ann.taps(ev.DraftDropped())

    assert isinstance(asked, sc.ResumeOrNew)
    assert isinstance(ann.screen, screen)


async def test_given_an_empty_menu_when_an_old_order_is_continued_then_there_is_none() -> None:
    ann = await shop().customer().does(ev.Started())
    await ann.taps(ev.DraftContinued())
    none = ann.note
    await ann.taps(ev.DraftDropped())

    assert none == "stale"
    assert isinstance(ann.screen, sc.OrderCard)


async def test_given_an_offered_answer_when_picked_then_it_counts_as_written() -> None:
    made = shop()
    ann = await made.customer().does(ev.NewOrder(guided=True))
    await made.converse.pick(ann.user_id, "Jane Doe", ann.card.facts.version)
    picked = (await ann.session()).draft.get(Field.FROM_NAME)
    await made.converse.pick(ann.user_id, "Somebody Else", ann.card.facts.version - 1)

    assert picked == (await ann.session()).draft.get(Field.FROM_NAME) == "Jane Doe"
    assert ann.note == "stale"


async def test_given_carriers_that_want_a_phone_when_there_is_none_then_it_is_asked_for_first() -> None:
    made = shop()
    made.shipping.wants_phone = True
    ann = await made.customer().says(A_WHOLE_ORDER)
    note = ann.card.note
    await ann.taps(ev.FieldEdited(Field.FROM_PHONE))
    await ann.says("+14155550134")

    assert note == sc.Note("bad_field", {"detail": "from.phone"})
    assert len(ann.prices.rates) == 3
