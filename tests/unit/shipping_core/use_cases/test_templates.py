"""Templates: kept from an order or written, used, changed field by field, and nobody else's."""

from __future__ import annotations

import pytest
from attrs import evolve

from a_shop import Customer, Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB, WRITTEN, a_draft, as_text
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.domain.desk import MOST_KEPT, Template
from shipping_core.domain.draft import Draft, Field
from shipping_core.errors import InvalidInput, NotFound, TooMany


async def a_template(made: Shop, name: str = "Mum", customer: Customer | None = None) -> Template:
    """A template of a bought order, under this name."""
    ann = customer or made.customer()
    kept = await made.desk.templates.from_order(ann.user_id, (await ann.bought()).order_id)
    return await made.desk.templates.rename(ann.user_id, kept.template_id, name)


async def use(made: Shop, kept: Template) -> Customer:
    """Tap a template."""
    ann = made.customer(kept.user_id)
    await made.converse.write(kept.user_id, kept.draft, kept.carrier_code, kept.service_code)
    await made.quiet()
    return ann


async def test_given_a_bought_order_when_saved_twice_then_one_template_has_its_draft_and_its_service() -> (
    None
):
    made = shop()
    order = await made.customer().bought()
    kept = await made.desk.templates.from_order(ANN, order.order_id)
    again = await made.desk.templates.from_order(ANN, order.order_id)

    assert kept == again
    assert await made.desk.templates.own.all(ANN) == [kept]
    assert kept.name == "John Smith"
    assert {f: kept.draft.get(f) for f in WRITTEN} == WRITTEN
    assert (kept.carrier_code, kept.service_code) == (order.rate.carrier_code, order.rate.service_code)
    assert kept.service == order.rate.full_name == "USPS Ground Advantage"


async def test_given_a_template_with_a_service_when_used_then_one_tap_is_left_and_it_buys_that() -> None:
    made = shop()
    kept = await a_template(made)
    ann = await use(made, kept)
    assert ann.confirmation.rate.service_code == kept.service_code
    await ann.buys()

    assert len(ann.labels) == 2


async def test_given_a_template_without_a_service_when_used_then_its_prices_are_offered() -> None:
    made = shop()
    kept = await made.desk.templates.forget_service(ANN, (await a_template(made)).template_id)

    assert (kept.carrier_code, kept.service_code, kept.service) == ("", "", "")
    assert (await use(made, kept)).prices.rates


async def test_given_an_unfinished_order_when_a_template_is_used_then_either_can_be_gone_on_with() -> None:
    made = shop()
    kept = await a_template(made)
    ann = await made.customer().says(as_text({Field.TO_NAME: "Rosa Lomax"}))
    await use(made, kept)
    assert isinstance(ann.screen, sc.ResumeOrNew)
    await ann.taps(ev.DraftContinued())
    assert (await ann.session()).draft.get(Field.TO_NAME) == "Rosa Lomax"
    assert (await ann.session()).draft.get(Field.TO_ZIP) == "", "two orders are not mixed"
    await use(made, kept)
    await ann.taps(ev.DraftDropped())

    assert ann.confirmation.rate.service_code == kept.service_code
    assert ann.confirmation.draft.get(Field.TO_NAME) == "John Smith"


async def test_given_an_order_being_written_when_saved_then_it_goes_on_and_its_chosen_service_is_kept() -> (
    None
):
    made = shop()
    ann = await made.customer().orders()
    before = await ann.session()
    kept = await made.desk.templates.from_draft(ANN)
    again = await made.desk.templates.from_draft(ANN)

    assert kept == again
    assert kept.service_code == ann.confirmation.rate.service_code
    assert await ann.session() == before


async def test_given_nothing_written_when_it_is_to_be_saved_then_there_is_nothing() -> None:
    made = shop()
    for act in (made.desk.templates.from_draft(ANN), made.desk.templates.prefer(ANN, "tpl_1")):
        with pytest.raises(NotFound):
            await act


