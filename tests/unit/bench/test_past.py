"""The made-up past could have been: it can be loaded, it adds up, and it is the same every time."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from bench.past import BEGIN, UNTIL, Past, Row

from adapters.mongo.documents import CORE, BalanceDocument, from_document, request_hash
from adapters.mongo.indexes import schema
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind, Transfer, account_sums, open_holds
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.domain.user import User

KIND_OF = {model: kind for kind, model in CORE.items()}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(Past(600, 60, share=1))


@pytest.fixture(scope="module")
def values(rows: list[Row]) -> dict[type, list[Any]]:
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for model, document in rows:
        if model in KIND_OF:
            found[KIND_OF[model]].append(from_document(document, KIND_OF[model]))
    return found


def test_given_the_past_when_counted_then_there_is_as_much_as_was_asked_for_and_something_of_all(
    values: dict[type, list[Any]],
) -> None:
    states = {order.state for order in values[Order]}

    assert (len(values[Order]), len(values[User])) == (600, 60)
    assert {o.mode for o in values[Order]} == set(Mode)
    assert states == {OrderState.PURCHASED, OrderState.FAILED, OrderState.VOIDED}
    assert {r.state for r in values[Refund]} == {
        RefundState.REQUESTED,
        RefundState.REJECTED,
        RefundState.PROCESSED,
    }


def test_given_the_past_when_made_again_then_it_is_the_same_but_for_the_numbers(rows: list[Row]) -> None:
    again = list(Past(600, 60, share=1))

    assert [{**d, "number": 0} for _, d in again] == [{**d, "number": 0} for _, d in rows]


def test_given_two_shares_when_compared_then_no_id_is_in_both(rows: list[Row]) -> None:
    mine = {(+kind, str(document["_id"])) for kind, document in rows}
    others = {(+kind, str(document["_id"])) for kind, document in Past(600, 60, share=2)}

    assert len(mine) == len(rows)
    assert not mine & others


def test_given_the_documents_when_held_against_the_schemas_then_no_field_is_missing_or_unknown(
    rows: list[Row],
) -> None:
    for kind, document in rows:
        assert set(document) == set(schema(kind)["required"])


def test_given_the_journal_when_added_up_then_it_is_zero_and_every_balance_is_its_fold(
    rows: list[Row], values: dict[type, list[Any]]
) -> None:
    journal: list[Transfer] = values[Transfer]
    sums = account_sums(journal)
    kept = {
        (d["_id"]["mode"], d["_id"]["user"]): d["available"] for kind, d in rows if kind is BalanceDocument
    }

    assert sum(sums.values()) == 0
    assert open_holds(journal) == ()
    assert kept == {
        (mode.value, account.split(":")[1]): minor
        for (mode, account), minor in sums.items()
        if account.endswith(":available")
    }
    assert not any(minor for (_, account), minor in sums.items() if account.endswith(":held"))


def test_given_the_journal_when_followed_in_time_then_nobody_ever_spends_what_they_do_not_have(
    values: dict[type, list[Any]],
) -> None:
    sums: Counter[tuple[Mode, str]] = Counter()
    for line in sorted(values[Transfer], key=lambda t: t.created_at):
        sums[line.mode, line.source] -= line.amount.minor
        sums[line.mode, line.target] += line.amount.minor

        assert BEGIN - (UNTIL - BEGIN) / 100 < line.created_at < UNTIL
        assert sums[line.mode, line.source] >= 0 or not line.source.startswith("user:")


def test_given_the_orders_when_held_against_the_journal_then_each_was_charged_and_given_back_what_it_says(
    values: dict[type, list[Any]],
) -> None:
    by_key = {line.key: line for line in values[Transfer]}
    given = {line.order_id: line.amount for line in values[Transfer] if line.kind is Kind.REFUND}
    for order in values[Order]:
        captured = by_key.get(order.capture_key)

        assert order.charged == (captured.amount if captured else None)
        assert (order.capture_key in by_key) != (order.release_key in by_key)
        assert order.refunded == given.get(order.order_id)
        assert order.state is not OrderState.VOIDED or order.refunded == order.charged


def test_given_a_transfer_when_tried_again_then_its_fingerprint_is_the_programs_own(rows: list[Row]) -> None:
    lines = [(from_document(d, Transfer), d) for kind, d in rows if kind is CORE[Transfer]]

    assert all(document["request_hash"] == request_hash(line) for line, document in lines)
