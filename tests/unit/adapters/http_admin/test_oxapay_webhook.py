"""The notices' door: `ok` means stored, and nothing else ends Oxapay's repeats."""

from __future__ import annotations

import logging

import pytest
from litestar.testing import AsyncTestClient
from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, Message

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import MAX_NOTICE_BYTES, OXAPAY_PATH
from shipping_core.errors import NoticeRefused, StoreUnavailable

BODY = b'{"track_id":"190000001","status":"Paid"}'
SIGNATURE = "ab" * 64


class Intake:
    """Remembers what it was given, and fails as told."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.taken: list[tuple[bytes, str | None]] = []
        self.failure = failure

    async def take(self, raw: bytes, signature: str | None) -> None:
        self.taken.append((raw, signature))
        if self.failure is not None:
            raise self.failure


async def ready() -> dict[str, str]:
    return {}


def app_of(intake: Intake | None) -> AsyncTestClient:  # type: ignore[type-arg]
    take = intake.take if intake else None
    app = create_app(accept_telegram=None, telegram_secret=None, ready=ready, take_oxapay=take)
    return AsyncTestClient(app, raise_server_exceptions=False)


async def deliver(
    intake: Intake | None, body: bytes = BODY, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    async with app_of(intake) as client:
        answer = await client.post(
            OXAPAY_PATH, content=body, headers={"HMAC": SIGNATURE} if headers is None else headers
        )
    return answer.status_code, answer.text


async def test_given_a_notice_that_was_stored_when_answered_then_it_is_exactly_ok_as_plain_text() -> None:
    async with app_of(Intake()) as client:
        answer = await client.post(OXAPAY_PATH, content=BODY, headers={"HMAC": SIGNATURE})

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY, id="json"),
        pytest.param(b'{ "a" : "\\/\xc3\xa9",\n "n":1.0 }', id="spaces-and-slashes"),
        pytest.param(b"\xff\x00\xfe", id="no-text"),
        pytest.param(b"", id="empty"),
    ],
)
async def test_given_any_bytes_when_delivered_then_exactly_they_are_judged(body: bytes) -> None:
    intake = Intake()
    await deliver(intake, body)

    assert intake.taken == [(body, SIGNATURE)]


@pytest.mark.parametrize("name", ["HMAC", "Hmac", "hmac"])
async def test_given_the_header_in_any_case_when_delivered_then_it_is_found(name: str) -> None:
    intake = Intake()
    await deliver(intake, headers={name: SIGNATURE})

    assert intake.taken == [(BODY, SIGNATURE)]


async def test_given_no_signature_when_delivered_then_the_core_is_told_so() -> None:
    intake = Intake(NoticeRefused("signature"))

    assert await deliver(intake, headers={}) == (401, "")
    assert intake.taken == [(BODY, None)]


async def test_given_a_signature_that_is_not_ascii_when_delivered_then_it_is_judged_like_any() -> None:
    intake = Intake()
    async with app_of(intake) as client:
        answer = await client.post(OXAPAY_PATH, content=BODY, headers=[(b"hmac", b"\xe9" * 128)])

    assert answer.status_code == 200
    assert not (intake.taken[0][1] or "").isascii()


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        pytest.param(NoticeRefused("signature"), 401, id="signature"),
        pytest.param(NoticeRefused("size"), 413, id="size"),
        pytest.param(NoticeRefused("shape"), 400, id="shape"),
        pytest.param(NoticeRefused("something new"), 400, id="another-reason"),
        pytest.param(StoreUnavailable("canary"), 503, id="store"),
        pytest.param(RuntimeError("canary"), 503, id="bug"),
        pytest.param(TimeoutError("canary"), 503, id="late"),
    ],
)
async def test_given_a_notice_that_was_not_stored_when_answered_then_the_status_says_what_to_do_and_no_more(
    failure: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    assert await deliver(Intake(failure), b"canary", {"HMAC": "canary"}) == (status, "")
    assert OXAPAY_PATH in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("extra", "expected"),
    [pytest.param(0, (200, "ok"), id="at-the-limit"), pytest.param(1, (413, ""), id="one-byte-more")],
)
async def test_given_a_body_around_the_limit_when_delivered_then_only_the_small_one_passes(
    extra: int, expected: tuple[int, str]
) -> None:
    intake = Intake()

    assert await deliver(intake, b"x" * (MAX_NOTICE_BYTES + extra)) == expected
    assert len(intake.taken) == (expected[0] == 200)


async def ask_raw(events: list[HTTPRequestEvent], headers: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """The status of a request that comes in pieces, and how many of them were read."""
    app = create_app(accept_telegram=None, telegram_secret=None, ready=ready, take_oxapay=Intake().take)
    sent: list[Message] = []
    count = 0

    async def receive() -> HTTPReceiveMessage:
        nonlocal count
        count += 1
        return events[count - 1] if count <= len(events) else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": OXAPAY_PATH,
        "raw_path": OXAPAY_PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"hmac", SIGNATURE.encode()), *headers],
        "client": None,
        "server": None,
        "extensions": {},
    }
    await app(scope, receive, send)  # type: ignore[arg-type] # as a server would give it
    return next(m["status"] for m in sent if m["type"] == "http.response.start"), count


def piece(body: bytes, *, more: bool) -> HTTPRequestEvent:
    """A part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


async def test_given_an_endless_body_when_delivered_then_it_is_refused_before_it_is_read_to_the_end() -> None:
    status, pieces = await ask_raw([piece(b"x" * 16384, more=True)] * 1000, [])

    assert status == 413
    assert pieces <= 5


async def test_given_a_body_that_says_how_long_it_is_when_too_long_then_nothing_of_it_is_read() -> None:
    status, pieces = await ask_raw([piece(b"x", more=True)] * 9, [(b"content-length", b"65537")])

    assert (status, pieces) == (413, 0)


async def test_given_a_sender_who_hangs_up_midway_when_delivered_then_it_counts_as_not_stored() -> None:
    status, _ = await ask_raw([piece(BODY[:9], more=True)], [])

    assert status == 503


async def test_given_no_payments_when_somebody_delivers_then_there_is_no_such_route() -> None:
    assert (await deliver(None))[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_given_another_method_when_asked_then_it_is_not_allowed(method: str) -> None:
    intake = Intake()
    async with app_of(intake) as client:
        answer = await client.request(method, OXAPAY_PATH)

    assert answer.status_code == 405
    assert intake.taken == []
