"""Which side an address goes to, what is doubtful, and what is left unread."""

from __future__ import annotations

import pytest

from adapters.reader import OfflineReader
from shipping_core.domain.draft import STEPS, Field, Place

JANE = "Jane Doe, 215 Clayton St, San Francisco CA 94117"
JOHN = "John Smith, 123 Main St Apt 4, Los Angeles CA 90001"
TO_FIELDS = tuple(f for f in STEPS if f.part == "to")


@pytest.mark.parametrize(
    ("text", "sender", "recipient"),
    [
        (f"{JANE}\n{JOHN}", "Jane Doe", "John Smith"),
        (f"to {JOHN}\n\n{JANE}", "Jane Doe", "John Smith"),
        (f"{JANE}\nfrom: {JOHN}", "John Smith", "Jane Doe"),
        (f"кому: {JANE}\nот: {JOHN}", "John Smith", "Jane Doe"),
        (f"{JANE} → {JOHN}", "Jane Doe", "John Smith"),
        (f"{JANE} to {JOHN}", "Jane Doe", "John Smith"),
    ],
    ids=["in order", "one label", "label on the second", "Russian", "arrow", "to in one line"],
)
def test_given_two_addresses_when_read_then_labels_decide_and_then_the_order(
    reader: OfflineReader, text: str, sender: str, recipient: str
) -> None:
    found = reader.read(text, expecting=STEPS).found

    assert found[Field.FROM_NAME].value == sender
    assert found[Field.TO_NAME].value == recipient


def test_given_the_sender_known_when_one_address_comes_then_it_is_the_recipient(
    reader: OfflineReader,
) -> None:
    found = reader.read(JOHN, expecting=TO_FIELDS).found

    assert {f.part for f in found} == {"to"}
    assert found[Field.TO_STREET1].value == "123 Main St"
    assert found[Field.TO_STREET2].value == "Apt 4"
    assert not any(entry.doubtful for entry in found.values())


def test_given_nothing_wanted_when_an_address_comes_without_a_label_then_all_of_it_is_doubtful(
    reader: OfflineReader,
) -> None:
    found = reader.read(JANE, expecting=()).found

    assert found
    assert all(entry.doubtful for entry in found.values())


def test_given_a_zip_when_read_then_its_place_comes_along_and_fills_what_is_missing(
    reader: OfflineReader,
) -> None:
    found = reader.read("Lucy Horn\n9 Elm Ct\n05401", expecting=STEPS).found

    assert found[Field.FROM_ZIP].place == Place("VT", ("Burlington",))
    assert (found[Field.FROM_STATE].value, found[Field.FROM_STATE].doubtful) == ("VT", False)
    assert (found[Field.FROM_CITY].value, found[Field.FROM_CITY].doubtful) == ("Burlington", True)


def test_given_a_city_in_another_spelling_when_read_then_the_place_accepts_it(reader: OfflineReader) -> None:
    found = reader.read("Ann Lee, 20 Market St, St. Louis, MO 63103", expecting=STEPS).found

    assert found[Field.FROM_CITY].value == "St. Louis"
    assert (place := found[Field.FROM_ZIP].place) is not None
    assert {"Saint Louis", "St. Louis"} <= set(place.cities)


def test_given_a_zip_nobody_knows_when_read_then_it_has_no_place(reader: OfflineReader) -> None:
    found = reader.read("Ann Lee, 20 Market St, Nowhere, CA 99999", expecting=STEPS).found

    assert found[Field.FROM_ZIP].value == "99999"
    assert found[Field.FROM_ZIP].place is None


def test_given_a_city_no_rule_knows_when_read_then_the_guess_is_doubtful(reader: OfflineReader) -> None:
    found = reader.read("Jane Doe 215 Clayton St Springfieldtown CA 94117", expecting=STEPS).found

    assert found[Field.FROM_CITY].value == "Springfieldtown"
    assert found[Field.FROM_CITY].doubtful


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("2lb 10x8x6", False),
        ("10x8x6", True),
        ("2 kg 30x20x10", True),
        ("10x8x6 in", False),
        ("10x8x6 in or 12x8x6 in", True),
    ],
)
def test_given_a_size_when_its_unit_is_not_clear_then_it_is_doubtful(
    reader: OfflineReader, text: str, doubtful: bool
) -> None:
    found = reader.read(text, expecting=STEPS).found

    assert found[Field.LENGTH].doubtful is doubtful


def test_given_two_weights_when_read_then_the_first_is_kept_and_doubtful(reader: OfflineReader) -> None:
    entry = reader.read("2 lb or maybe 3 lb", expecting=STEPS).found[Field.WEIGHT]

    assert (entry.value, entry.doubtful) == ("32 oz", True)


def test_given_a_sentence_around_an_order_when_read_then_the_rest_is_unread(reader: OfflineReader) -> None:
    reading = reader.read(f"{JANE}\nplease ring the bell\nhttps://example.com/12345", expecting=STEPS)

    assert reading.found[Field.FROM_NAME].value == "Jane Doe"
    assert sorted(reading.unread.split("\n")) == ["https://example.com/12345", "please ring the bell"]


