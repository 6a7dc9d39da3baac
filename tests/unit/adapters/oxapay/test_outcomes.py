"""The table that decides whether a link may exist, cell by cell."""

from __future__ import annotations

import asyncio
import ssl

import httpx
import pytest

from adapters.oxapay.outcomes import Body, Outcome, of_answer, of_exception
from adapters.oxapay.transport import TooLarge

D, R, N, U = Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN
COLUMNS = (Body.DONE, Body.REFUSAL, Body.TOO_MANY, Body.OTHER, Body.EMPTY, Body.UNREADABLE)
ROWS = {
    (200,): (D, U, U, U, U, U),
    (400, 401, 403, 404, 422): (U, R, N, U, U, U),
    (429,): (U, N, N, N, N, N),
    (100, 201, 202, 204, 301, 302, 307, 402, 405, 408, 409, 410, 413, 425, 499): (U,) * 6,
    (500, 501, 502, 503, 504, 520, 524, 599): (U,) * 6,
}
CELLS = [
    pytest.param(status, body, outcome, id=f"{status}-{body.value}")
    for statuses, outcomes in ROWS.items()
    for status in statuses
    for body, outcome in zip(COLUMNS, outcomes, strict=True)
]


def test_given_the_rows_of_this_test_when_counted_then_every_body_has_its_column() -> None:
    assert set(COLUMNS) == set(Body)


@pytest.mark.parametrize(("status", "body", "outcome"), CELLS)
def test_given_an_answer_when_classified_then_it_is_the_outcome_of_its_cell(
    status: int, body: Body, outcome: Outcome
) -> None:
    assert of_answer(status, body) is outcome


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout], ids=lambda e: e.__name__
)
def test_given_no_connection_when_classified_then_nothing_was_sent(error: type[httpx.TransportError]) -> None:
    assert of_exception(error("invented")) is Outcome.NOT_SENT


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("invented"),
        httpx.WriteTimeout("invented"),
        httpx.ReadError("invented"),
        httpx.WriteError("invented"),
        httpx.CloseError("invented"),
        httpx.RemoteProtocolError("invented"),
        httpx.LocalProtocolError("invented"),
        httpx.ProxyError("invented"),
        httpx.DecodingError("invented"),
        TimeoutError(),
        ssl.SSLError(),
        OSError(),
        TooLarge(),
        asyncio.IncompleteReadError(b"", 1),
        RuntimeError("a bug below"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_given_any_other_failure_when_classified_then_nobody_knows(error: Exception) -> None:
    assert of_exception(error) is Outcome.UNKNOWN
