"""Plain data, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as some

from builders import a_draft, a_label, a_session, an_order, usd
from contracts.orders import a_long_life
from contracts.sessions import STATES, of
from shipping_core.conversation import codec
from shipping_core.conversation import machine as m
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.draft import Draft, Entry, Field, Place, Side
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order

ENTRIES = some.builds(
    Entry,
    some.text(max_size=20),
    some.floats(0, 1),
    some.none() | some.builds(Place, some.text(max_size=2), some.lists(some.text(), max_size=2).map(tuple)),
)
DRAFTS = some.builds(
    Draft, some.dictionaries(some.sampled_from(Field), ENTRIES), some.frozensets(some.sampled_from(Side))
)


def through_json(value: object, kind: type[Any]) -> object:
    """Saved and loaded."""
    return codec.load(json.loads(json.dumps(codec.dump(value))), kind)


def test_given_the_examples_when_counted_then_every_state_has_one() -> None:
    assert {type(state) for state in STATES} == set(m.STATES)


@pytest.mark.parametrize("state", STATES, ids=of)
def test_given_an_example_of_every_state_when_saved_and_loaded_then_it_is_the_same(state: st.State) -> None:
    session = a_session(state)

    assert through_json(session, Session) == session


@given(DRAFTS)
def test_given_any_draft_when_saved_and_loaded_then_it_is_the_same(draft: Draft) -> None:
    assert through_json(draft, Draft) == draft


@pytest.mark.parametrize("order", [an_order(), a_long_life()], ids=["new", "with every field"])
def test_given_an_order_when_saved_and_loaded_then_it_is_the_same(order: Order) -> None:
    assert through_json(order, Order) == order


def test_given_data_of_an_older_version_when_loaded_then_new_fields_have_their_defaults() -> None:
    order = an_order()
    data = codec.dump(order)
    del data["lookups"]

    assert codec.load(data, Order) == order


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (codec.dump(a_label()), Money),
        ({}, Money),
        (None, Money),
        ("Money", Money),
        ({"type": "Money", "minor": 1, "colour": "red"}, Money),
        ({"type": "Money"}, Money),
        ({"type": "Money", "minor": 1.5}, Money),
        ({**codec.dump(a_session()), "state": {"type": "Nowhere"}}, Session),
        ({**codec.dump(a_session()), "state": {"type": "Guided", "asking": "from.hat"}}, Session),
        ({**codec.dump(a_session()), "last_updated": "yesterday"}, Session),
        ({**codec.dump(a_session()), "draft": {"type": "Draft", "entries": 3}}, Session),
        ({"type": "Weight", "value": "much", "unit": "oz"}, st.State),
    ],
    ids=[
        "another class",
        "nothing",
        "None",
        "a word",
        "a field too many",
        "a field too few",
        "a wrong type",
        "no such state",
        "no such field",
        "no time",
        "no mapping",
        "no member of a union",
    ],
)
def test_given_data_of_something_else_when_loaded_then_it_is_refused(data: Any, kind: type[Any]) -> None:
    with pytest.raises(ValueError):
        codec.load(data, kind)


def test_given_an_unreadable_number_when_loaded_then_it_is_refused() -> None:
    data = codec.dump(evolve(an_order(), price=usd("1.00")))
    data["shipment"]["parcel"]["weight"]["value"] = "much"

    with pytest.raises(ValueError, match="not a stored Order"):
        codec.load(data, Order)


def test_given_a_whole_draft_when_dumped_then_json_takes_it() -> None:
    assert json.loads(json.dumps(codec.dump(a_draft()))) == codec.dump(a_draft())
