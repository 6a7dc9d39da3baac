"""The address book: kept, written, used on either side, and one of them the default sender."""

from __future__ import annotations

from asyncio import gather

import pytest
from attrs import evolve

from a_shop import Shop, shop
from builders import ANN, BOB, WRITTEN, a_draft, an_address, as_text, minutes
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.domain.desk import Contact, as_part, part_of
from shipping_core.domain.draft import Draft, Field, Side
from shipping_core.errors import InvalidAddress, NotFound
from shipping_core.use_cases.gather_facts import OFFERED

SENDER = {f: v for f, v in WRITTEN.items() if f.part == "from"}
NO_ZIP = as_text({f: v for f, v in SENDER.items() if f.what != "zip"})
RECIPIENT = {f: v for f, v in WRITTEN.items() if f.part == "to"}
THE_REST = {f: v for f, v in WRITTEN.items() if f.part != "from"}


async def a_contact(made: Shop, number: int = 1, **values: str) -> Contact:
    """An address of Ann's; these values differ."""
    changes = {Field.of("from", what): value for what, value in values.items()}
    return await made.desk.contacts.write(ANN, f"con_{number}", as_text({**SENDER, **changes}))


def values_of(contact: Contact) -> dict[str, str]:
    """What is written of it."""
    return {what: entry.value for what, entry in contact.address.items() if entry.value}


@pytest.mark.parametrize("side", Side, ids=lambda side: side.value)
async def test_given_a_bought_order_when_an_address_of_it_is_saved_twice_then_it_is_kept_once(
    side: Side,
) -> None:
    made = shop()
    first = await made.customer().bought()
    second = await made.customer().bought()
    kept = await made.desk.contacts.from_order(ANN, first.order_id, side)
    again = await made.desk.contacts.from_order(ANN, second.order_id, side)

    assert kept == again
    assert kept.nickname == WRITTEN[Field.of(side.value, "name")]
    assert values_of(kept) == {f.what: v for f, v in WRITTEN.items() if f.part == side.value}


@pytest.mark.parametrize("written", [SENDER, RECIPIENT], ids=["as-a-sender", "as-a-recipient"])
async def test_given_one_message_when_an_address_is_written_then_it_is_kept_whichever_side_it_names(
    written: dict[Field, str],
) -> None:
    made = shop()
    ann = await made.customer().is_asked("contact_new", "con_1", as_text(written))
    kept = await made.desk.contacts.own.get(ANN, "con_1")

    assert ann.page == ds.ContactDetails(kept)
    assert values_of(kept) == {f.what: v for f, v in written.items()}


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (NO_ZIP, sc.Note("lacks", {"detail": "from.zip"})),
        ("hello", sc.Note("address_unread")),
    ],
    ids=["no-zip", "no-address"],
)
async def test_given_half_an_address_when_written_then_it_says_what_is_missing_and_asks_again(
    text: str, note: sc.Note
) -> None:
    made = shop()
    ann = await made.customer().is_asked("contact_new", "con_1", text)

    assert ann.card.note == note
    assert isinstance(await ann.state(), st.Asking)
    assert await made.desk.contacts.own.all(ANN) == []


async def test_given_two_people_of_one_name_when_kept_then_their_nicknames_differ() -> None:
    made = shop()
    kept = [await a_contact(made, n, zip=code) for n, code in enumerate(("94117", "10001"), 1)]

    assert [c.nickname for c in kept] == ["Jane Doe", "Jane Doe 2"]


async def test_given_a_contact_when_renamed_and_written_again_then_both_are_kept() -> None:
    made = shop()
    await a_contact(made)
    ann = await made.customer().is_asked("contact_name", "con_1", "Home")
    await ann.is_asked("contact_address", "con_1", as_text(RECIPIENT))
    kept = await made.desk.contacts.own.get(ANN, "con_1")

    assert kept.nickname == "Home"
    assert values_of(kept)["name"] == "John Smith"


