"""Names of what is kept, and the parts of an order that can be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders import ANN, BOB, a_draft
from shipping_core.domain.desk import (
    NAME_EMPTY,
    NAME_LIMIT,
    NAME_TOO_LONG,
    as_part,
    free_name,
    lacking,
    name_of,
    name_word,
    part_of,
    whole,
)
from shipping_core.domain.draft import STEPS, Draft, Entry, Field
from shipping_core.errors import InvalidAddress, InvalidInput


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Mum  ", "Mum"),
        ("a\nb\tc", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("x" * 40, "x" * 40),
        ("😀" * 40, "😀" * 40),
        ("\u200bMum\x00", "Mum"),
    ],
    ids=["spaces", "lines", "direction", "forty", "forty-wide", "unseen"],
)
def test_given_a_text_when_it_is_a_name_then_it_is_one_clean_line(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", NAME_EMPTY), (" \n", NAME_EMPTY), ("\u200b\u202e", NAME_EMPTY), ("x" * 41, NAME_TOO_LONG)],
    ids=["nothing", "blank", "unseen", "forty-one"],
)
def test_given_a_text_that_is_no_name_when_read_then_it_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        name_of(text)

    assert (refused.value.field, refused.value.reason) == ("name", reason)


@given(text=some.text(max_size=60), count=some.integers(0, 12))
def test_given_names_in_use_when_a_free_one_is_wanted_then_it_differs_and_is_a_name_itself(
    text: str, count: int
) -> None:
    taken = {name_word(ANN, "📦")}
    for _ in range(count):
        name = free_name(ANN, text or "📦", taken)
        assert name_word(ANN, name) not in taken
        assert len(name) <= NAME_LIMIT
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in name)
        taken.add(name_word(ANN, name))

    assert len(taken) == count + 1


def test_given_two_users_when_they_choose_one_name_then_their_words_differ_but_its_case_does_not_count() -> (
    None
):
    assert name_word(ANN, "Mum") == name_word(ANN, "MUM") != name_word(BOB, "Mum")


@pytest.mark.parametrize("part", ["from", "to", "parcel"])
def test_given_a_part_of_an_order_when_put_back_then_every_field_of_it_is_set_and_no_other(part: str) -> None:
    kept = part_of(a_draft(), part)
    put = Draft().filled(as_part(kept, part))

    assert {f for f in STEPS if f.part == part} == set(put.entries)
    assert all(put.get(f) == a_draft().get(f) for f in put.entries)
    assert whole(kept, part) == kept


def test_given_an_address_without_its_zip_when_it_must_be_whole_then_that_field_is_named() -> None:
    kept = part_of(a_draft(without=(Field.FROM_ZIP,)), "from")

    assert lacking(kept, "from") == (Field.FROM_ZIP,)
    with pytest.raises(InvalidAddress, match=r"from\.zip: missing"):
        whole(kept, "from")
    with pytest.raises(InvalidAddress) as refused:
        whole({**kept, "city": Entry("")}, "from")
    assert refused.value.lacking == ("from.city", "from.zip")
    with pytest.raises(InvalidAddress, match="nothing_found"):
        whole({what: Entry("") for what in kept}, "from")


def test_given_a_default_sender_when_its_street_is_written_again_then_it_is_the_default_no_more() -> None:
    sender = Draft(as_part(part_of(a_draft(), "from"), "from"), default_sender=True)

    assert sender.empty
    assert not sender.filled({Field.WEIGHT: Entry("8 oz")}).empty
    assert sender.filled({Field.WEIGHT: Entry("8 oz")}).default_sender
    assert not sender.filled({Field.FROM_STREET1: Entry("1 Main St")}).default_sender
