"""One way of saying no: every error of the core, every kind of bad input."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient

from adapters.http_admin.fields import field_problem
from adapters.http_admin.problems import MEDIA_TYPE, PROBLEMS, STATUS
from adapters.http_admin.security import security_headers
from an_office import Desk, an_office
from builders import ANN, NOW, usd
from shipping_core import errors as e
from shipping_core.conversation import events as ev
from shipping_core.domain.access import Role
from shipping_core.domain.ids import Mode
from shipping_core.errors import ShippingError


def leaves(kind: type[ShippingError] = ShippingError) -> set[type[ShippingError]]:
    below = {leaf for sub in kind.__subclasses__() for leaf in leaves(sub)}
    return below | ({kind} if not kind.__subclasses__() else set())


SAMPLES: dict[type[ShippingError], ShippingError] = {
    e.InsufficientFunds: e.InsufficientFunds(usd("2.00"), usd("1.00")),
    e.InvalidAddress: e.InvalidAddress("to.zip", "missing"),
    e.QuoteExpired: e.QuoteExpired(),
    e.TooManyInvoices: e.TooManyInvoices(3),
    e.InvalidAmount: e.InvalidAmount(usd("1.00"), usd("2.00")),
    e.SalesClosed: e.SalesClosed("blocked"),
    e.NotEligible: e.NotEligible("ord_1", "fresh"),
    e.InvalidInput: e.InvalidInput("reason", "say why"),
    e.TooMany: e.TooMany("templates", 50),
    e.TooFast: e.TooFast(59.2),
    e.NoticeRefused: e.NoticeRefused("shape"),
    e.UnexpectedEvent: e.UnexpectedEvent("Idle", "X"),
    e.NotFound: e.NotFound("order", "ord_1"),
    e.Conflict: e.Conflict("order", "ord_1"),
    e.StaleVersion: e.StaleVersion("key", "key_1"),
    e.BeingAnswered: e.BeingAnswered("request", "it is being answered"),
    e.TransactionConflict: e.TransactionConflict("transaction", "lost"),
    e.OperatorNeeded: e.OperatorNeeded("ord_1 needs you"),
    e.StoreUnavailable: e.StoreUnavailable("host db7.internal hunter2"),
    e.GatewayRefused: e.GatewayRefused("void", "already shipped", code="shipped"),
    e.GatewayUnavailable: e.GatewayUnavailable("find", "hunter2", retry_after_s=7.1),
    e.OutcomeUnknown: e.OutcomeUnknown("void", "hunter2"),
}


async def raised(error: Exception) -> Any:
    @get("/api/failing/{name:str}")
    async def failing(name: str) -> None:
        raise error

    app = Litestar(
        [failing], exception_handlers=PROBLEMS, before_send=[security_headers], logging_config=None
    )
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        return await client.get("/api/failing/x")


def test_given_the_tree_of_errors_when_compared_then_every_leaf_and_nothing_unknown_is_in_the_table() -> None:
    assert leaves() <= STATUS.keys()
    assert STATUS.keys() == SAMPLES.keys()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.__name__)
async def test_given_an_error_of_the_core_when_raised_then_it_is_the_problem_of_the_table(
    kind: type[ShippingError],
) -> None:
    answer = await raised(SAMPLES[kind])
    problem = answer.json()
    status, title = STATUS[kind]

    assert (answer.status_code, problem["status"], problem["title"]) == (status, status, title)
    assert answer.headers["content-type"].startswith(MEDIA_TYPE)
    assert re.fullmatch(r"urn:shipping:problem:[a-z-]+", problem["type"])
    assert problem["instance"] == "/api/failing/x"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "hunter2" not in answer.text
    assert ("retry-after" in answer.headers) is (
        status in {429, 503} or kind in {e.BeingAnswered, e.TransactionConflict}
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_given_times_to_wait_when_answered_then_they_are_whole_seconds_and_not_too_short() -> None:
    assert (await raised(e.TooFast(59.2))).headers["retry-after"] == "60"
    assert (await raised(e.GatewayUnavailable("x", retry_after_s=7.1))).headers["retry-after"] == "8"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("bug", [RuntimeError("hunter2"), ValueError("hunter2"), KeyError("hunter2")])
async def test_given_a_bug_when_it_happens_then_the_answer_keeps_it_back(bug: Exception) -> None:
    answer = await raised(bug)

    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("trace-0123.A_b", True),
        ("short", False),
        ("x" * 65, False),
        ("spaces are no token", False),
        ("<script>alert(1)</script>", False),
    ],
)
async def test_given_a_request_id_of_the_clients_when_it_is_a_short_token_then_it_comes_back(
    given: str, kept: bool
) -> None:
    desk = await an_office()
    for path in ("/orders", "/nowhere", "/health/live"):
        answer = await desk.get(path, headers={"X-Request-Id": given})

        assert (answer.headers["x-request-id"] == given) is kept


async def test_given_an_act_when_it_is_audited_then_the_row_names_the_request() -> None:
    desk = await an_office()
    made = await desk.post("/keys", {"name": "ola", "role": "viewer"}, headers={"X-Request-Id": "trace-77"})
    rows = await desk.store.audit.of(f"key:{made.json()['key']['key_id']}")

    assert [(row.request_id, row.actor) for row in rows] == [("trace-77", "key:owner")]


async def test_given_any_answer_of_the_office_when_it_leaves_then_nobody_may_keep_or_embed_it() -> None:
    desk = await an_office()
    for answer in (await desk.get("/orders"), await desk.get("/orders", role=None), await desk.get("/nope")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


DEEP = b'{"name":' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b',"role":"viewer"}'
BAD_BODIES = [
    pytest.param(b"x" * 10_000_000, 413, "", id="10-megabytes"),
    pytest.param(b"[" * 1000 + b"]" * 1000, 422, "", id="an-array"),
    pytest.param(DEEP, 422, "name", id="nested-1000-deep"),
    pytest.param(b'{"name":' * 1000, 422, "name", id="nested-and-cut-off"),
    pytest.param(b"[" * 60_000, 422, "", id="nested-60000-deep"),
    pytest.param(b"{", 400, "", id="cut-off"),
    pytest.param(b'{"name":"\xff"}', 400, "", id="no-utf-8"),
    pytest.param(b"", 422, "body", id="nothing"),
    pytest.param(b"null", 422, "body", id="null"),
    pytest.param(b'"text"', 422, "body", id="text"),
    pytest.param(b'{"name":"ola"}', 422, "role", id="a-field-missing"),
    pytest.param(b'{"name":"ola","role":"viewer","is_root":true}', 422, "is_root", id="a-field-too-many"),
    pytest.param(b'{"name":{"$gt":""},"role":"viewer"}', 422, "name", id="an-object-for-a-text"),
    pytest.param(b'{"name":7,"role":"viewer"}', 422, "name", id="a-number-for-a-text"),
    pytest.param(b'{"name":"ola","role":"hunter2"}', 422, "role", id="no-such-word"),
    pytest.param(b'{"name":"","role":"viewer"}', 422, "name", id="an-empty-text"),
    pytest.param(b'{"name":"=cmd()","role":"viewer"}', 422, "name", id="a-formula"),
    pytest.param(b'{"name":"' + b"o" * 41 + b'","role":"viewer"}', 422, "name", id="a-long-text"),
]


@pytest.fixture
async def desk() -> Desk:
    return await an_office()


@pytest.mark.parametrize(("body", "status", "field"), BAD_BODIES)
async def test_given_a_body_that_cannot_be_used_when_sent_then_it_is_named_and_nothing_is_changed(
    desk: Desk, body: bytes, status: int, field: str
) -> None:
    before = len(list(desk.shop.database.scan("ApiKey")))
    answer = await desk.ask("POST", "/keys", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith(MEDIA_TYPE)
    if field:
        assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert "hunter2" not in answer.text
    assert len(answer.content) < 2000
    assert len(list(desk.shop.database.scan("ApiKey"))) == before


WRITTEN = [
    (b"null", "It must be an object."),
    (b'{"name":7,"role":"viewer"}', "It must be a text."),
    (b'{"name":"","role":"viewer"}', "Write something."),
    (b'{"name":"=","role":"viewer"}', "It must be of the form ^[A-Za-z0-9][A-Za-z0-9 ._-]*$"),
    (b'{"name":"ola","role":"god"}', "It is not one of the words that can stand here."),
    (b'{"name":"' + b"o" * 41 + b'","role":"viewer"}', "It must have at most 40 characters."),
]


@pytest.mark.parametrize(("body", "sentence"), WRITTEN)
async def test_given_a_body_that_cannot_be_used_when_sent_then_a_sentence_says_how_to_mend_it(
    desk: Desk, body: bytes, sentence: str
) -> None:
    answer = await desk.ask("POST", "/keys", content=body, headers={"Content-Type": "application/json"})

    assert [problem["message"] for problem in answer.json()["errors"]] == [sentence]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (r"Expected `str` matching regex '\\S'", "Write something."),
        ("Expected `int | null`, got `float` - at `$.a`", "It must be a whole number or null."),
        ("Expected `int` >= 1", "It must be at least 1."),
        ("Expected `int` <= 5 - at `$.a`", "It must be at most 5."),
        ("Expected `array` of length <= 2", "It must have at most 2 items."),
        ("Invalid RFC3339 encoded datetime", "Write it as 2031-04-07T12:00:00Z."),
        ("Invalid RFC3339 encoded date", "Write it as 2031-04-07."),
        ("Something that nobody has seen", "Something that nobody has seen"),
    ],
)
def test_given_what_msgspec_says_when_told_then_it_is_a_sentence(said: str, sentence: str) -> None:
    assert field_problem("x", said).message == sentence


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/users/ann/adjust", {"amount_minor": -99, "mode": "test", "reason": "x"}, "amount_minor"),
        ("/users/ann/adjust", {"amount_minor": 1, "mode": "test", "reason": " "}, "reason"),
        ("/settings", {"topup_most_minor": 1, "reason": "x"}, "topup_most_minor"),
        ("/settings", {"topup_least_minor": 900_000, "reason": "x"}, "topup_least_minor"),
        ("/settings", {"topup_least_minor": None, "topup_most_minor": 0, "reason": "x"}, "topup_most_minor"),
        (
            "/settings",
            {"refunds": {"least_age_days": 5, "windows": {"": {"days": 9, "source": " "}}}, "reason": "x"},
            'refunds.windows.""',
        ),
    ],
)
async def test_given_a_no_of_the_cores_when_told_then_the_field_is_one_of_the_requests(
    desk: Desk, path: str, body: Any, named: str
) -> None:
    await desk.shop.customer().does(ev.Started())
    await desk.shop.balances.debit(
        ANN, usd("100.00"), key="adjust:test:all", mode=Mode.TEST, at=NOW, actor="x", reason="x"
    )
    head = {"Idempotency-Key": "a-new-key", "If-Match": '"1"'}
    answer = await desk.ask("POST", path, json=body, headers=head)

    assert [problem["field"] for problem in answer.json()["errors"]] == [named], answer.text
    if answer.json()["type"] != "about:blank":
        assert answer.json()["detail"].startswith(f"{named}: ")


async def test_given_a_grant_that_cannot_be_done_when_told_then_no_field_is_named_that_it_has_not(
    desk: Desk,
) -> None:
    await desk.shop.customer().does(ev.Started())
    await desk.shop.top_up("200.00")
    body = {"amount_minor": -25_000, "mode": "test", "reason": "x"}
    asked = await desk.pay("/users/ann/adjust", body, role=Role.FINANCE)
    await desk.shop.balances.debit(
        ANN, usd("100.00"), key="adjust:test:some", mode=Mode.TEST, at=NOW, actor="x", reason="x"
    )
    path = f"/approvals/{asked.json()['approval']['approval_id']}/grant"
    answer = await desk.pay(path, {"reason": "Yes."}, once="grant-it")

    assert (answer.status_code, answer.json().get("errors", [])) == (409, [])


async def test_given_a_keys_name_that_opens_already_when_made_then_the_name_is_said(desk: Desk) -> None:
    answer = await desk.post("/keys", {"name": "Viewer", "role": "viewer"})

    assert answer.status_code == 409
    assert "'Viewer' opens already" in answer.json()["detail"]


async def test_given_a_number_as_text_when_sent_then_it_is_no_number(desk: Desk) -> None:
    key = (await desk.post("/keys", {"name": "ola", "role": "viewer"})).json()["key"]
    path, headers = f"/keys/{key['key_id']}/rotate", {"If-Match": '"1"'}

    refused = await desk.post(path, {"overlap_minutes": "5"}, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "overlap_minutes")


@pytest.mark.parametrize(
    "path",
    [
        "/orders/%24where",
        "/orders/" + "x" * 65,
        "/orders/a%20b",
        "/keys/..",
        "/topups/%00",
        "/orders/%F0%9F%98%80",
    ],
)
async def test_given_an_id_that_is_none_when_asked_then_it_is_4xx_and_reaches_no_store(
    desk: Desk, path: str
) -> None:
    answer = await desk.get(path)

    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"].startswith(MEDIA_TYPE)


async def test_given_an_id_of_nobody_when_asked_then_it_is_404(desk: Desk) -> None:
    for path in ("/orders/ord_9", "/topups/inv_9", "/keys/key_99"):
        answer = await desk.get(path)

        assert (answer.status_code, json.loads(answer.content)["title"]) == (404, "No such thing")
