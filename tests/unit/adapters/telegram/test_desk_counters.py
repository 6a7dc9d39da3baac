"""What a customer keeps, in the chat: pages, buttons, questions, and the order beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from adapters.telegram import desk_pages
from adapters.telegram.addresses_counter import AddressesCounter
from adapters.telegram.parcels_counter import ParcelsCounter
from adapters.telegram.statement_counter import ContactCounter, HelpCounter, StatementCounter
from adapters.telegram.templates_counter import TemplatesCounter
from adapters.telegram.texts import Texts
from builders import NOW, WRITTEN, as_text, usd
from shipping_core.conversation.desk_screens import Statement
from shipping_core.domain.desk import Template
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, UserId
from shipping_core.domain.ledger import Kind, StatementLine, Transfer
from shipping_core.domain.order import OrderState
from shipping_core.use_cases.asides import Asides
from unit.adapters.telegram.test_handlers import ANN, BOB, STALE, Chat, a_shop_door
from unit.adapters.telegram.test_screens import some_facts

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

OWNER = UserId(str(ANN))
SENDER = as_text({f: v for f, v in WRITTEN.items() if f.part == "from"})
THE_REST = as_text({f: v for f, v in WRITTEN.items() if f.part != "from"})
BOX = as_text({f: v for f, v in WRITTEN.items() if f.part == "parcel"})
DATA = r"(k:(templates|addresses|parcels|statement|contact):[a-z_]{1,9}|q:[a-z_]{1,20}):[\w:.-]{0,30}"
COUNTERS = ("templates", "addresses", "parcels", "statement", "contact")
ACTIONS = (
    "show", "use", "fields", "prefer", "any_service", "drop", "forget", "keep", "keep_from", "keep_to",
    "default", "no_default", "from", "to", "draft", "last", "nonsense",
)  # fmt: skip


def a_desk_door(chats: FakeChats) -> Chat:
    """A door whose counters are open, and whose questions are taken."""
    chat = a_shop_door(chats)
    shop, notifier = chat.shop, chat.handlers.notifier
    desk = evolve(shop.desk, notifier=notifier)
    converse = evolve(shop.converse, perform=evolve(shop.converse.perform, asides=Asides(desk.takers)))
    statement = evolve(shop.statement, notifier=notifier)
    shop = evolve(shop, converse=converse, desk=desk, statement=statement)
    shop.letters = evolve(shop.letters, converse=converse)
    counters = {
        "templates": TemplatesCounter(desk, converse, shop.ids),
        "addresses": AddressesCounter(desk, converse, shop.ids),
        "parcels": ParcelsCounter(desk, converse, shop.ids),
        "statement": StatementCounter(statement),
        "contact": ContactCounter(desk),
        "help": HelpCounter(desk),
    }
    handlers = evolve(chat.handlers, desk=evolve(chat.handlers.desk, converse=converse), counters=counters)
    return Chat(chats, shop, chat.outlet, handlers)


@pytest.fixture
def chat(chats: FakeChats) -> Chat:
    return a_desk_door(chats)


async def templates(chat: Chat) -> list[Template]:
    """What Ann keeps."""
    return await chat.shop.desk.templates.own.all(OWNER)


async def test_given_a_template_when_used_from_the_menu_then_four_updates_bring_the_label(chat: Chat) -> None:
    await chat.buys()
    await chat.taps(chat.button("Save as template"))
    await chat.writes("/start")
    await chat.taps(chat.button("Templates"))
    await chat.taps(chat.button("📄 John Smith"))
    await chat.taps(chat.button("Buy again anyway"))
    orders = await chat.shop.orders.of_user(OWNER, limit=9)

    assert [o.state for o in orders] == [OrderState.PURCHASED] * 2
    assert orders[0].shipment == orders[1].shipment


async def test_given_a_template_without_a_service_when_used_by_command_then_four_updates_bring_the_label(
    chat: Chat,
) -> None:
    await chat.buys()
    await chat.taps(chat.button("Save as template"))
    await chat.taps(chat.button("No preferred service"))
    await chat.writes("/templates")
    await chat.taps(chat.button("📄 John Smith"))
    await chat.taps(chat.button("$9.12"))
    await chat.taps(chat.button("Buy again anyway"))

    assert len(await chat.shop.orders.of_user(OWNER, limit=9)) == 2


async def test_given_a_saved_template_when_renamed_while_an_order_is_written_then_both_are_there(
    chat: Chat,
) -> None:
    await chat.buys()
    await chat.taps(chat.button("Save as template"))
    rename = chat.button("Rename")
    await chat.writes(as_text({Field.TO_NAME: "Rosa Lomax"}))
    (question,) = await chat.taps(rename)
    assert "called from now on" in question
    said = await chat.writes("Mum & Dad <3")

    assert any("Rosa Lomax" in text for text in said), "the order is shown again"
    assert any("Mum &amp; Dad &lt;3" in text for text in said)
    assert [t.name for t in await templates(chat)] == ["Mum & Dad <3"]


async def test_given_a_field_of_a_template_when_changed_wrongly_then_rightly_then_it_is_changed(
    chat: Chat,
) -> None:
    await chat.buys()
    await chat.taps(chat.button("Save as template"))
    await chat.taps(chat.button("Change fields"))
    (question,) = await chat.taps(chat.button("To: city"))
    assert "Recipient's city?" in question
    said = await chat.writes("Pasadena")

    assert any("Pasadena" in text for text in said)
    assert [t.draft.get(Field.TO_CITY) for t in await templates(chat)] == ["Pasadena"]


async def test_given_an_order_being_written_when_saved_and_its_service_set_then_the_page_says_so(
    chat: Chat,
) -> None:
    await chat.buys()
    await chat.writes(as_text({Field.TO_NAME: "Rosa Lomax"}))
    await chat.writes("/templates")
    (page,) = await chat.taps(chat.button("Save the order I am writing"))
    assert "No preferred service" in page
    (page,) = await chat.taps(chat.button("Prefer "))

    assert "Preferred service: " in page
    assert [t.name for t in await templates(chat)] == ["Rosa Lomax"]


async def test_given_a_new_template_when_named_then_it_is_empty_and_can_be_filled(chat: Chat) -> None:
    await chat.writes("/templates")
    await chat.taps(chat.button("New template"))
    await chat.writes("To mum")
    (kept,) = await templates(chat)

    assert (kept.name, kept.draft.empty) == ("To mum", True)


@pytest.mark.parametrize(
    ("command", "make", "answer", "name", "asked"),
    [
        ("/templates", "New template", "Mum", "Mum", "Delete the template"),
        ("/addresses", "New address", SENDER, "Jane Doe", "Delete the address"),
        ("/parcels", "New parcel", BOX, "2 lb 3 oz", "Delete the parcel"),
    ],
    ids=["template", "address", "parcel"],
)
async def test_given_something_kept_when_deleted_then_it_asks_first_and_says_when_it_is_done(
    chat: Chat, command: str, make: str, answer: str, name: str, asked: str
) -> None:
    await chat.writes(command)
    await chat.taps(chat.button(make))
    await chat.writes(answer)
    delete = chat.button("Delete")
    (question,) = await chat.taps(delete)
    assert asked in question
    (page,) = await chat.taps(chat.button("No, keep it"))
    assert name in page
    await chat.taps(delete)
    gone = chat.button("Yes, delete")
    (page,) = await chat.taps(gone)
    assert "It is deleted." in page
    assert "yet" in page
    (page,) = await chat.taps(gone)

    assert STALE in page


async def test_given_an_address_when_made_the_default_then_new_orders_show_it_until_it_is_not(
    chat: Chat,
) -> None:
    await chat.writes("/addresses")
    await chat.taps(chat.button("New address"))
    await chat.writes(SENDER)
    (page,) = await chat.taps(chat.button("Make it my default sender"))
    assert "New orders begin with this sender." in page
    (card,) = await chat.writes("/new")
    assert "215 Clayton St" in card
    assert "your default sender" in card
    await chat.writes("/addresses")
    await chat.taps(chat.button("🏠 Jane Doe"))
    await chat.taps(chat.button("No default sender"))
    await chat.writes("/start")
    (card,) = await chat.writes("/new")

    assert "your default sender" not in card
    assert "Paste it all in one message" in card


@pytest.mark.parametrize(("use", "part"), [("Use as sender", "from"), ("Use as recipient", "to")])
async def test_given_an_address_when_used_then_the_order_in_progress_has_it(
    chat: Chat, use: str, part: str
) -> None:
    await chat.writes("/addresses")
    await chat.taps(chat.button("New address"))
    await chat.writes(SENDER)
    button = chat.button(use)
    await chat.writes(BOX)
    await chat.taps(button)
    session = await chat.shop.sessions.load(OWNER)

    assert session is not None
    assert session.draft.get(Field.of(part, "name")) == "Jane Doe"
    assert session.draft.get(Field.WEIGHT) == "35 oz"


async def test_given_a_bought_order_when_its_parts_are_saved_then_each_is_offered_where_it_is_asked_for(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    for part in ("Save sender", "Save recipient", "Save parcel"):
        await chat.taps(f"o:show:{order_id}")
        await chat.taps(chat.button(part))
    await chat.writes("/new")
    await chat.writes(as_text({Field.TO_NAME: "Rosa Lomax"}))
    await chat.taps(chat.button("✏️ To"))
    await chat.taps(chat.button("📇 John Smith"))
    await chat.taps(chat.button("✏️ From"))
    await chat.taps(chat.button("📇 Jane Doe"))
    await chat.taps(chat.button("✏️ Parcel"))
    assert chat.button("Last: 2 lb 3 oz") == "k:parcels:last:"
    said = await chat.taps(chat.button("📦 2 lb 3 oz"))

    assert any("Prices held until" in text for text in said)


async def test_given_the_last_parcel_when_used_then_a_new_order_begins_with_it(chat: Chat) -> None:
    await chat.buys()
    await chat.writes("/parcels")
    (card,) = await chat.taps(chat.button("Last: 2 lb 3 oz"))

    assert "2 lb 3 oz, 10×8×6 in" in card
    assert "Still missing" in card


async def test_given_nothing_kept_when_each_command_is_given_then_each_says_what_to_do(chat: Chat) -> None:
    said = [text for command in COUNTERS for text in await chat.writes(f"/{command}")]

    assert [text.splitlines()[0] for text in said] == [
        "<b>Templates</b>",
        "<b>Address book</b>",
        "<b>Parcels</b>",
        "<b>Statement</b>",
        "The owner of this shop has not said yet where a person can be reached.",
    ]
    assert STALE in (await chat.taps("k:parcels:last:"))[0]


async def test_given_many_templates_when_turned_then_every_page_has_its_own(chat: Chat) -> None:
    for n in range(10):
        await chat.shop.desk.templates.empty(OWNER, f"tpl_{n}", f"Template {n}")
    await chat.writes("/templates")
    await chat.taps(chat.button("More"))

    assert chat.button("Template 1") == "k:templates:use:tpl_1"
    await chat.taps(chat.button("Back"))
    assert chat.button("Template 9") == "k:templates:use:tpl_9"


async def test_given_many_templates_when_one_is_to_be_changed_then_each_name_has_a_row_and_leads_to_it(
    chat: Chat,
) -> None:
    for n in range(10):
        await chat.shop.desk.templates.empty(OWNER, f"tpl_{n}", f"Template {n}")
    await chat.writes("/templates")
    await chat.taps(chat.button("Change or delete"))
    await chat.taps(chat.button("More"))
    (page,) = await chat.taps(chat.button("✏️ Template 1"))

    assert "<b>Template 1</b>" in page


async def test_given_a_page_past_the_end_when_turned_to_then_the_last_one_comes(chat: Chat) -> None:
    for n in range(9):
        await chat.shop.desk.templates.empty(OWNER, f"tpl_{n}", f"Template {n}")
    await chat.taps("k:templates:page:7")

    assert chat.button("Template 0") == "k:templates:use:tpl_0"


async def test_given_the_menu_when_each_page_of_the_desk_is_opened_then_a_button_leads_back(
    chat: Chat,
) -> None:
    await chat.writes("/start")
    menu = {name: chat.button(name) for name in ("Templates", "Address book", "Parcels", "Statement", "Help")}
    for data in menu.values():
        (page,) = await chat.taps(data)
        assert "Shipping labels" not in page
        assert "m:menu" in str(chat.chats.sent[-1])


@pytest.mark.parametrize("counter", COUNTERS[:3])
@pytest.mark.parametrize("action", ACTIONS)
async def test_given_somebody_elses_things_when_their_buttons_are_pressed_then_nothing_is_told_or_changed(
    chat: Chat, counter: str, action: str
) -> None:
    order_id = await chat.buys()
    desk = chat.shop.desk
    template = await desk.templates.from_order(OWNER, order_id)
    contact = await desk.contacts.write(OWNER, "con_1", SENDER)
    parcel = await desk.parcels.write(OWNER, "par_1", BOX)
    for subject in (template.template_id, contact.contact_id, parcel.preset_id, order_id):
        (said,) = await chat.taps(f"k:{counter}:{action}:{subject}", user_id=BOB)
        assert STALE in said

    assert await templates(chat) == [template]
    assert await desk.contacts.own.all(OWNER) == [contact]
    assert await desk.parcels.own.all(OWNER) == [parcel]
    assert await desk.templates.own.all(UserId(str(BOB))) == []


@given(data=some.from_regex(DATA, fullmatch=True))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_given_any_data_for_a_counter_when_pressed_then_it_is_never_our_fault(
    chats: FakeChats, data: str
) -> None:
    said = await a_desk_door(chats).taps(data)

    assert said
    assert not any("Sorry" in text for text in said)


async def test_given_a_default_sender_when_the_rest_is_pasted_then_three_updates_bring_the_label(
    chat: Chat,
) -> None:
    await chat.shop.desk.contacts.write(OWNER, "con_1", SENDER)
    await chat.shop.desk.contacts.make_default(OWNER, "con_1")
    await chat.writes(THE_REST)
    await chat.taps(chat.button("$9.12"))
    await chat.taps(chat.button("Buy for"))
    (order,) = await chat.shop.orders.of_user(OWNER, limit=9)

    assert order.state is OrderState.PURCHASED


def test_given_movements_when_stated_then_each_line_says_day_kind_amount_number_and_what_was_left() -> None:
    moved = Transfer("t", Kind.TOPUP, "a", "b", usd("25.00"), Mode.TEST, NOW, invoice_id=InvoiceId("inv_7"))
    paid = evolve(moved, kind=Kind.CAPTURE, invoice_id=None, order_id=OrderId("ord_1"))
    lines = (
        StatementLine(paid, usd("-7.42"), usd("17.58")),
        StatementLine(moved, usd("25.00"), usd("25.00")),
    )
    shown = desk_pages.LOOKS[Statement](
        Texts(), Statement(Mode.TEST, lines, 0, has_more=False), some_facts()
    ).html

    assert re.findall(r"^.*then.*$", shown, re.MULTILINE) == [
        "Mon, Apr 7 · label · <b>−$7.42</b> · <code>ord_1</code> · then $17.58",
        "Mon, Apr 7 · top-up · <b>+$25.00</b> · <code>inv_7</code> · then $25.00",
    ]
    assert "Test mode" in shown


async def test_given_the_policy_when_help_and_contact_are_read_then_they_say_what_it_says(
    chats: FakeChats,
) -> None:
    chat = a_desk_door(chats)
    policy = evolve(chat.shop.policy, contact="<@the_shop>")
    facts = evolve(chat.shop.facts, policy=policy)
    desk = evolve(chat.shop.desk, facts=facts)
    chat.handlers = evolve(chat.handlers, counters={"help": HelpCounter(desk)})
    (shown,) = await chat.writes("/help")

    assert "You reach a person here: &lt;@the_shop&gt;" in shown
    assert "once it is 5 days old" in shown
    assert "What is test mode?" in shown
