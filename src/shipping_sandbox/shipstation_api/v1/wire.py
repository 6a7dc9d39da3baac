"""V1's ways to say no, and its credentials (HTTP Basic, key and secret)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from shipping_sandbox.kit.answers import Answer, Refusal, in_json
from shipping_sandbox.kit.limits import Reading
from shipping_sandbox.shipstation_api.call import Caller
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.world import World

_BAD_WORDS = ("revoked", "wrong")
_CRASH = "System.InvalidOperationException"
_TRACE = "   at ShipStation.Sandbox.Labels.Create(Request request)"
NULL_REFERENCE = "Object reference not set to an instance of an object."


def failure(text: str, kind: str = _CRASH) -> Refusal:
    """500 with a text: V1's answer to most business and validation failures."""
    return Refusal(_crashed(text, kind))


def invalid(**fields: str) -> Refusal:
    """400 with ModelState, for bodies whose types are wrong."""
    state = {f"request.{name}": [text] for name, text in fields.items()}
    return Refusal(in_json({"Message": "The request is invalid.", "ModelState": state}, 400))


def missing(text: str = "The requested resource was not found.") -> Refusal:
    """404 for an unknown id."""
    return Refusal(in_json({"Message": text}, 404))


class V1:
    """The dialect of V1."""

    version = "v1"

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Any pair of a key and a secret, but not empty, `revoked` or `wrong` ones."""
        pair = _basic(headers.get("authorization", ""))
        if pair is None or not all(pair) or any(word in part.lower() for part in pair for word in _BAD_WORDS):
            raise Refusal(_unauthorized())
        return Caller(hashlib.sha256(":".join(pair).encode()).hexdigest())

    def admit(self, world: World, caller: Caller) -> Mapping[str, str]:
        """The quota is told with every answer."""
        reading = world.limits.admit("v1", caller.fingerprint, test_key=False, now=world.clock.now())
        if not reading.allowed:
            raise Refusal(_too_many(reading))
        return _quota(reading)

    def too_fast(self, fault: Fault) -> Answer:
        """429 whose hint is the reset header alone."""
        return _too_many(Reading(False, 40, 0, fault.retry_after))

    def broken(self, fault: Fault) -> Answer:
        """A 5xx that looks like a time-out of their database."""
        answer = _crashed("Execution Timeout Expired.", "System.Data.SqlClient.SqlException")
        return Answer(fault.status, answer.body)

    def refused(self, fault: Fault, operation: str) -> Answer:  # noqa: ARG002 - V1 names no source
        """A definite no from the carrier, which V1 reports as a 500."""
        if operation == "void":
            return in_json({"approved": False, "message": "The carrier did not agree to void this label."})
        return _crashed("The carrier declined the request.")

    def unreadable(self, problem: ValueError) -> Answer:
        """400 for a body that is not JSON."""
        return in_json({"Message": f"The request is invalid. {problem}"}, 400)


def _crashed(text: str, kind: str = _CRASH) -> Answer:
    body = {
        "Message": "An error has occurred.",
        "ExceptionMessage": text,
        "ExceptionType": kind,
        "StackTrace": _TRACE,
    }
    return in_json(body, 500)


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return key, secret


def _unauthorized() -> Answer:
    text = "Authorization has been denied for this request."
    return in_json({"Message": text}, 401, _quota(Reading(True, 40, 40, 60)))


def _too_many(reading: Reading) -> Answer:
    return in_json({"message": "Too Many Requests"}, 429, _quota(reading))


def _quota(reading: Reading) -> dict[str, str]:
    return {
        "X-Rate-Limit-Limit": str(reading.limit),
        "X-Rate-Limit-Remaining": str(reading.remaining),
        "X-Rate-Limit-Reset": str(reading.reset_s),
    }
