"""Weights and sizes as people write them."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_core.domain import parcel_text as say
from shipping_core.domain.shipment import Size, Weight

WEIGHTS = {
    "2lb 3oz 10x8x6": "2 lb 3 oz",
    "2lb3oz": "2 lb 3 oz",
    "2 lbs, and 3 ounces": "2 lb 3 oz",
    "3 pounds": "3 lb",
    "2#": "2 lb",
    "2# 10x10x5": "2 lb",
    "12oz": "12 oz",
    "0.5lb": "8 oz",
    ".5 lb": "8 oz",
    "4 1/2 lb": "4 lb 8 oz",
    "4½ lb": "4 lb 8 oz",
    "1/4 lb": "4 oz",
    "¾ lb": "12 oz",
    "1.2 kg 30x20x10 cm": "1.2 kg",
    "1 kg 200 g": "1.2 kg",
    "1,250 g": "1.25 kg",
    "1,250 kg": "1.25 kg",
    "1,5 кг": "1.5 kg",
    "500 г": "500 g",
    "2 фунта": "2 lb",
    "3 унции": "3 oz",
    "350 грамм": "350 g",
    "10\u20091/2 oz": "10.5 oz",
}
SIZES = {
    "2 lb 3 oz, 10×8×6 in": "10×8×6 in",
    "10x8x6": "10×8×6 in",
    "10 by 8 by 6 inches": "10×8×6 in",
    '10" x 8" x 6"': "10×8×6 in",
    "12in x 9in x 4in": "12×9×4 in",
    "L10 W8 H6": "10×8×6 in",
    "10L x 8W x 6H": "10×8×6 in",
    "length: 10, width: 8, height: 6": "10×8×6 in",
    "10 1/2 x 8 x 6": "10.5×8×6 in",
    "1.2 kg 30x20x10": "30×20×10 cm",
    "30*20*10см": "30×20×10 cm",
    "30х20х10 см": "30×20×10 cm",
    "длина 25 см, ширина 20 см, высота 12 см": "25×20×12 cm",
    "300x200x100 mm": "30×20×10 cm",
    "1 ft x 6 in x 6 in": "12×6×6 in",
    "10 in x 25.4 cm x 6 in": "10×10×6 in",
    "25.4 cm x 10 in x 5 cm": "25.4×25.4×5 cm",
    "5х5х5 дюймов": "5×5×5 in",
}
NOT_WEIGHTS = [
    "",
    "1200 G St NW",
    "12 Pound Hill Rd",
    "Apt 2# 5",
    "unit 5 #2",
    "-5 lb",
    "0 lb",
    "1/0 lb",
    "$5 g",
    "151 lb",
    "70000 g",
    "2",
    "lb",
]
NOT_SIZES = ["", "10x8", "10x8x6x4", "0x1x1", "109x1x1", "280x10x10 cm", "x8x6", "10 x 8 x six"]
HOSTILE = [
    "1" * 4096,
    "1 " * 2048,
    "1x" * 2048,
    "1/" * 2048,
    "1 lb" * 1024,
    "L1 W1 " * 680,
    ". " * 2048,
    "½" * 4096,
]


@pytest.mark.parametrize(("text", "shown"), WEIGHTS.items(), ids=list(WEIGHTS))
def test_given_a_weight_as_people_write_it_when_read_then_it_is_understood(text: str, shown: str) -> None:
    weight = say.parse_weight(text)

    assert weight is not None
    assert say.format_weight(weight) == shown


@pytest.mark.parametrize(("text", "shown"), SIZES.items(), ids=list(SIZES))
def test_given_a_size_as_people_write_it_when_read_then_it_is_understood(text: str, shown: str) -> None:
    size = say.parse_size(text)

    assert size is not None
    assert say.format_size(size) == shown


@pytest.mark.parametrize("text", NOT_WEIGHTS)
def test_given_no_weight_a_carrier_takes_when_read_then_there_is_none(text: str) -> None:
    assert say.parse_weight(text) is None


@pytest.mark.parametrize("text", NOT_SIZES)
def test_given_no_size_a_carrier_takes_when_read_then_there_is_none(text: str) -> None:
    assert say.parse_size(text) is None


def test_given_a_weight_and_a_size_in_a_text_when_found_then_their_places_are_told() -> None:
    text = "box: 2 lb 3 oz and 10x8x6 in, thanks"
    weight, size = say.find_weight(text), say.find_size(text)

    assert weight is not None
    assert size is not None
    assert text[slice(*weight[1])] == "2 lb 3 oz"
    assert text[slice(*size[1])] == "10x8x6 in"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10", (Decimal(10), "in")),
        ("25.5 cm", (Decimal("25.5"), "cm")),
        (" 1 ft ", (Decimal(12), "in")),
        ("0", None),
        ("ten", None),
        ("10 8", None),
    ],
)
def test_given_one_length_when_read_then_its_unit_defaults_to_inches(
    text: str, length: tuple[Decimal, str] | None
) -> None:
    assert say.parse_length(text) == length


@given(st.decimals("0.01", 2400, places=2), st.sampled_from(["oz", "g"]))
def test_given_any_weight_when_written_then_it_reads_back_the_same(value: Decimal, unit: str) -> None:
    weight = Weight(value, unit)

    assert say.read_weight_entry(say.weight_entry(weight)) == weight
    if value >= Decimal("0.1"):
        assert say.parse_weight(say.format_weight(weight)) is not None
        assert say.parse_weight(say.weight_entry(weight)) == weight


@given(st.tuples(*[st.decimals("0.01", 108, places=2)] * 3), st.sampled_from(["in", "cm"]))
def test_given_any_size_when_written_then_it_reads_back_the_same(
    sides: tuple[Decimal, ...], unit: str
) -> None:
    size = Size(sides[0], sides[1], sides[2], unit)
    entries = [say.length_entry(side, unit) for side in sides]

    assert say.read_size_entries(entries[0], entries[1], entries[2]) == size
    assert say.parse_size(say.format_size(size)) == size


def test_given_sides_in_two_units_when_put_together_then_the_unit_of_the_length_holds() -> None:
    size = say.read_size_entries("10 in", "25.4 cm", "5 in")

    assert size == Size(Decimal(10), Decimal(10), Decimal(5), "in")


@pytest.mark.parametrize("entry", ["", "35", "35 lb", "-1 oz", "x oz", "10 in", "0 oz"])
def test_given_no_weight_entry_when_read_then_it_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):
        say.read_weight_entry(entry)


@pytest.mark.parametrize("entry", ["", "10", "10 ft", "35 oz", "0 in"])
def test_given_no_length_entry_when_read_then_it_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):
        say.read_size_entries("10 in", entry, "10 in")


@given(st.text(max_size=300) | st.text(alphabet="0123456789 .,/x×½lbozkgin#-\n", max_size=300))
def test_given_any_text_when_searched_then_what_is_found_stands_where_it_says(text: str) -> None:
    found = [*(w.span for w in say.weights(text)), *(s.span for s in say.sizes(text))]

    for start, end in found:
        assert any(say.weights(text[start:end])) or any(say.sizes(text[start:end]))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_given_a_hostile_text_when_searched_then_it_takes_no_time_worth_naming(text: str) -> None:
    started = time.process_time()
    say.parse_weight(text)
    say.parse_size(text)

    assert time.process_time() - started < 0.5
