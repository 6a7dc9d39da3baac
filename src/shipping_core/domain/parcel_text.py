"""How people write weights and sizes, read and written back, in English and Russian.

Every pattern here has bounded repeats only, so the time to read a text grows in step with its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from attrs import field, frozen

from shipping_core.domain.shipment import CENTIMETRES_PER_INCH, Parcel, Size, Weight

MAX_OUNCES = Decimal(150 * 16)
"""150 lb, the heaviest parcel UPS and FedEx take, as their service guides publish it."""
MAX_INCHES = Decimal(108)
"""The longest side UPS and FedEx take, as their service guides publish it."""

Span = tuple[int, int]

_HUNDREDTH, _GRAM_OF_KILO = Decimal("0.01"), Decimal("0.001")
_VULGAR = {"¼": Decimal("0.25"), "½": Decimal("0.5"), "¾": Decimal("0.75")}
_FRACTION = r"\d{1,2}/\d{1,2}"
_NUMBER = (
    rf"(?:{_FRACTION}|[¼½¾]|"
    rf"(?:\d{{1,6}}(?:[.,]\d{{1,4}})?|\.\d{{1,4}})(?:\s{{0,2}}[¼½¾]|[\s-]{{1,2}}{_FRACTION})?)"
)
_START = r"(?<![\w/$#+\-−–])(?<!\d[.,])"
_LETTERLESS = r"(?![^\W\d_])"

_WEIGHT_UNITS = {
    "lb": r"lbs?|pounds?|фунт(?:а|ов|ы)?",
    "oz": r"oz|ozs|ounces?|унци[яийею]|унц",
    "kg": r"kgs?|kilos?|kilogram(?:s|mes?|me)?|кг|кило(?:грамм(?:а|ов|ы)?)?",
    "g": r"g|gr|gm|grams?|grammes?|г|гр|грамм(?:а|ов|ы)?",
}
_WEIGHT_FACTORS = {
    "lb": (Decimal(16), "oz"),
    "oz": (Decimal(1), "oz"),
    "kg": (Decimal(1000), "g"),
    "g": (Decimal(1), "g"),
}
# "1200 G St" and "12 Pound Hill Rd" are streets.
_STREET = (
    r"(?!\s{1,2}(?:(?!to\b|from\b|in\b|at\b|for\b)[A-Za-z]{2,20}\s)?"
    r"(?:st|street|ave|avenue|rd|road|blvd|dr|drive|ln|lane|way|ct|pl|ter|hwy|pkwy|cir)\b)"
)
_WEIGHT = re.compile(
    _START
    + rf"(?P<n>{_NUMBER})(?:\s{{0,3}}-?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _WEIGHT_UNITS.items())
    + rf"){_LETTERLESS}{_STREET}\.?|\#(?!\w))",
    re.IGNORECASE,
)
_MORE = {
    big: re.compile(
        rf"[\s,]{{0,3}}(?:(?:and|&|и|\+)\s{{0,2}})?(?P<n>{_NUMBER})\s{{0,3}}"
        rf"(?:{_WEIGHT_UNITS[small]}){_LETTERLESS}\.?",
        re.IGNORECASE,
    )
    for big, small in (("lb", "oz"), ("kg", "g"))
}
_UNIT_NUMBER = re.compile(r"(?:\b(?:apt|unit|ste|suite|box|rm|room|fl|floor|кв)|#)\.?\s?$", re.IGNORECASE)

_LENGTH_WORDS = {
    "in": r"\"|''|”|″|inch(?:es)?|in|дюйм(?:а|ов|ы)?",
    "cm": r"cms?|centimet(?:er|re)s?|см|сантиметр(?:а|ов)?",
    "mm": r"mms?|millimet(?:er|re)s?|мм|миллиметр(?:а|ов)?",
    "ft": r"ft|feet|foot|фут(?:а|ов)?",
}
_LENGTH_FACTORS = {
    "in": (Decimal(1), "in"),
    "ft": (Decimal(12), "in"),
    "cm": (Decimal(1), "cm"),
    "mm": (Decimal("0.1"), "cm"),
}


def _length(number: int) -> str:
    units = "|".join(f"(?P<{name}{number}>{words})" for name, words in _LENGTH_WORDS.items())
    return rf"(?P<n{number}>{_NUMBER})(?:\s{{0,2}}(?:{units}){_LETTERLESS}\.?)?"


_BY = r"\s{0,3}[lwhдшв]?\s{0,2}(?:[x×хХ✕✖*]|by|на)\s{0,3}"
_CROSSED = re.compile(
    _START
    + _length(0)
    + _BY
    + _length(1)
    + _BY
    + _length(2)
    + rf"(?:\s?[hв]\b)?(?![x×х*]|\s{{0,2}}[x×х*]\s{{0,2}}\d|\d){_LETTERLESS}",
    re.IGNORECASE,
)
_GAP = r"[\s,;:x×х*/]{0,4}"
_NAMED = re.compile(
    r"(?<!\w)(?:l|len|length|длина|д)[\s:=.]{0,3}"
    + _length(0)
    + _GAP
    + r"(?:w|wid|width|ширина|ш)[\s:=.]{0,3}"
    + _length(1)
    + _GAP
    + r"(?:h|ht|height|высота|в)[\s:=.]{0,3}"
    + _length(2)
    + _LETTERLESS,
    re.IGNORECASE,
)
_ONE_LENGTH = re.compile(r"\s*" + _length(0) + r"\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"[-¼½¾]")
_THOUSANDS = re.compile(r"\d{1,3},\d{3}")
_ENTRY = re.compile(r"(\d+(?:\.\d+)?) (oz|g|in|cm)")


@frozen
class WeightFound:
    """A weight in a text, however heavy, and where it stands."""

    weight: Weight
    span: Span


@frozen
class SizeFound:
    """A size in a text, however large, where it stands, and whether its unit was written."""

    size: Size
    span: Span
    unit_named: bool = field(default=True)


def _number(text: str, *, thousands: bool = False) -> Decimal:
    """The number; a fraction of nothing counts as 0, which no weight or size accepts."""
    total = sum((part for sign, part in _VULGAR.items() if sign in text), Decimal(0))
    for word in _BETWEEN.sub(" ", text).split():
        over, slash, under = word.partition("/")
        if slash:
            total += Decimal(over) / Decimal(under) if int(under) else 0
        else:
            total += Decimal(word.replace(",", "" if thousands and _THOUSANDS.fullmatch(word) else "."))
    return total


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_HUNDREDTH, ROUND_HALF_UP)


def weights(text: str) -> Iterator[WeightFound]:
    """Every weight written in `text`, in order, even beyond what carriers take."""
    end_of_last = 0
    for match in _WEIGHT.finditer(text):
        if match.start() < end_of_last or _UNIT_NUMBER.search(
            text[max(0, match.start() - 8) : match.start()]
        ):
            continue
        name = next((n for n in _WEIGHT_UNITS if match[n]), "lb")
        factor, unit = _WEIGHT_FACTORS[name]
        value, end = _number(match["n"], thousands=name in {"g", "oz"}) * factor, match.end()
        if name in _MORE and (more := _MORE[name].match(text, end)):
            value, end = value + _number(more["n"]), more.end()
        end_of_last = end
        if _rounded(value) > 0:
            yield WeightFound(Weight(_rounded(value), unit), (match.start(), end))


def sizes(text: str, *, default_unit: str = "in") -> Iterator[SizeFound]:
    """Every length × width × height written in `text`, even beyond what carriers take.

    `default_unit` (`in` or `cm`) stands for a unit nobody wrote.
    """
    for pattern in (_CROSSED, _NAMED):
        for match in pattern.finditer(text):
            named = [next((u for u in _LENGTH_WORDS if match[f"{u}{n}"]), "") for n in range(3)]
            last = next((u for u in reversed(named) if u), default_unit)
            sides = [_converted(_number(match[f"n{n}"]), named[n] or last) for n in range(3)]
            if all(_rounded(value) > 0 for value, _ in sides):
                yield SizeFound(_size(sides), match.span(), unit_named=any(named))


def _size(sides: list[tuple[Decimal, str]]) -> Size:
    unit = sides[0][1]
    length, width, height = (_in_unit(*side, unit) for side in sides)
    return Size(length, width, height, unit)


def _converted(value: Decimal, unit: str) -> tuple[Decimal, str]:
    factor, base = _LENGTH_FACTORS[unit]
    return value * factor, base


def _in_unit(value: Decimal, unit: str, wanted: str) -> Decimal:
    if unit != wanted:
        value = value * CENTIMETRES_PER_INCH if wanted == "cm" else value / CENTIMETRES_PER_INCH
    return _rounded(value)


def too_heavy(weight: Weight) -> bool:
    """Whether no domestic carrier takes it."""
    return weight.ounces > MAX_OUNCES


def too_large(size: Size) -> bool:
    """Whether its longest side is more than any domestic carrier takes."""
    return too_long(max(size.length, size.width, size.height), size.unit)


def too_long(value: Decimal, unit: str) -> bool:
    """Whether one side (`in` or `cm`) is more than any domestic carrier takes."""
    return _in_unit(value, unit, "in") > MAX_INCHES


def find_weight(text: str) -> tuple[Weight, Span] | None:
    """The first weight in `text` that a carrier would take, and its place."""
    return next(((w.weight, w.span) for w in weights(text) if not too_heavy(w.weight)), None)


def find_size(text: str) -> tuple[Size, Span] | None:
    """The first size in `text` that a carrier would take, and its place.

    A unit nobody wrote means inches, or centimetres where the same text gives a metric weight.
    """
    found = sizes(text, default_unit=implied_length_unit(text))
    return next(((s.size, s.span) for s in found if not too_large(s.size)), None)


def implied_length_unit(text: str) -> str:
    """`cm` where the first weight of `text` is metric, else `in`."""
    first = next(weights(text), None)
    return "cm" if first and first.weight.unit == "g" else "in"


def parse_weight(text: str) -> Weight | None:
    """The weight `text` gives, if any and not beyond 150 lb."""
    found = find_weight(text)
    return found[0] if found else None


def parse_size(text: str) -> Size | None:
    """The size `text` gives, if any and not beyond 108 in."""
    found = find_size(text)
    return found[0] if found else None


def parse_length(text: str) -> tuple[Decimal, str] | None:
    """One length alone as (value, `in` or `cm`), inches where no unit stands; None for anything else."""
    match = _ONE_LENGTH.fullmatch(text)
    if match is None:
        return None
    unit = next((u for u in _LENGTH_WORDS if match[f"{u}0"]), "in")
    value, base = _converted(_number(match["n0"]), unit)
    return (_rounded(value), base) if _rounded(value) > 0 else None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def format_weight(weight: Weight) -> str:
    """The weight for people: `2 lb 3 oz`, `8 oz`, `350 g`, or in kilograms to the gram: `1.2 kg`."""
    if weight.unit == "g":
        if weight.value < 1000:
            return f"{_plain(weight.value)} g"
        return f"{_plain((weight.value / 1000).quantize(_GRAM_OF_KILO, ROUND_HALF_UP))} kg"
    pounds, ounces = divmod(weight.value, 16)
    shown = [f"{_plain(n)} {unit}" for n, unit in ((pounds, "lb"), (ounces, "oz")) if n]
    return " ".join(shown)


def format_size(size: Size) -> str:
    """The size for people: `10×8×6 in`."""
    return "×".join(_plain(n) for n in (size.length, size.width, size.height)) + f" {size.unit}"


def format_parcel(parcel: Parcel) -> str:
    """The parcel for people: `2 lb 3 oz, 10×8×6 in`, or `2 lb, USPS Medium Flat Rate Box`."""
    how_large = str(parcel.box) if parcel.box else format_size(parcel.size) if parcel.size else ""
    return ", ".join(part for part in (format_weight(parcel.weight), how_large) if part)


def weight_entry(weight: Weight) -> str:
    """The weight as a draft keeps it: `35 oz` or `1200 g`."""
    return f"{_plain(weight.value)} {weight.unit}"


def length_entry(value: Decimal, unit: str) -> str:
    """One side as a draft keeps it: `10 in` or `25.5 cm`."""
    return f"{_plain(value)} {unit}"


def _read_entry(entry: str, units: tuple[str, str]) -> tuple[Decimal, str]:
    match = _ENTRY.fullmatch(entry)
    if match is None or match[2] not in units:
        raise ValueError(f"not a number with one of {', '.join(units)}")
    return Decimal(match[1]), match[2]


def read_weight_entry(entry: str) -> Weight:
    """The weight a draft keeps.

    Raises:
        ValueError: `entry` is not what `weight_entry` writes.
    """
    return Weight(*_read_entry(entry, ("oz", "g")))


def read_size_entries(length: str, width: str, height: str) -> Size:
    """The size whose sides a draft keeps, all in the unit of its length.

    Raises:
        ValueError: an entry is not what `length_entry` writes.
    """
    sides = [_read_entry(entry, ("in", "cm")) for entry in (length, width, height)]
    return _size(sides)
