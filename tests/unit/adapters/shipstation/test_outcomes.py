"""The table that decides about money, cell by cell."""

from __future__ import annotations

import asyncio
import ssl

import httpx
import pytest

from adapters.shipstation.outcomes import Body, Outcome, of_answer, of_exception

D, P, R, N, U = Outcome.DONE, Outcome.PENDING, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN
COLUMNS = (Body.WANTED, Body.PENDING, Body.FAILED, Body.ERROR, Body.CARRIER, Body.EMPTY, Body.UNREADABLE)
ROWS = {
    (200, 201, 204): (D, P, R, U, U, U, U),
    (400, 404, 422): (U, U, U, R, R, R, U),
    (401, 403): (R, R, R, R, R, R, R),
    (429,): (U, U, U, N, U, N, U),
    (100, 301, 302, 307, 402, 405, 408, 409, 410, 413, 425, 499): (U,) * 7,
    (500, 501, 502, 503, 504, 520, 599): (U,) * 7,
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
        httpx.TooManyRedirects("invented"),
        TimeoutError(),
        ssl.SSLError(),
        ConnectionResetError(),
        asyncio.InvalidStateError(),
        ValueError(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_given_anything_that_may_come_after_the_first_byte_when_classified_then_it_is_unknown(
    error: Exception,
) -> None:
    assert of_exception(error) is Outcome.UNKNOWN


def test_given_httpx_when_it_learns_a_new_error_then_somebody_decides_which_outcome_it_is() -> None:
    decided = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ReadTimeout", "WriteTimeout", "ReadError"}
    decided |= {"WriteError", "CloseError", "RemoteProtocolError", "LocalProtocolError", "ProxyError"}
    decided |= {"UnsupportedProtocol"}

    assert {e.__name__ for e in _leaves(httpx.TransportError)} == decided


def _leaves(kind: type[Exception]) -> set[type[Exception]]:
    below = kind.__subclasses__()
    return {leaf for sub in below for leaf in _leaves(sub)} if below else {kind}
