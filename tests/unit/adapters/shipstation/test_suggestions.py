"""When the customer is asked "did you mean", and when not."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.suggestions import address_check
from adapters.shipstation.wire import decode
from shipping_core.domain.shipment import Address
from shipping_core.ports.shipping import AddressCheck, Verdict
from unit.adapters.shipstation.fakes import JOHN
from unit.adapters.shipstation.payloads import as_json

MATCHED = {
    "name": "JOHN SMITH",
    "address_line1": "123 MAIN ST APT 4",
    "address_line2": "",
    "city_locality": "LOS ANGELES",
    "state_province": "CA",
    "postal_code": "90012-1234",
    "country_code": "US",
    "address_residential_indicator": "yes",
}


def check(
    address: Address = JOHN, status: str = "verified", messages: Any = None, **changes: str
) -> AddressCheck:
    answer = {"status": status, "matched_address": {**MATCHED, **changes}, "messages": messages}
    return address_check(address, decode(as_json(answer), wire.Checked))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(JOHN, id="capitals, one line, ZIP+4"),
        pytest.param(evolve(JOHN, street1="123 Main Street", street2="Apartment #4"), id="long words"),
        pytest.param(evolve(JOHN, street1="123 Main St., Unit 4", street2=""), id="punctuation"),
        pytest.param(evolve(JOHN, city="los  angeles", state="ca"), id="small letters"),
        pytest.param(evolve(JOHN, postal_code="90012-1234"), id="the same ZIP+4"),
    ],
)
def test_given_only_spelling_differs_when_checked_then_nobody_is_asked(address: Address) -> None:
    told = check(address)

    assert (told.verdict, told.suggestion, told.residential) == (Verdict.VERIFIED, None, True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"address_line1": "123 N MAIN ST APT 4"},
            {"street1": "123 N Main St Apt 4", "street2": ""},
            id="a direction was missing",
        ),
        pytest.param(
            {"address_line1": "125 Main St", "address_line2": "Apt 4"},
            {"street1": "125 Main St", "street2": "Apt 4"},
            id="another number",
        ),
        pytest.param({"city_locality": "BURBANK"}, {"city": "Burbank"}, id="another city"),
        pytest.param({"state_province": "nv"}, {"state": "NV"}, id="another state"),
        pytest.param({"postal_code": "90013-0001"}, {"postal_code": "90013-0001"}, id="another ZIP"),
    ],
)
@pytest.mark.parametrize("status", ["verified", "warning"])
def test_given_a_difference_in_substance_when_checked_then_only_that_is_suggested(
    changes: dict[str, str], expected: dict[str, Any], status: str
) -> None:
    told = check(JOHN, status, None, **changes)

    assert told.verdict is Verdict.SUGGESTION
    assert told.suggestion == evolve(JOHN, residential=True, **expected)


def test_given_a_bad_address_when_checked_then_it_failed_and_errors_are_told_first() -> None:
    messages = [{"type": "info", "message": "By the way."}, {"type": "error", "message": "No such street."}]
    told = check(status="error", messages=messages)

    assert (told.verdict, told.message) == (Verdict.FAILED, "No such street.; By the way.")
    assert told.suggestion is None


def test_given_a_checker_without_data_when_checked_then_the_address_is_not_blamed() -> None:
    assert check(status="unverified").verdict is Verdict.UNAVAILABLE


def test_given_a_warning_without_a_match_when_checked_then_the_message_goes_along() -> None:
    answer = {"status": "warning", "matched_address": None, "messages": [{"message": "Which flat?"}]}
    told = address_check(JOHN, decode(as_json(answer), wire.Checked))

    assert (told.verdict, told.message, told.residential) == (Verdict.VERIFIED, "Which flat?", None)