@pytest.mark.parametrize("part", ["from", "to"])
async def test_given_an_address_with_an_apartment_in_the_order_when_a_contact_replaces_it_then_none_is_left(
    part: str,
) -> None:
    made = shop()
    kept = await a_contact(made)
    ann = await made.customer().says(as_text({Field.of(part, "street2"): "Apt 9", Field.WEIGHT: "8 oz"}))
    await made.converse.put(ANN, as_part(kept.address, part))
    await made.quiet()
    draft = (await ann.session()).draft

    assert draft.get(Field.of(part, "street2")) == ""
    assert draft.get(Field.of(part, "street1")) == "215 Clayton St"
    assert draft.get(Field.WEIGHT) == "8 oz"
    assert draft.problems() == (), "what its ZIP stands for is known"


async def test_given_a_default_sender_when_another_is_chosen_then_it_moves() -> None:
    made = shop()
    for n, code in enumerate(("94117", "10001"), 1):
        await a_contact(made, n, zip=code)
    for contact_id in ("con_1", "con_2", "con_2"):
        await made.desk.contacts.make_default(ANN, contact_id)
    kept = {c.contact_id: c for c in await made.desk.contacts.own.all(ANN)}

    assert {i: c.default_sender for i, c in kept.items()} == {"con_1": False, "con_2": True}
    assert kept["con_2"].version == 2, "the same choice again changes nothing"


async def test_given_two_choices_at_once_when_they_meet_then_there_is_one_default_sender() -> None:
    made = shop()
    for n in range(1, 5):
        await a_contact(made, n, street1=f"{n} Main St")
    await gather(*(made.desk.contacts.make_default(ANN, f"con_{n}") for n in range(1, 5)))

    assert [c.default_sender for c in await made.desk.contacts.own.all(ANN)].count(True) == 1


async def test_given_a_default_sender_when_an_order_begins_then_it_is_there_and_says_so() -> None:
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().does(ev.NewOrder())

    assert isinstance(ann.screen, sc.OrderCard)
    assert ann.screen.draft.default_sender
    assert ann.screen.draft.get(Field.FROM_NAME) == "Jane Doe"
    assert all(f.part != "from" for f in ann.screen.asking)


async def test_given_a_default_sender_when_recipient_and_parcel_are_pasted_then_three_steps_buy_a_label() -> (
    None
):
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().says(as_text(THE_REST))
    await ann.chooses()
    await ann.buys()

    assert ann.labels[0].shipment.sender == an_address(phone="")


async def test_given_a_default_sender_when_a_template_names_none_then_its_order_begins_with_it() -> None:
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    nobodys = Draft({f: e for f, e in a_draft().entries.items() if f.part != "from"})
    ann = await made.customer().does(ev.OrderRepeated(nobodys, "", ""))

    assert ann.prices.draft.get(Field.FROM_NAME) == "Jane Doe"
    assert ann.prices.draft.default_sender


async def test_given_a_default_sender_when_the_order_names_another_then_that_one_sends() -> None:
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().does(ev.NewOrder())
    await ann.says(as_text({**WRITTEN, Field.FROM_NAME: "Rosa Lomax"}))

    assert ann.prices.draft.get(Field.FROM_NAME) == "Rosa Lomax"
    assert not ann.prices.draft.default_sender


async def test_given_only_a_default_sender_in_the_card_when_something_else_begins_then_nothing_is_asked() -> (
    None
):
    made = shop()
    order = await made.customer().bought()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().does(ev.NewOrder())
    await ann.does(ev.Started())
    assert ann.screen == sc.Menu(has_draft=False)
    await made.converse.repeat(ANN, order.order_id)
    await made.quiet()

    assert ann.confirmation.draft.get(Field.TO_NAME) == "John Smith"


