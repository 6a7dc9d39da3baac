"""POST /v2/addresses/validate, which not every account has."""

from typing import Any

import attrs

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.addresses import check
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.v2.reading import Reader
from shipping_sandbox.shipstation_api.v2.wire import nothing_there, problem, refusal

_REQUIRED = ("address_line1", "city_locality", "state_province", "country_code")
_OPTIONAL = ("name", "phone", "company_name", "address_line2", "address_line3", "postal_code")
_MOST = 250


def validate(call: Call) -> Answer:
    """One verdict for each address, in the same order."""
    if not call.world.settings.address_validation:
        raise nothing_there()
    body = call.body()
    if not isinstance(body, list) or not body:
        raise refusal(400, problem("request_body_required", "Send a list of addresses."))
    reader = Reader()
    if len(body) > _MOST:
        reader.bad("body", f"at most {_MOST} addresses", "invalid_string_length")
    addresses = [_read(reader, value, f"[{i}]") for i, value in enumerate(body)]
    reader.finish()
    return in_json([_verdict(address) for address in addresses])


def _read(reader: Reader, value: Any, field: str) -> dict[str, Any]:
    given = reader.thing(value, field) or {}
    for name in _REQUIRED:
        reader.text(given, name, f"{field}.")
    for name in _OPTIONAL:
        reader.text(given, name, f"{field}.", required=False)
    return {name: part for name, part in given.items() if part is not None}


def _verdict(address: dict[str, Any]) -> dict[str, Any]:
    verdict = check(address)
    return {
        "status": verdict.status,
        "original_address": verdict.original,
        "matched_address": verdict.matched,
        "messages": [attrs.asdict(message) for message in verdict.messages],
    }
