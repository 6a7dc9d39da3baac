"""What stands on a button is what its press means, and nothing else means anything."""

from __future__ import annotations

import string
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.telegram import buttons
from adapters.telegram.messages import DATA_LIMIT_BYTES
from adapters.telegram.texts import LANGUAGES
from shipping_core.conversation import events as ev
from shipping_core.domain.draft import STEPS, Draft, Side
from shipping_core.domain.ids import OrderId, RateId

VERSIONS = st.integers(0, 999_999_999)
ORDER_IDS = st.from_regex(r"[a-z]{3}_[0-9a-f]{1,20}", fullmatch=True).map(OrderId)
RATE_IDS = st.text(string.ascii_letters + string.digits + "-_:", min_size=1, max_size=44).map(RateId)
AT_A_VERSION = st.one_of(
    st.sampled_from([*buttons.PLAIN.values(), *map(ev.PartEdited, buttons.PARTS)]),
    st.sampled_from(STEPS).map(ev.FieldEdited),
    st.sampled_from(Side).map(ev.SuggestionUsed),
    st.sampled_from(Side).map(ev.AddressKept),
    RATE_IDS.map(ev.RateChosen),
)
AT_ANY_TIME = st.one_of(
    st.sampled_from([*buttons.ANYTIME.values()]),
    ORDER_IDS.map(ev.PurchaseConfirmed),
    st.sampled_from(sorted(LANGUAGES)).map(ev.LanguageChosen),
    st.builds(ev.AsideAsked, st.sampled_from(["refund", "template_name"]), st.just("") | ORDER_IDS),
)
TYPED = (
    ev.TextRead(),
    ev.NotText("sticker"),
    ev.OrderRepeated(Draft(), "usps", "usps_ground"),
    ev.KeptUsed({}),
)
"""What a customer does otherwise than by a button of the card."""
NO_STEP = [
    *("", ":", "e", "e:1", "e:1:", "e:1:nothing", "e:x:skip", "e:-1:skip", "e:١:skip", "e:1234567890:no"),
    *("e:1:part:", "e:1:part:nowhere", "e:1:field:from", "e:1:use:both", "E:1:skip"),
    *("m:", "m:everything", "b:", "b:a b", "b:<b>", "b:" + "x" * 41, "l:", "l:zz", "l:a/b", "x:", "x:y:CA"),
    *("o:", "o:void:ord_1", "o:show:../1", "p:", "p:-1", "p:1.5", "p:99999999999", "z:1", "\x00", "😀" * 16),
    *("q:", "q:A:1", "q:x:<b>", "k:", "k:x", "k:x:", "k:x:Y:1", "k:x:y:a b"),
]  # fmt: skip


@given(event=AT_A_VERSION, version=VERSIONS)
def test_given_a_step_of_a_card_when_pressed_then_it_is_that_step_at_that_version(
    event: ev.Customer, version: int
) -> None:
    data = buttons.step(event, version)

    assert buttons.read(data) == buttons.Step(event, version)
    assert len(data.encode()) <= DATA_LIMIT_BYTES


@given(event=AT_ANY_TIME, version=VERSIONS)
def test_given_a_step_that_is_always_right_when_pressed_then_it_has_no_version(
    event: ev.Customer, version: int
) -> None:
    data = buttons.step(event, version)

    assert buttons.read(data) == buttons.Step(event, None)
    assert len(data.encode()) <= DATA_LIMIT_BYTES


@given(text=st.text(max_size=12), version=VERSIONS)
def test_given_an_offered_answer_when_pressed_then_it_is_that_answer(text: str, version: int) -> None:
    assert buttons.read(buttons.offered(text, version)) == buttons.Offered(text, version)


@given(action=st.sampled_from(sorted(buttons.ORDER_ACTIONS)), order_id=st.none() | ORDER_IDS)
def test_given_a_button_about_an_order_when_pressed_then_it_names_that_order(
    action: str, order_id: OrderId | None
) -> None:
    assert buttons.read(buttons.about_order(action, order_id)) == buttons.AboutOrder(action, order_id)


@given(number=VERSIONS)
def test_given_a_page_button_when_pressed_then_it_is_that_page(number: int) -> None:
    assert buttons.read(buttons.orders_page(number)) == buttons.OrdersPage(number)


@given(data=st.text() | st.from_regex(r"[emblxop]:[\w:.-]*"))
@example(data="e:1:rate:se-1:2")
def test_given_any_data_at_all_when_read_then_it_is_a_press_and_never_an_error(data: str) -> None:
    press = buttons.read(data)

    assert isinstance(press, buttons.Press)


@pytest.mark.parametrize("data", NO_STEP, ids=repr)
def test_given_data_we_never_made_when_read_then_it_is_unreadable(data: str) -> None:
    assert buttons.read(data) == buttons.Unreadable()


@given(
    counter=st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    action=st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    subject=st.just("") | st.from_regex(r"[A-Za-z0-9_.:-]{1,30}", fullmatch=True),
)
def test_given_something_for_a_counter_when_pressed_then_it_is_that(
    counter: str, action: str, subject: str
) -> None:
    data = buttons.at_counter(counter, action, subject)

    assert buttons.read(data) == buttons.AtCounter(counter, action, subject)
    assert len(data.encode()) <= DATA_LIMIT_BYTES


@pytest.mark.parametrize("event", TYPED, ids=lambda event: type(event).__name__)
def test_given_a_step_that_no_button_makes_when_put_on_one_then_it_is_refused(event: ev.Customer) -> None:
    with pytest.raises(ValueError, match=type(event).__name__):
        buttons.step(event, 1)


def test_given_every_step_a_customer_can_take_when_counted_then_all_but_the_typed_ones_have_a_button() -> (
    None
):
    on_buttons = {type(e) for e in (*buttons.PLAIN.values(), *buttons.ANYTIME.values())}
    on_buttons |= {kind for kind, _, _ in buttons.WITH_ARGUMENT.values()}
    on_buttons |= {ev.PurchaseConfirmed, ev.LanguageChosen, ev.AsideAsked}

    assert on_buttons | {type(e) for e in TYPED} == set(get_args(ev.Customer))