async def test_given_a_default_sender_that_is_forgotten_when_an_order_begins_then_it_is_empty() -> None:
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().does(ev.Started())
    await made.desk.contacts.forget_default(ANN, "con_1")
    await ann.does(ev.NewOrder())
    assert (await ann.session()).draft == Draft()
    await made.desk.contacts.make_default(ANN, "con_1")
    await made.desk.contacts.own.drop(ANN, "con_1")
    await ann.does(ev.Started())
    await ann.does(ev.NewOrder())

    assert (await ann.session()).draft == Draft()


async def test_given_an_unfinished_order_when_dropped_for_a_new_one_then_that_has_the_default_sender() -> (
    None
):
    made = shop()
    await a_contact(made)
    await made.desk.contacts.make_default(ANN, "con_1")
    ann = await made.customer().says(as_text({Field.TO_NAME: "Rosa Lomax"}))
    await ann.does(ev.Started())
    await ann.does(ev.NewOrder())
    await ann.taps(ev.DraftDropped())

    assert (await ann.session()).draft == Draft(
        as_part(part_of(a_draft(), "from"), "from"), default_sender=True
    )


async def test_given_kept_addresses_when_one_is_to_be_written_then_the_default_sender_is_offered_first() -> (
    None
):
    made = shop()
    for n in range(OFFERED + 2):
        await a_contact(made, n, street1=f"{n} Main St")
        made.clock.advance(minutes(1))
    await made.desk.contacts.make_default(ANN, "con_0")
    for n in range(1, OFFERED + 2):
        made.clock.advance(minutes(1))
        await made.desk.contacts.rename(ANN, f"con_{n}", f"Place {n}")
    ann = await made.customer().does(ev.NewOrder())
    await ann.taps(ev.PartEdited("from"))
    senders = [c.contact_id for c in ann.card.facts.contacts]
    await ann.taps(ev.PartEdited("to"))
    recipients = [c.contact_id for c in ann.card.facts.contacts]

    assert senders == ["con_0", *(f"con_{n}" for n in range(OFFERED + 1, 2, -1))]
    assert recipients == [f"con_{n}" for n in range(OFFERED + 1, 1, -1)]


async def test_given_a_question_beside_the_order_when_a_contact_is_used_instead_then_the_order_takes_it() -> (
    None
):
    made = shop()
    kept = await a_contact(made)
    ann = await made.customer().does(ev.AsideAsked("contact_name", "con_1"))
    await made.converse.put(ANN, as_part(kept.address, "to"))
    await made.quiet()

    assert isinstance(ann.screen, sc.OrderCard)
    assert ann.screen.draft.get(Field.TO_NAME) == "Jane Doe"


async def test_given_somebody_elses_address_when_anything_is_done_with_it_then_it_is_not_found() -> None:
    made = shop()
    order = await made.customer().bought()
    kept = await a_contact(made)
    keep = made.desk.contacts
    acts = [
        keep.own.get(BOB, "con_1"),
        keep.own.drop(BOB, "con_1"),
        keep.rename(BOB, "con_1", "Mine"),
        keep.rewrite(BOB, "con_1", as_text(RECIPIENT)),
        keep.make_default(BOB, "con_1"),
        keep.forget_default(BOB, "con_1"),
        keep.from_order(BOB, order.order_id, Side.TO),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            await act
    bob = await made.customer(BOB).does(ev.NewOrder())
    await bob.taps(ev.PartEdited("from"))

    assert await keep.own.all(ANN) == [kept]
    assert bob.card.facts.contacts == ()


async def test_given_an_order_whose_people_were_forgotten_when_an_address_of_it_is_saved_then_none_is() -> (
    None
):
    made = shop()
    order = await made.customer().bought()
    nobody = evolve(order.shipment.recipient, name="", street1="", street2="", phone="")
    shipment = evolve(order.shipment, sender=nobody, recipient=nobody)
    await made.orders.save(evolve(order, shipment=shipment, addresses_gone=True, version=order.version + 1))

    with pytest.raises(InvalidAddress, match=r"to\.name: missing"):
        await made.desk.contacts.from_order(ANN, order.order_id, Side.TO)
