"""What became of a request that may buy or void: one table, read cell by cell in the tests.

        answer \\ body   WANTED   PENDING  FAILED   ERROR     CARRIER   EMPTY     UNREADABLE
        2xx             done     pending  refused  unknown   unknown   unknown   unknown
        400 404 422     unknown  unknown  unknown  refused   refused   refused   unknown
        401 403         refused  refused  refused  refused   refused   refused   refused
        429             unknown  unknown  unknown  not sent  unknown   not sent  unknown
        anything else   unknown everywhere (408, 409, redirects, every 5xx)

`unknown` is the default on purpose: whoever doubts keeps the customer's money held and looks the label up.
A 429 said by the carrier itself may hide a label; one from the company in front of it may not.
"""

from __future__ import annotations

import enum

import httpx


class Outcome(enum.Enum):
    """What is known after one request."""

    DONE = "done"
    PENDING = "pending"
    """The label has an id but is not finished; look at it again."""
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Body(enum.Enum):
    """What an answer's body holds."""

    WANTED = "wanted"
    """What was asked for, whole: a finished label, a void's verdict."""
    PENDING = "pending"
    """A label that is still being made."""
    FAILED = "failed"
    """A label that could not be made."""
    ERROR = "error"
    """The partner's own error text."""
    CARRIER = "carrier"
    """The partner's error text, quoting the carrier."""
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    """Cut, a stranger's page, or of another shape."""


class Status(enum.Enum):
    """Classes of HTTP status that differ in meaning for a purchase."""

    OK = "ok"
    INVALID = "invalid"
    CREDENTIALS = "credentials"
    TOO_MANY = "too_many"
    OTHER = "other"

    @classmethod
    def of(cls, code: int) -> Status:
        """The class of an HTTP status code."""
        return cls.OK if 200 <= code < 300 else _CLASSES.get(code, cls.OTHER)


_CLASSES = {
    400: Status.INVALID,
    404: Status.INVALID,
    422: Status.INVALID,
    401: Status.CREDENTIALS,
    403: Status.CREDENTIALS,
    429: Status.TOO_MANY,
}

_TABLE = {
    (Status.OK, Body.WANTED): Outcome.DONE,
    (Status.OK, Body.PENDING): Outcome.PENDING,
    (Status.OK, Body.FAILED): Outcome.REFUSED,
    (Status.INVALID, Body.ERROR): Outcome.REFUSED,
    (Status.INVALID, Body.CARRIER): Outcome.REFUSED,
    (Status.INVALID, Body.EMPTY): Outcome.REFUSED,
    (Status.TOO_MANY, Body.ERROR): Outcome.NOT_SENT,
    (Status.TOO_MANY, Body.EMPTY): Outcome.NOT_SENT,
    **{(Status.CREDENTIALS, body): Outcome.REFUSED for body in Body},
}

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def of_answer(status: int, body: Body) -> Outcome:
    """The cell for this answer; UNKNOWN where the table is empty."""
    return _TABLE.get((Status.of(status), body), Outcome.UNKNOWN)


def of_exception(error: Exception) -> Outcome:
    """NOT_SENT when no byte of the request can have left, else UNKNOWN.

    A refused or timed-out connection, a name that does not resolve and a failed TLS handshake are all
    raised as httpx.ConnectError or ConnectTimeout (https://www.python-httpx.org/exceptions/).
    """
    return Outcome.NOT_SENT if isinstance(error, _NEVER_LEFT) else Outcome.UNKNOWN