def test_given_names_after_addresses_when_read_then_none_is_taken_for_sure(reader: OfflineReader) -> None:
    text = "215 Clayton St\nSan Francisco CA 94117\nJane Doe\n\n123 Main St\nLos Angeles CA 90001\nJohn Smith"
    found = reader.read(text, expecting=STEPS).found

    assert all(entry.doubtful for which, entry in found.items() if which.what == "name")


def test_given_three_addresses_when_read_then_two_are_doubtful_and_one_is_unread(
    reader: OfflineReader,
) -> None:
    reading = reader.read(f"{JANE}\n{JOHN}\nAnn Lee, 1 Elm St, Boston MA 02108", expecting=STEPS)

    assert all(entry.doubtful for entry in reading.found.values())
    assert "Ann Lee" in reading.unread


def test_given_a_side_named_twice_when_read_then_the_first_value_stays(reader: OfflineReader) -> None:
    reading = reader.read(f"to: {JANE}\nto: {JOHN}", expecting=STEPS)

    assert reading.found[Field.TO_NAME].value == "Jane Doe"
    assert "John Smith" in reading.unread


def test_given_a_phone_alone_when_read_then_it_goes_to_the_side_in_question(reader: OfflineReader) -> None:
    found = reader.read("(415) 555-0132", expecting=TO_FIELDS).found

    assert {f: e.value for f, e in found.items()} == {Field.TO_PHONE: "+14155550132"}


@pytest.mark.parametrize(
    ("text", "which", "value"),
    [
        (f"{'J' * 51}, 1 Elm St, Boston MA 02108", Field.FROM_NAME, None),
        ("Jane Doe, 1 Elm St, Boston MA 02108, phone 12-34", Field.FROM_PHONE, None),
        ("Jane Doe, 1 Elm St, Boston MA 02108, phone +7 916 123-45-67", Field.FROM_PHONE, "+79161234567"),
        ("name: Jane\nweight: 5", Field.WEIGHT, "80 oz"),
        ("name: Jane\nlength: 25 cm", Field.LENGTH, "25 cm"),
        ("name: Jane\nweight: plenty", Field.WEIGHT, None),
        ("Jane Doe\nc/o Ann Lee\n1 Elm St\nBoston MA 02108", Field.FROM_STREET2, "c/o Ann Lee"),
        ("sender: Jane Doe\nzip: 94117 1234", Field.FROM_ZIP, "94117-1234"),
        ("94117, CA, 215 Clayton St", Field.FROM_STREET1, "215 Clayton St"),
        ("from: Jane Doe, 1 Elm St, Denver, CO", Field.FROM_CITY, "Denver"),
        ("Jane Doe\n40 Hill Rd\nMount Washington 40047", Field.FROM_STATE, "KY"),
        ("Jane Doe, Apt 3, Bldg 2, 40 Hill Rd, Boston MA 02108", Field.FROM_STREET1, "40 Hill Rd"),
        ("Jane Doe, 40 Hill Rd, Bldg 2, Apt 3, Boston MA 02108", Field.FROM_STREET2, "Bldg 2 Apt 3"),
        ("Ivan\u202e Petrov\u200b, 40 Hill Rd, Boston MA ０２１０８", Field.FROM_NAME, "Ivan Petrov"),
        ("Jane Doe, 40 Hill Rd, North Las Vegas NV 89101", Field.FROM_CITY, "North Las Vegas"),
        ("Jane Doe\nRoom 4, Building 7\n1 Hill Rd\nBoston MA 02108", Field.FROM_STREET2, "Room 4 Building 7"),
        ("Jane Doe, Main St 215, Boston MA 02108", Field.FROM_STREET1, "Main St 215"),
        ("Ana Ruiz\nCalle 5 #123\nSan Juan PR 00901", Field.FROM_STREET1, "Calle 5"),
        ("Jane Doe, 215 Clayton St 94117", Field.FROM_ZIP, "94117"),
        ("215 Clayton St, San Francisco CA 94117, Jane Doe", Field.FROM_NAME, "Jane Doe"),
        ("send it to Mike Ross at 500 Main St Houston TX 77002", Field.TO_NAME, None),
        (
            "Adeline Featherstonehaugh\nNorthern Hills Trading Co LLC\n1 Elm St\nBoston MA 02108",
            Field.FROM_NAME,
            "Northern Hills Trading Co LLC",
        ),
        ("address:\n1 Elm St\nBoston MA 02108", Field.FROM_STREET1, "1 Elm St"),
        ("parcel: Jane Doe, 1 Elm St, Boston MA 02108", Field.FROM_STREET1, "1 Elm St"),
        (
            "Jane Doe, 1 Elm St, Boston MA 02108 ⬇ Ann Lee, 2 Oak St, Dallas TX 75201",
            Field.TO_NAME,
            "Ann Lee",
        ),
        ("from: Jane Doe\n215 Clayton St Pleasantville\n94117", Field.FROM_CITY, "San Francisco"),
    ],
)
def test_given_an_unusual_text_when_read_then_the_field_is_what_it_says(
    reader: OfflineReader, text: str, which: Field, value: str | None
) -> None:
    entry = reader.read(text, expecting=STEPS).found.get(which)

    assert (entry.value if entry else None) == value
