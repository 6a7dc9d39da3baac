"""The wrapping of every answer of the API, and its ways to say no."""

from typing import Any, Literal

import msgspec

from shipping_sandbox.kit.answers import Answer, Refusal

VERSION = "1.0.0"
Decimals = Literal["number", "string"]
_ENCODERS = {form: msgspec.json.Encoder(decimal_format=form) for form in ("number", "string")}


def encode(payload: Any, decimals: Decimals) -> bytes:
    """JSON with the service's decimals, which come as numbers or as strings."""
    return _ENCODERS[decimals].encode(payload)


def done(data: Any, decimals: Decimals = "number") -> Answer:
    """The call worked."""
    body = {
        "data": data,
        "message": "Operation completed successfully!",
        "error": {},
        "status": 200,
        "version": VERSION,
    }
    return Answer(200, encode(body, decimals))


def failed(status: int, kind: str, key: str, message: str, *, wire_status: int | None = None) -> Answer:
    """The call did not work; `wire_status` is the HTTP status where it differs from the one in the body."""
    body = {
        "data": {},
        "message": _HEADLINES.get(status, "The operation failed!"),
        "error": {"type": kind, "key": key, "message": message},
        "status": status,
        "version": VERSION,
    }
    return Answer(wire_status or status, encode(body, "number"))


_HEADLINES = {
    400: "The request could not be validated",
    401: "The merchant API key is missing or not valid",
    404: "The requested resource was not found",
    429: "Too many requests",
    503: "The service is under maintenance",
}


def invalid(key: str, message: str) -> Refusal:
    """The field `key` breaks a rule."""
    return Refusal(failed(400, "invalid_request", key, message))


def unknown(key: str, message: str) -> Refusal:
    """There is no such thing, or it is somebody else's."""
    return Refusal(failed(404, "not_found", key, message))


def wrong_key(*, wire_status: int | None = None) -> Answer:
    """Nobody the service knows."""
    text = "The merchant API key is missing or not valid"
    return failed(401, "invalid_api_key", "merchant_api_key", text, wire_status=wire_status)


def too_fast(retry_after: int) -> Answer:
    """Too many calls in this minute."""
    text = f"Too many requests, try again in {retry_after} s"
    return failed(429, "rate_limit", "", text).plus({"retry-after": str(retry_after)})
