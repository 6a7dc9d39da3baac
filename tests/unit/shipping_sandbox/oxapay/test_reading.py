"""Any JSON at all becomes terms or a refusal that names a field, never an accident."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.kit.answers import Refusal
from shipping_sandbox.oxapay_api import history
from shipping_sandbox.oxapay_api.invoice import Terms
from shipping_sandbox.oxapay_api.reading import terms
from shipping_sandbox.oxapay_api.settings import Settings

NAMES = [name for name in Terms.__annotations__ if not name.startswith("_")]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text()
    | st.sampled_from(["25", "USD", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
QUERY = [
    *("track_id", "type", "status", "pay_currency", "currency", "network", "address", "from_date", "to_date"),
    *("from_amount", "to_amount", "sort_by", "sort_type", "page", "size"),
]


def refusal_of(act: Callable[[], Any]) -> dict[str, Any] | None:
    """The envelope of a refusal, or None if it worked."""
    try:
        act()
    except Refusal as refusal:
        envelope: dict[str, Any] = json.loads(refusal.answer.body)
        return {**envelope, "http": refusal.answer.status}
    return None


@given(st.dictionaries(st.sampled_from(NAMES), JUNK) | JUNK)
def test_given_any_body_when_read_then_good_terms_or_a_refusal_that_names_a_field(body: Any) -> None:
    refusal = refusal_of(lambda: terms(body, Settings()))

    if refusal is None:
        read = terms(body, Settings())
        assert read.amount > 0
        assert 15 <= read.lifetime <= 2880
        assert 0 <= read.under_paid_coverage <= 60
    else:
        assert (refusal["http"], refusal["status"]) == (400, 400)
        assert refusal["error"]["key"] in [*NAMES, "body"]


@given(st.dictionaries(st.sampled_from(QUERY), st.text(max_size=12) | st.integers(-5, 500).map(str)))
def test_given_any_query_when_searched_then_a_page_or_a_refusal_that_names_it(query: dict[str, str]) -> None:
    refusal = refusal_of(lambda: history.search([], query))

    assert refusal is None or refusal["error"]["key"] in query


def test_given_unknown_fields_when_read_then_they_are_passed_over() -> None:
    assert terms({"amount": "25", "color": "red"}, Settings()) == Terms(amount=Decimal(25))


@pytest.mark.parametrize(
    "wish",
    [
        {"speed": -1},
        {"speed": "fast"},
        {"copies": 0},
        {"pushed": "paid"},
        {"shape": "v2"},
        {"under_paid_coverage": 61},
    ],
    ids=str,
)
def test_given_a_setting_out_of_range_when_changed_then_none_changes(wish: dict[str, Any]) -> None:
    settings = Settings()

    with pytest.raises(msgspec.ValidationError):
        settings.changed({"hold": True, **wish})

    assert settings == Settings()
