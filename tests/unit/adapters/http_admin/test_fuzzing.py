"""The OpenAPI document, taken at its word by schemathesis: thousands of requests, half of them about things
that exist, and never an answer that the document does not know."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from attrs import define, field
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from a_shop import shop
from an_office import Desk, an_office
from builders import ANN, usd
from labels_back import DAY
from shipping_core.conversation import events as ev
from shipping_core.domain.access import Role
from shipping_core.domain.broadcast import Segment
from shipping_core.domain.ids import Mode

Record = Callable[[str, tuple[str, int]], None]
PARTS = 4
CASES = int(os.environ.get("FUZZ_CASES", "10400"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
NO_LIMIT = 10**9


@define
class Fuzzer:
    """An office with something of everything in it, and requests about it."""

    desk: Desk
    known: dict[str, str]
    sent: int = 0
    reached: int = 0
    """How many did what was asked."""
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), init=False)

    def send(self, case: Case[Any]) -> None:
        """One request as generated; every other one about what is there, with the headers it needs."""
        number = next(self._numbers)
        headers = {"X-API-Key": self.desk.secrets[Role.OWNER]}
        if number % 2:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = self.known.get(name, "nobody")
            headers |= {"Idempotency-Key": f"fuzz-{number:08}", "If-Match": f'"{number % 5}"'}
        if number % 20 == 0:
            refused = case.call(headers={"X-API-Key": ""})  # a wrong one would lock the fuzzer out
            assert refused.status_code == 401, (case.method, case.path, refused.status_code)
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=list(CHECKS))
        self.sent += 1
        self.reached += answer.status_code < 300


async def an_office_with_things() -> Fuzzer:
    """Orders, a refund, a top-up, an approval, a broadcast and keys."""
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await ann.does(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(2_500))
    made.clock.advance(6 * DAY)
    desk = await an_office(made, per_minute=NO_LIMIT)
    (order,) = await ann.all_orders()
    (asked,) = await made.request_refunds(ANN, [order.order_id])
    invoice = (await made.invoices.of_user(ANN, Mode.TEST))[0]
    waiting = await made.people.adjust(
        ANN, usd("500.00"), mode=Mode.TEST, request="1", actor="key:eve", reason="x"
    )
    sent = await desk.office.keep_broadcasts.create({"en": "a", "ru": "b"}, Segment(), by="owner")
    key, _ = await desk.office.keep_keys.make("spare", Role.VIEWER, by="owner")
    assert asked.refund is not None
    assert waiting.approval is not None
    known = {
        "user_id": ANN, "order_id": order.order_id, "refund_id": asked.refund.refund_id,
        "topup_id": invoice.invoice_id, "track_id": made.payments.track_ids[0],
        "approval_id": waiting.approval.approval_id, "broadcast_id": sent.broadcast_id, "key_id": key.key_id,
    }  # fmt: skip
    return Fuzzer(desk, known)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_given_the_document_when_requests_are_made_from_it_then_every_answer_is_one_it_knows(
    part: int, record_property: Record
) -> None:
    fuzzer = asyncio.run(an_office_with_things())
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", fuzzer.desk.app)
    mine = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)][part::PARTS]
    share = CASES // PARTS
    for turn in itertools.count():
        for operation in mine:

            @settings(
                max_examples=1 + share // len(mine),
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def requests(case: Case[Any]) -> None:
                fuzzer.send(case)

            if fuzzer.sent < share:
                requests()
        if fuzzer.sent >= share:
            break
        assert turn < 20, "the document has too little to say"
    record_property("figure", ("API fuzzing: requests", fuzzer.sent))
    record_property("figure", ("API fuzzing: requests that did something", fuzzer.reached))

    assert fuzzer.reached > share // 20