async def test_given_a_new_template_when_filled_field_by_field_then_it_can_be_ordered() -> None:
    made = shop()
    ann = await made.customer().is_asked("template_new", "tpl_7", "To mum")
    for which, value in WRITTEN.items():
        await ann.is_asked("template_field", f"tpl_7:{which.value}", value)
    kept = await made.desk.templates.own.get(ANN, "tpl_7")
    await use(made, kept)

    assert kept.name == "To mum"
    assert isinstance(ann.page, ds.TemplateDetails)
    assert ann.prices.draft == a_draft()


async def test_given_an_answer_no_field_can_take_when_given_then_it_says_how_to_mend_it_and_asks_again() -> (
    None
):
    made = shop()
    ann = await made.customer().is_asked("template_new", "tpl_7", "To mum")
    await ann.is_asked("template_field", "tpl_7:to.zip", "  ")

    assert ann.note == "reason:empty"
    assert ann.screen == sc.AskAside("template_field", "tpl_7:to.zip")
    await ann.says("90012")
    assert (await made.desk.templates.own.get(ANN, "tpl_7")).draft.get(Field.TO_ZIP) == "90012"


async def test_given_a_template_of_an_order_when_shown_then_its_zips_are_known() -> None:
    made = shop()
    ann = made.customer()
    kept = await made.desk.templates.from_order(ANN, (await ann.bought()).order_id)
    await made.desk.template(ANN, kept)
    screen = made.notifier.told[-1].screen

    assert isinstance(screen, ds.TemplateDetails)
    assert screen.template.draft.problems() == ()


@pytest.mark.parametrize("which", [Field.TO_PHONE, Field.TO_ZIP], ids=lambda f: f.value)
async def test_given_a_dash_when_a_field_is_changed_then_it_is_empty(which: Field) -> None:
    made = shop()
    kept = await a_template(made)
    await made.customer().is_asked("template_field", f"{kept.template_id}:{which.value}", "-")
    draft = (await made.desk.templates.own.get(ANN, kept.template_id)).draft

    assert draft.get(which) == ""
    assert (which in draft.entries) is which.optional


@pytest.mark.parametrize(
    ("name", "note"),
    [("MUM", "name_taken"), ("x" * 41, "name_long"), ("\u202e", "name_empty")],
    ids=["taken", "too-long", "empty"],
)
async def test_given_a_name_that_cannot_be_when_renamed_then_it_says_why_and_asks_again(
    name: str, note: str
) -> None:
    made = shop()
    await a_template(made, "Mum")
    dad = await a_template(made, "Dad")
    ann = await made.customer().is_asked("template_name", dad.template_id, name)
    assert ann.note == note
    await ann.says("Uncle")

    assert (await made.desk.templates.own.get(ANN, dad.template_id)).name == "Uncle"
    assert isinstance(ann.page, ds.TemplateDetails)


async def test_given_an_order_in_progress_when_a_template_is_renamed_then_the_order_is_there_as_it_was() -> (
    None
):
    made = shop()
    kept = await a_template(made)
    ann = await made.customer().orders()
    before = await ann.session()
    await ann.is_asked("template_name", kept.template_id, "To John")
    after = await ann.session()

    assert (after.state, after.draft) == (before.state, before.draft)
    await ann.buys()
    assert len(ann.labels) == 2


async def test_given_prices_on_their_way_when_a_template_is_renamed_then_they_still_come() -> None:
    made = shop()
    kept = await a_template(made)
    ann = made.customer()
    await made.converse.say(ANN, A_WHOLE_ORDER)
    await made.converse.do(ANN, ev.AsideAsked("template_name", kept.template_id))
    await ann.says("To John")

    assert ann.prices.rates
    assert (await made.desk.templates.own.get(ANN, kept.template_id)).name == "To John"


