"""What was written, what is missing, what contradicts itself."""

from __future__ import annotations

import pytest
from attrs import evolve

from builders import WRITTEN, a_draft, a_parcel, a_shipment, an_address, an_entry
from shipping_core.domain.assembling import address_of, draft_of, parcel_of, shipment_of
from shipping_core.domain.draft import Draft, Entry, Field, Place, Problem, Side, Trouble
from shipping_core.errors import InvalidAddress


def test_given_nothing_when_asked_then_everything_required_is_missing_in_the_order_of_the_steps() -> None:
    assert Draft().missing == tuple(WRITTEN)
    assert Draft().empty


def test_given_all_required_fields_when_asked_then_nothing_is_missing() -> None:
    assert a_draft().missing == ()
    assert not a_draft().empty


def test_given_fields_in_any_order_when_filled_then_they_stand_in_the_order_of_the_steps() -> None:
    draft = Draft().filled({Field.WEIGHT: Entry("35 oz")}).filled({Field.FROM_NAME: Entry("Jane Doe")})

    assert list(draft.entries) == [Field.FROM_NAME, Field.WEIGHT]


def test_given_a_kept_side_when_its_address_changes_then_the_customer_must_agree_anew() -> None:
    draft = a_draft(kept=frozenset(Side))
    same = draft.filled({Field.TO_ZIP: an_entry(Field.TO_ZIP, "90012")})
    other = draft.filled({Field.TO_ZIP: an_entry(Field.TO_ZIP, "10001"), Field.WEIGHT: Entry("8 oz")})

    assert same.kept == {Side.FROM, Side.TO}
    assert other.kept == {Side.FROM}
    assert other.keeping(Side.TO).kept == {Side.FROM, Side.TO}


def test_given_a_skipped_field_when_read_then_it_is_empty_but_answered() -> None:
    draft = Draft().skipped(Field.TO_PHONE)

    assert draft.get(Field.TO_PHONE) == ""
    assert Field.TO_PHONE in draft.entries


def test_given_fields_to_forget_when_forgotten_then_the_others_stay() -> None:
    draft = a_draft().without([Field.WEIGHT, Field.FROM_PHONE])

    assert draft.missing == (Field.WEIGHT,)


def test_given_a_doubtful_reading_when_asked_then_it_is_named_until_written_again() -> None:
    draft = a_draft().filled({Field.TO_NAME: Entry("J Smith", 0.6), Field.TO_PHONE: Entry("", 0.1)})

    assert draft.doubtful == (Field.TO_NAME,)
    assert draft.filled({Field.TO_NAME: Entry("John Smith")}).doubtful == ()


@pytest.mark.parametrize("lacking", [Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT], ids=lambda f: f.value)
def test_given_two_zips_and_a_weight_when_asked_then_prices_can_be_estimated(lacking: Field) -> None:
    draft = Draft({f: Entry("x") for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)})

    assert draft.can_be_estimated
    assert not draft.without([lacking]).can_be_estimated


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({Field.TO_ZIP: "99999"}, Problem(Trouble.ZIP_UNKNOWN, Field.TO_ZIP)),
        ({Field.TO_STATE: "NY"}, Problem(Trouble.ZIP_NOT_IN_STATE, Field.TO_ZIP, "CA")),
        ({Field.TO_CITY: "Springfield"}, Problem(Trouble.ZIP_NOT_IN_CITY, Field.TO_CITY, "Los Angeles")),
    ],
    ids=["unknown ZIP", "another state", "another city"],
)
def test_given_a_contradiction_when_looked_for_then_it_is_named_and_only_a_wrong_state_blocks(
    changes: dict[Field, str], problem: Problem
) -> None:
    assert a_draft(changes).problems() == (problem,)
    assert problem.blocking == (problem.trouble is Trouble.ZIP_NOT_IN_STATE)


@pytest.mark.parametrize(
    "draft",
    [a_draft(), a_draft({Field.FROM_CITY: "SAN francisco"}), Draft(), Draft().skipped(Field.TO_ZIP)],
    ids=["whole", "in capitals", "empty", "blank"],
)
def test_given_nothing_contradictory_when_looked_for_then_there_is_no_problem(draft: Draft) -> None:
    assert draft.problems() == ()


def test_given_only_a_zip_when_looked_for_then_there_is_no_problem() -> None:
    draft = Draft({Field.TO_ZIP: Entry("90012", place=Place("CA", ("Los Angeles",)))})

    assert draft.problems() == ()


def test_given_a_whole_draft_when_assembled_and_taken_apart_then_it_says_the_same() -> None:
    shipment = shipment_of(a_draft({Field.TO_STREET2: "Apt 4", Field.FROM_PHONE: "+14155550134"}))

    assert shipment == a_shipment()
    assert shipment_of(draft_of(shipment)) == shipment


def test_given_a_parcel_without_a_size_when_taken_apart_then_the_size_is_missing() -> None:
    light = a_shipment(parcel=evolve(a_parcel(), size=None))
    draft = draft_of(light)

    assert draft.missing == (Field.LENGTH, Field.WIDTH, Field.HEIGHT)
    assert parcel_of(draft) == light.parcel
    assert address_of(draft, Side.FROM) == an_address()


@pytest.mark.parametrize(
    ("draft", "field", "reason"),
    [
        (a_draft(without=(Field.TO_CITY, Field.WEIGHT)), "to.city", "missing"),
        (a_draft({Field.WEIGHT: "heavy"}), "parcel.weight", "not_a_weight"),
        (a_draft({Field.WIDTH: "wide"}), "parcel.length", "not_a_size"),
    ],
    ids=["a missing field", "an unusable weight", "an unusable size"],
)
def test_given_an_unusable_draft_when_assembled_then_the_error_names_the_field(
    draft: Draft, field: str, reason: str
) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        shipment_of(draft)

    assert (refusal.value.field, refusal.value.reason) == (field, reason)
