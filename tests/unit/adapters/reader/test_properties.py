"""What holds for every text whatsoever."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.reader import OfflineReader
from shipping_core.domain.draft import STEPS, Field
from shipping_core.ports.reader import Reading

READER = OfflineReader()
PATIENT = settings(deadline=None)
"""The first text of a process waits for the list of ZIP codes."""
LIMITS = {"name": 50, "street1": 60, "street2": 60, "city": 50, "state": 2, "zip": 10, "phone": 16}
PLACES = [
    ("94117", "San Francisco", "CA"),
    ("10001", "New York", "NY"),
    ("02139", "Cambridge", "MA"),
    ("64108", "Kansas City", "MO"),
    ("84101", "Salt Lake City", "UT"),
    ("43604", "Toledo", "OH"),
    ("97209-1234", "Portland", "OR"),
    ("00901", "San Juan", "PR"),
    ("09012", "APO", "AE"),
    ("20005", "Washington", "DC"),
    ("93401", "San Luis Obispo", "CA"),
]
WORDS = [
    *("from", "to:", "кому", "FROM C/O", "c/o", "name:", "zip:", "weight:", "Jane", "Doe", "215 Clayton St"),
    *(
        "PO Box 7",
        "Apt 4",
        "#",
        "San Francisco",
        "CA",
        "94117",
        "90001-1234",
        "2 lb",
        "3oz",
        "10x8x6",
        "1,5 кг",
    ),
    *(
        "415-555-0132",
        "+79161234567",
        ",",
        "\n",
        "\n\n",
        "---",
        "→",
        "->",
        "<br>",
        "&amp;",
        "🙂",
        "０１２",
        "½",
    ),
    *("\u202e", "\u200b", "\x00", "\ue000", "\uf000"),
]
NAMES = ("Ada", "Ben", "Cleo", "O'Hara", "Van", "Ruiz-Lee", "Nolan", "Park", "Levin")
texts = st.text(max_size=400) | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
names = st.lists(
    st.sampled_from(["Ada", "Ben", "Cleo", "O'Hara", "Van", "Ruiz-Lee", "Nolan", "Park", "Levin"]),
    min_size=2,
    max_size=3,
)
streets = st.builds(
    "{} {}{} {}".format,
    st.integers(1, 99999),
    st.sampled_from(["", "N ", "SW "]),
    st.sampled_from(["Oak", "Main", "5th", "Sunset", "Toledo", "Washington", "Lakeview"]),
    st.sampled_from(["St", "Ave", "Rd", "Blvd", "Ct", "Pkwy"]),
)
units = st.sampled_from(["", "Apt 4", "#1502", "Unit B-2", "Ste 300", "Fl 3"])
phones = st.integers(0, 99).map("+141555501{:02}".format)


@pytest.mark.parametrize("expecting", [(), STEPS, (Field.TO_CITY,)], ids=["nothing", "all", "one"])
@PATIENT
@given(text=texts)
def test_given_any_text_when_read_then_every_value_is_clean_and_fits(
    expecting: tuple[Field, ...], text: str
) -> None:
    reading = READER.read(text, expecting=expecting)

    assert READER.read(text, expecting=expecting) == reading
    for which, entry in reading.found.items():
        assert 0 < entry.confidence <= 1
        assert 0 < len(entry.value) <= LIMITS.get(which.what, 20)
        assert_clean(entry.value)
    assert_clean(reading.unread.replace("\n", ""))


@PATIENT
@given(text=texts, wanted=st.sampled_from(Field))
def test_given_any_text_when_answered_then_there_is_an_entry_or_a_reason(text: str, wanted: Field) -> None:
    answer = READER.answer(text, wanted)

    assert (answer.entry is None) is bool(answer.reason)
    if answer.entry:
        assert_clean(answer.entry.value)
        assert len(answer.entry.value) <= LIMITS.get(wanted.what, 20)


@PATIENT
@given(
    name=names.map(" ".join),
    street=streets,
    unit=units,
    place=st.sampled_from(PLACES),
    phone=phones | st.just(""),
)
@pytest.mark.parametrize("separator", ["\n", ", "], ids=["lines", "commas"])
def test_given_a_tidy_address_when_read_then_it_comes_back_as_it_was(
    separator: str, name: str, street: str, unit: str, place: tuple[str, str, str], phone: str
) -> None:
    zip_code, city, state = place
    block = separator.join(
        part for part in (name, street, unit, f"{city}, {state} {zip_code}", phone) if part
    )
    wanted = {"name": name, "street1": street, "street2": unit, "city": city, "state": state, "zip": zip_code}
    reading = READER.read(block, expecting=STEPS)

    assert fields(reading) == {k: v for k, v in {**wanted, "phone": phone}.items() if v}
    assert not any(entry.doubtful for entry in reading.found.values())
    assert reading.unread == ""


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1x",
        "to ",
        "CA 94117 ",
        "from: ",
        ", ",
        "\n",
        "-",
        "415 ",
        "(",
        "<b>",
        "Jane 1 Main St, ",
        "п",
        "1/",
        "½ ",
    ],
)
def test_given_a_long_hostile_text_when_read_then_it_takes_no_time_worth_naming(unit: str) -> None:
    text = (unit * 4096)[:4096]
    READER.read(unit, expecting=STEPS)
    started = time.process_time()
    READER.read(text, expecting=STEPS)

    assert time.process_time() - started < 0.5


def fields(reading: Reading) -> dict[str, str]:
    assert {which.part for which in reading.found} == {"from"}
    return {which.what: entry.value for which, entry in reading.found.items()}


def assert_clean(value: str) -> None:
    assert unicodedata.is_normalized("NFC", value)
    assert value == value.strip()
    assert not any(
        unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "So"} or c in "<>" for c in value
    ), value
