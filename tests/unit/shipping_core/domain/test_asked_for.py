"""What somebody at a door may ask for: every no names what cannot be used."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from builders import NOW, minutes
from shipping_core.domain.ids import Mode
from shipping_core.domain.listing import Place, Wanted, asked_for
from shipping_core.domain.order import OrderState
from shipping_core.domain.statistics import Span, span_asked_for
from shipping_core.errors import InvalidInput


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_given_filters_as_text_and_as_values_when_asked_then_the_store_hears_the_same() -> None:
    meant = Wanted("orders", {"state": "parked"}, words=("ann", "90012"), sort="created_at", limit=200)

    assert asked_for("orders", {"state": "parked", "user_id": None}, words="Ann, 90012") == meant
    assert asked_for("orders", {"state": OrderState.PARKED}, words="ann 90012") == meant
    assert asked_for("topups", {"in_review": "true"}).equals == {"in_review": True}
    assert asked_for("users", {"blocked": False}).equals == {"blocked": False}


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("orders", {"filters": {"state": "nonsense"}}, "state"),
        ("users", {"filters": {"blocked": "maybe"}}, "blocked"),
        ("letters", {"filters": {"state": "gone"}}, "state"),
        ("orders", {"since": at("0001-01-01T00:00:00+14:00")}, "since"),
        ("orders", {"until": at("9999-12-31T23:59:59-14:00")}, "until"),
        ("orders", {"since": at("2031-04-07T12:00:00")}, "since"),
        ("orders", {"since": NOW + minutes(1), "until": NOW}, "until"),
        ("orders", {"sort": "price.minor", "filters": {"state": "parked"}}, "sort"),
        ("orders", {"sort": "price.minor", "words": "ann"}, "sort"),
        ("transfers", {"words": "ord_1 ord_2"}, "sort"),
        ("orders", {"words": " , "}, "q"),
        ("orders", {"after": Place(5, "y")}, "after"),
        ("orders", {"sort": "price.minor", "after": Place(NOW, "y")}, "after"),
    ],
)
def test_given_what_cannot_be_used_when_asked_then_it_is_named(
    name: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as no:
        asked_for(name, given.pop("filters", {}), **given)

    assert no.value.field == field
    assert "." not in no.value.reason.removesuffix(".")


def span(first: dt.date | None, last: dt.date | None, zone: str = "UTC") -> Span:
    return span_asked_for(first, last, zone, Mode.TEST, now=NOW, most_days=1100)


def test_given_no_days_when_asked_then_it_is_the_last_thirty_there() -> None:
    asked = span(None, None, "Pacific/Kiritimati")

    assert (asked.first, asked.last) == (dt.date(2031, 3, 10), dt.date(2031, 4, 8))


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, dt.date(1, 1, 5), "last"),
        (dt.date(1, 1, 5), None, "first"),
        (dt.date(9999, 12, 1), dt.date(9999, 12, 31), "first"),
        (dt.date(2031, 4, 8), dt.date(2031, 4, 7), "last"),
        (dt.date(2028, 4, 3), dt.date(2031, 4, 8), "first"),
    ],
)
def test_given_days_that_cannot_be_counted_when_asked_then_they_are_named(
    first: dt.date | None, last: dt.date | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as no:
        span(first, last)

    assert no.value.field == field


@pytest.mark.parametrize("first", [dt.date(1970, 1, 1), dt.date(9998, 12, 31)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_given_the_first_and_the_last_day_there_is_when_asked_then_it_has_its_edges(
    first: dt.date, zone: str
) -> None:
    assert len(span(first, first, zone).edges()) == 2