async def test_given_fifty_templates_when_one_more_is_kept_then_it_says_so_and_none_is_lost() -> None:
    made = shop()
    for n in range(MOST_KEPT):
        await made.desk.templates.empty(ANN, f"tpl_{n}", f"Template {n}")
    with pytest.raises(TooMany) as refused:
        await made.desk.templates.empty(ANN, "tpl_50", "One more")
    ann = await made.customer().is_asked("template_new", "tpl_51", "One more")

    assert (refused.value.kind, refused.value.most) == ("template", MOST_KEPT)
    assert ann.note == "kept_many"
    assert len(await made.desk.templates.own.all(ANN)) == MOST_KEPT
    assert (await made.desk.templates.empty(BOB, "tpl_b", "Mine")).user_id == BOB


async def test_given_an_answer_that_is_taken_twice_when_a_crash_repeats_it_then_it_counts_once() -> None:
    made = shop()
    for _ in range(2):
        assert await made.desk.takers["template_new"](ANN, "tpl_7", "To mum") is None

    assert [t.name for t in await made.desk.templates.own.all(ANN)] == ["To mum"]


async def test_given_a_deleted_template_when_its_question_is_answered_then_it_is_over_and_says_so() -> None:
    made = shop()
    kept = await a_template(made)
    ann = await made.customer().does(ev.AsideAsked("template_name", kept.template_id))
    await made.desk.templates.own.drop(ANN, kept.template_id)
    await ann.says("To John")

    assert ann.remarks[-1] == "stale"
    assert not isinstance(await ann.state(), st.Asking)


async def test_given_somebody_elses_template_when_anything_is_done_with_it_then_it_is_not_found() -> None:
    made = shop()
    kept = await a_template(made)
    order = (await made.customer().all_orders())[0]
    keep = made.desk.templates
    acts = [
        keep.own.get(BOB, kept.template_id),
        keep.own.drop(BOB, kept.template_id),
        keep.rename(BOB, kept.template_id, "Mine"),
        keep.fill(BOB, kept.template_id, Field.TO_NAME, "Bob"),
        keep.forget_service(BOB, kept.template_id),
        keep.from_order(BOB, order.order_id),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            await act
    bob = await made.customer(BOB).is_asked("template_name", kept.template_id, "Mine")
    await bob.is_asked("template_new", kept.template_id, "Mine")

    assert await keep.own.get(ANN, kept.template_id) == kept
    assert await keep.own.all(BOB) == []


async def test_given_the_same_name_when_two_users_choose_it_then_both_have_it() -> None:
    made = shop()
    await made.desk.templates.empty(ANN, "tpl_a", "Mum")
    await made.desk.templates.empty(BOB, "tpl_b", "Mum")
    with pytest.raises(InvalidInput):
        await made.desk.templates.empty(ANN, "tpl_c", "mum")


async def test_given_a_forged_question_when_answered_then_nothing_is_changed() -> None:
    made = shop()
    kept = await a_template(made)
    ann = made.customer()
    for subject in (f"{kept.template_id}:to.nothing", kept.template_id, "", "::"):
        await ann.is_asked("template_field", subject, "Evil")

    assert await made.desk.templates.own.get(ANN, kept.template_id) == kept
    assert ann.remarks[-4:] == ["stale"] * 4


async def test_given_an_order_whose_people_were_forgotten_when_saved_then_they_are_to_be_filled_in() -> None:
    made = shop()
    order = await made.customer().bought()
    nobody = evolve(order.shipment.recipient, name="", street1="", phone="")
    shipment = evolve(order.shipment, sender=nobody, recipient=nobody)
    await made.orders.save(evolve(order, shipment=shipment, addresses_gone=True, version=order.version + 1))
    kept = await made.desk.templates.from_order(ANN, order.order_id)

    assert kept.name == "📦"
    assert set(kept.draft.missing) >= {Field.FROM_NAME, Field.TO_NAME, Field.TO_STREET1}
    assert isinstance((await use(made, kept)).screen, sc.OrderCard)


async def test_given_an_empty_template_when_used_then_a_new_order_begins() -> None:
    made = shop()
    kept = await made.desk.templates.empty(ANN, "tpl_a", "Mum")
    ann = await use(made, kept)

    assert kept.draft == Draft()
    assert isinstance(ann.screen, sc.OrderCard)
