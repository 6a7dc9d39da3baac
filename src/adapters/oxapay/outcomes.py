"""What became of a request that makes a payment link: one table, read cell by cell in the tests.

        answer \\ body        DONE     REFUSAL  TOO_MANY  OTHER     EMPTY     UNREADABLE
        200                  done     unknown  unknown   unknown   unknown   unknown
        400 401 403 404 422  unknown  refused  not sent  unknown   unknown   unknown
        429                  unknown  not sent not sent  not sent  not sent  not sent
        anything else        unknown everywhere (other 2xx, redirects, 408, 409, every 5xx)

Oxapay says its status twice, on the wire and in the body, and the two can differ (403 outside, 401 inside was
seen): both must be a yes for a yes and a no for a no. `unknown` costs one look into the history; a wrong no
would forget a link that may be paid. 429 is said in front of the shop, whatever page comes with it.
"""

from __future__ import annotations

import enum

import httpx


class Outcome(enum.Enum):
    """What is known after one request."""

    DONE = "done"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Body(enum.Enum):
    """What an answer's body holds, judged by the status inside it."""

    DONE = "done"
    """Status 200."""
    REFUSAL = "refusal"
    """Status 400, 401, 403, 404 or 422."""
    TOO_MANY = "too_many"
    """Status 429."""
    OTHER = "other"
    """An envelope with another status, or none."""
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    """A stranger's page, cut, or of another shape."""


REFUSALS = frozenset({400, 401, 403, 404, 422})

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def of_answer(status: int, body: Body) -> Outcome:
    """The cell for this HTTP status and this body."""
    if status == 429 and body is not Body.DONE:
        return Outcome.NOT_SENT
    if status == 200 and body is Body.DONE:
        return Outcome.DONE
    if status in REFUSALS and body in _CLEAR:
        return _CLEAR[body]
    return Outcome.UNKNOWN


_CLEAR = {Body.REFUSAL: Outcome.REFUSED, Body.TOO_MANY: Outcome.NOT_SENT}


def of_exception(error: Exception) -> Outcome:
    """NOT_SENT when no byte of the request can have left, else UNKNOWN.

    A refused or timed-out connection, a name that does not resolve and a failed TLS handshake are all
    raised as httpx.ConnectError or ConnectTimeout (https://www.python-httpx.org/exceptions/).
    """
    return Outcome.NOT_SENT if isinstance(error, _NEVER_LEFT) else Outcome.UNKNOWN
