"""Documents keep every field of the core's values, and the database's schemas know every field of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from attrs import evolve
from bson import BSON, CodecOptions
from hypothesis import given
from hypothesis import strategies as some
from odmantic import Model

from adapters.mongo.documents import (
    CORE,
    DOCUMENTS,
    TransferDocument,
    from_document,
    next_number,
    request_hash,
    to_document,
)
from adapters.mongo.indexes import INDEXES, schema
from builders import ANN, NOW, a_label, a_link, a_session, an_invoice, an_order, minutes, usd
from filled import filled
from shipping_core.conversation.session import Session
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.refund import Refund
from shipping_core.domain.user import User
from shipping_core.ports.payments import Notice

ONLY_OURS: dict[str, Any] = {
    "number": 1, "request_hash": "x", "waits": True, "spent": False, "in_review": True, "outcome": "",
    "at": NOW, "due": NOW, "state": "waiting", "owner": "", "held_until": NOW, "claimed_for": "",
    "reason": "", "until": NOW, "tries": 1,
}  # fmt: skip
"""What the store itself needs to know of a document, beside what it tells of the value itself."""
AWARE = CodecOptions[dict[str, Any]](tz_aware=True, tzinfo=dt.UTC)
TOLD = {"record_id", "unique", "words"}


def of(what: Any) -> str | None:
    """A test id."""
    return getattr(what if isinstance(what, type) else type(what), "__name__", None)


@pytest.mark.parametrize("kind", list(CORE), ids=of)
def test_given_a_value_of_the_core_when_its_document_is_read_then_it_has_every_field_and_few_more(
    kind: type[attrs.AttrsInstance],
) -> None:
    kept = set(CORE[kind].model_fields)

    assert attrs.fields_dict(kind).keys() <= kept
    assert kept - attrs.fields_dict(kind).keys() <= ONLY_OURS.keys() | TOLD


@pytest.mark.parametrize("kind", [k for k in CORE if k is not Notice], ids=of)
def test_given_a_value_with_every_field_set_when_kept_and_loaded_then_it_is_the_same_value(
    kind: type[attrs.AttrsInstance],
) -> None:
    value = filled(kind)
    ours = CORE[kind].model_fields.keys() - attrs.fields_dict(kind).keys() - TOLD
    document = to_document(value, **{name: ONLY_OURS[name] for name in ours})

    assert from_document(BSON.encode(document).decode(AWARE), kind) == value
    assert document.keys() == {"_id", *CORE[kind].model_fields} - {CORE[kind].__primary_field__}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (filled(User, user_id="7", name="Ann  LEE", username="ann"), ["7", "ann", "lee", "ann lee"]),
        (
            filled(Refund, refund_id="ref_1", order_id="ord_1", user_id="7", tracking_number="ZZ1"),
            ["ref_1", "ord_1", "7", "zz1"],
        ),
        (an_invoice(links=(a_link("190"), a_link("191"))), ["inv_1", "ann", "190", "191"]),
        (
            an_order("ord_1", reference="t-1", user_id=UserId("1001"), label=a_label()),
            [
                *("ord_1", "t-1", "1001", "zz000000000001", "90012", "john", "smith"),
                *("90012 john", "90012 smith", "john smith"),
            ],
        ),
    ],
    ids=of,
)
def test_given_a_value_that_is_found_by_words_when_kept_then_they_stand_in_its_document(
    value: Any, words: list[str]
) -> None:
    more = {
        name: ONLY_OURS[name] for name in ("number", "in_review") if name in CORE[type(value)].model_fields
    }

    assert to_document(value, **more)["words"] == words


@pytest.mark.parametrize("kind", DOCUMENTS, ids=of)
def test_given_a_document_when_its_schema_is_read_then_every_field_is_required_and_nothing_else_allowed(
    kind: type[Model],
) -> None:
    made = schema(kind)

    assert made["additionalProperties"] is False
    assert set(made["required"]) == set(made["properties"])
    assert "_id" in made["required"]
    assert len(made["required"]) == len(kind.model_fields)


def test_given_the_indexes_when_named_then_no_two_of_one_collection_are_called_the_same() -> None:
    names = [(index.kind, index.name) for index in INDEXES]

    assert len(set(names)) == len(names)


@given(beyond=some.integers(0, 999))
def test_given_a_moment_finer_than_milliseconds_when_kept_then_the_rest_is_cut_off(beyond: int) -> None:
    at = NOW + dt.timedelta(milliseconds=7)
    user = User(ANN, at + dt.timedelta(microseconds=beyond))

    assert from_document(to_document(user), User) == User(ANN, at)


def test_given_an_unknown_shape_when_loaded_then_it_is_refused() -> None:
    session = a_session()
    document = to_document(session, waits=False, spent=True)

    assert from_document(document, Session) == session
    for broken in ({**document, "state": {"type": "Nowhere"}}, {"_id": "ann"}):
        with pytest.raises(ValueError):
            from_document(broken, Session)


def a_transfer(**changes: Any) -> Transfer:
    """A hold with every field set."""
    made = Transfer(
        "hold:1", Kind.HOLD, book.available(ANN), book.held(ANN), usd("5.00"), Mode.TEST, NOW,
        "topup:1", OrderId("ord_1"), InvoiceId("inv_1"), "ola", "x",
    )  # fmt: skip
    return evolve(made, **changes)


@pytest.mark.parametrize("name", sorted(set(attrs.fields_dict(Transfer)) - {"created_at"}))
def test_given_another_intention_when_fingerprinted_then_it_differs_exactly_where_the_core_says_so(
    name: str,
) -> None:
    others: dict[str, Any] = {
        "kind": Kind.RELEASE,
        "amount": usd("5.01"),
        "mode": Mode.PRODUCTION,
        "order_id": None,
        "invoice_id": None,
        "refund_id": RefundId("ref_1"),
    }
    other = a_transfer(**{name: others.get(name, "other")})
    later = a_transfer(created_at=NOW + minutes(9))

    assert not a_transfer().same_intention(other)
    assert request_hash(a_transfer()) != request_hash(other)
    assert request_hash(a_transfer()) == request_hash(later)


def test_given_a_transfer_when_kept_then_its_money_is_whole_minor_units_with_a_currency() -> None:
    document = to_document(a_transfer(), number=1, request_hash="x")

    assert (document["amount"]["minor"], document["amount"]["currency"]) == (500, "USD")
    assert set(document) == {"_id", *TransferDocument.model_fields} - {"key"}


def test_given_numbers_when_drawn_then_they_only_grow() -> None:
    drawn = [next_number() for _ in range(1000)]

    assert drawn == sorted(set(drawn))
    assert drawn[-1] < 2**63
