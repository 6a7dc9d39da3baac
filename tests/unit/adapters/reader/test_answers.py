"""One text as the answer to one question."""

from __future__ import annotations

import pytest

from adapters.reader import OfflineReader
from shipping_core.domain.draft import Field, Place

GOOD = [
    (Field.FROM_NAME, "jane doe", "Jane Doe"),
    (Field.FROM_NAME, "O'BRIEN & SONS LLC", "O'Brien & Sons LLC"),
    (Field.FROM_NAME, "Patrick McDonald 🙂", "Patrick McDonald"),
    (Field.FROM_NAME, "molly mcdonald-stone", "Molly McDonald-Stone"),
    (Field.FROM_NAME, "IBM", "IBM"),
    (Field.FROM_NAME, "j.r. ewing", "J.R. Ewing"),
    (Field.FROM_NAME, "Пётр Левин", "Пётр Левин"),
    (Field.FROM_STREET1, "215 clayton st", "215 Clayton St"),
    (Field.FROM_STREET1, "1200 G ST NW", "1200 G St NW"),
    (Field.FROM_STREET1, "350 5TH AVE", "350 5th Ave"),
    (Field.FROM_STREET1, "p.o. box 123", "PO Box 123"),
    (Field.FROM_STREET1, "One Market Plaza", "One Market Plaza"),
    (Field.FROM_STREET2, "apt 3b", "Apt 3B"),
    (Field.FROM_STREET2, "# 7", "#7"),
    (Field.FROM_STREET2, "кв. 12", "Apt 12"),
    (Field.FROM_CITY, "SAN FRANCISCO, CA", "San Francisco"),
    (Field.FROM_CITY, "APO", "APO"),
    (Field.FROM_STATE, "Ca", "CA"),
    (Field.FROM_STATE, "calif.", "CA"),
    (Field.FROM_STATE, "d.c.", "DC"),
    (Field.FROM_STATE, "Калифорния", "CA"),
    (Field.FROM_ZIP, "94117-1234", "94117-1234"),
    (Field.FROM_ZIP, "zip 941171234", "94117-1234"),
    (Field.FROM_PHONE, "(415) 555-0132", "+14155550132"),
    (Field.FROM_PHONE, "+7 916 123-45-67", "+79161234567"),
    (Field.WEIGHT, "2 lb 3 oz", "35 oz"),
    (Field.WEIGHT, "1,2 кг", "1200 g"),
    (Field.LENGTH, "10", "10 in"),
    (Field.WIDTH, "25 cm", "25 cm"),
    (Field.WIDTH, "10x8x6", "8 in"),
    (Field.HEIGHT, '6"', "6 in"),
]
BAD = [
    (Field.FROM_NAME, "", "empty"),
    (Field.FROM_NAME, "\u200b🙂 ", "empty"),
    (Field.FROM_NAME, "12345", "no_letters"),
    (Field.FROM_NAME, "x" * 51, "too_long"),
    (Field.FROM_STREET1, "Main Street", "no_digits"),
    (Field.FROM_STREET1, "12", "no_letters"),
    (Field.FROM_STREET1, "1 " + "x" * 60, "too_long"),
    (Field.FROM_STREET2, "x" * 61, "too_long"),
    (Field.FROM_CITY, "x" * 51, "too_long"),
    (Field.FROM_CITY, "94117", "no_letters"),
    (Field.FROM_STATE, "Bavaria", "not_a_state"),
    (Field.FROM_ZIP, "9411", "not_a_zip"),
    (Field.FROM_ZIP, "94117 90001", "not_a_zip"),
    (Field.FROM_PHONE, "12", "not_a_phone"),
    (Field.FROM_PHONE, "000-000-0000", "not_a_phone"),
    (Field.FROM_PHONE, "+999 123 4567", "not_a_phone"),
    (Field.WEIGHT, "heavy", "not_a_weight"),
    (Field.WEIGHT, "200 lb", "too_heavy"),
    (Field.WEIGHT, "200", "too_heavy"),
    (Field.LENGTH, "long", "not_a_size"),
    (Field.LENGTH, "109", "too_large"),
    (Field.HEIGHT, "3 m", "not_a_size"),
]


@pytest.mark.parametrize(("wanted", "text", "value"), GOOD, ids=[f"{w.what} {t}" for w, t, _ in GOOD])
def test_given_a_good_answer_when_read_then_it_is_normalised(
    reader: OfflineReader, wanted: Field, text: str, value: str
) -> None:
    answer = reader.answer(text, wanted)

    assert answer.entry is not None, answer.reason
    assert answer.entry.value == value
    assert answer.entry.confidence == 1
    assert answer.reason == ""


@pytest.mark.parametrize(("wanted", "text", "reason"), BAD, ids=[f"{w.what} {t[:12]}" for w, t, _ in BAD])
def test_given_a_useless_answer_when_read_then_the_reason_is_told(
    reader: OfflineReader, wanted: Field, text: str, reason: str
) -> None:
    answer = reader.answer(text, wanted)

    assert (answer.entry, answer.reason) == (None, reason)


def test_given_a_bare_number_as_weight_when_read_then_pounds_are_a_doubtful_default(
    reader: OfflineReader,
) -> None:
    entry = reader.answer("2.5", Field.WEIGHT).entry

    assert entry is not None
    assert (entry.value, entry.doubtful) == ("40 oz", True)


def test_given_a_zip_as_answer_when_read_then_its_place_comes_along(reader: OfflineReader) -> None:
    known, unknown = reader.answer("94117", Field.TO_ZIP).entry, reader.answer("00000", Field.TO_ZIP).entry

    assert known is not None
    assert unknown is not None
    assert known.place == Place("CA", ("San Francisco",))
    assert unknown.place is None
