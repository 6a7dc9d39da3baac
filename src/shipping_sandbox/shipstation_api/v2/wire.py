"""V2's ways to say no, and its credentials (header `API-Key`)."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from shipping_sandbox.kit.answers import Answer, Refusal, in_json
from shipping_sandbox.shipstation_api.call import Caller
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.pricing import CannotShip
from shipping_sandbox.shipstation_api.world import World

_US = "ShipStation"
_BAD_KEY_WORDS = ("revoked", "wrong")
_TEST_PREFIX = "TEST_"


def problem(
    code: str, message: str, *, kind: str = "validation", source: str = _US, field: str | None = None
) -> dict[str, Any]:
    """One entry of an `errors` array."""
    entry = {"error_source": source, "error_type": kind, "error_code": code, "message": message}
    return entry if field is None else {**entry, "field_name": field}


def carrier_problem(reason: CannotShip, carrier_id: str, carrier_code: str) -> dict[str, Any]:
    """Why a carrier does not want the parcel."""
    entry = problem(reason.code, reason.message, kind="business_rules", source="carrier")
    return {**entry, "carrier_id": carrier_id, "carrier_code": carrier_code}


def error_body(*problems: dict[str, Any]) -> dict[str, Any]:
    """The standard error document."""
    return {"request_id": str(uuid.uuid4()), "errors": list(problems)}


def refusal(status: int, *problems: dict[str, Any], headers: Mapping[str, str] | None = None) -> Refusal:
    """An exception that answers with the standard error document."""
    return Refusal(in_json(error_body(*problems), status, headers))


def missing(what: str, value: str) -> Refusal:
    """404 for an id nobody knows."""
    return refusal(404, problem("invalid_identifier", f"There is no {what} {value}.", kind="business_rules"))


def nothing_there() -> Refusal:
    """404 with an empty body, as look-ups by external id answer."""
    return Refusal(Answer(404))


class V2:
    """The dialect of V2."""

    version = "v2"

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Any key but an empty, `revoked` or `wrong` one; `TEST_` keys live in the sandbox environment."""
        key = headers.get("api-key", "").strip()
        if not key or any(word in key.lower() for word in _BAD_KEY_WORDS):
            raise refusal(
                401, problem("unauthorized", "The API key is missing or not valid.", kind="security")
            )
        return Caller(hashlib.sha256(key.encode()).hexdigest(), key.startswith(_TEST_PREFIX))

    def admit(self, world: World, caller: Caller) -> Mapping[str, str]:
        """V2 tells nothing about the quota until it is used up."""
        reading = world.limits.admit("v2", caller.fingerprint, test_key=caller.test, now=world.clock.now())
        if not reading.allowed:
            raise Refusal(_too_many(reading.reset_s, _US))
        return {}

    def too_fast(self, fault: Fault) -> Answer:
        """429 with Retry-After."""
        return _too_many(fault.retry_after, fault.source)

    def broken(self, fault: Fault) -> Answer:
        """A 5xx with an empty body."""
        return Answer(fault.status)

    def refused(self, fault: Fault, operation: str) -> Answer:
        """A definite no from the carrier."""
        if operation == "void":
            text = "The carrier did not agree to void this label. Contact the carrier."
            return in_json({"approved": False, "message": text, "reason_code": "contact_carrier"})
        source = "carrier" if operation == "buy_label" else fault.source
        text = "The carrier declined the request."
        return in_json(error_body(problem("unspecified", text, kind="business_rules", source=source)), 400)

    def unreadable(self, problem_: ValueError) -> Answer:
        """400 for a body that is not JSON."""
        return in_json(error_body(problem("invalid_object", f"The body is not JSON: {problem_}")), 400)


def _too_many(retry_after: int, source: str) -> Answer:
    entry = problem(
        "rate_limit_exceeded", "Too many requests. Try again later.", kind="system", source=source
    )
    return in_json(error_body(entry), 429, {"Retry-After": str(retry_after)})
