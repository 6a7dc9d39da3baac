"""Reads V1's bodies; what is wrong with them comes back as 400 or, as in the real one, as 500."""

from datetime import date
from decimal import Decimal
from typing import Any

from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import Carrier, Service, carrier_by_code
from shipping_sandbox.shipstation_api.places import Place, find_place
from shipping_sandbox.shipstation_api.pricing import Parcel
from shipping_sandbox.shipstation_api.records import Address
from shipping_sandbox.shipstation_api.v1.wire import NULL_REFERENCE, failure, invalid

_OUNCES = {"pounds": Decimal(16), "ounces": Decimal(1), "grams": Decimal("0.035273962")}
_INCHES = {"inches": Decimal(1), "centimeters": Decimal("0.393700787")}
# V1's address fields and what V2 calls them.
_NAMES = {
    "name": "name",
    "company": "company_name",
    "street1": "address_line1",
    "street2": "address_line2",
    "street3": "address_line3",
    "city": "city_locality",
    "state": "state_province",
    "postalCode": "postal_code",
    "country": "country_code",
    "phone": "phone",
}
_REQUIRED = {"street1": "street", "city": "city", "state": "state", "postalCode": "postal code"}


def body_of(call: Call) -> dict[str, Any]:
    """The JSON object sent.

    Raises:
        Refusal: 400, it is something else.
    """
    body = call.body()
    if not isinstance(body, dict):
        raise invalid(body="An object is required.")
    return body


def required_text(body: dict[str, Any], name: str) -> str:
    """A text that must be there."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(**{name: f"The value '{value}' is not valid for {name}."})
    if not value:
        raise failure(f"{name} is required.")
    return value


def part_of(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An optional object; empty where it is absent."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise invalid(**{name: f"Error converting value {value}."})
    return value or {}


def flag(body: dict[str, Any], name: str) -> bool:
    """A JSON true or false; numbers are refused, as users have seen."""
    value = body.get(name, False)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise invalid(**{name: f"Error converting value {value} to type 'System.Boolean'."})
    return value


def carrier_of(body: dict[str, Any]) -> Carrier:
    """The carrier named by `carrierCode`."""
    code = required_text(body, "carrierCode")
    carrier = carrier_by_code(code)
    if carrier is None:
        raise failure(f"No carrier with code {code} is connected to this account.")
    return carrier


def service_of(body: dict[str, Any], carrier: Carrier) -> Service:
    """The service named by `serviceCode`."""
    code = required_text(body, "serviceCode")
    service = carrier.service(code)
    if service is None:
        raise failure("Invalid serviceCode")
    return service


def parcel_of(body: dict[str, Any]) -> Parcel:
    """Weight, size, package and declared value."""
    insurance = part_of(body, "insuranceOptions")
    insured = _number(insurance, "insuredValue") if insurance.get("insureShipment") else Decimal(0)
    return Parcel(
        weight_oz=_weight(body.get("weight")),
        size_in=_size(body.get("dimensions")),
        package_code=str(body.get("packageCode") or "package"),
        insured_value=insured,
    )


def day_of(body: dict[str, Any], name: str) -> date:
    """A day that must be there."""
    text = required_text(body, name)
    try:
        return date.fromisoformat(text[:10])
    except ValueError as bad:
        raise invalid(**{name: f"Could not convert string to DateTime: {text}."}) from bad


def place_of(postal_code: Any) -> Place:
    """Where a ZIP code is."""
    place = find_place(str(postal_code or ""))
    if place is None:
        raise failure(f"The postal code {postal_code} is not valid.")
    return place


def address_of(value: Any, what: str) -> Address:
    """V1's address in the names the sandbox keeps; empty lines are left out."""
    if not isinstance(value, dict):
        raise failure(NULL_REFERENCE, "System.NullReferenceException")
    if not str(value.get("name") or "").strip():
        raise failure(f"The {what} name must not be empty.")
    if len(str(value.get("country") or "")) != 2:
        raise failure(f"The {what} country must be a two-letter country code.")
    for name, words in _REQUIRED.items():
        if not str(value.get(name) or "").strip():
            raise failure(f"The {what} {words} must not be empty.")
    said = value.get("residential")
    residential = "unknown" if said is None else "yes" if said else "no"
    address = {ours: str(value[theirs]) for theirs, ours in _NAMES.items() if value.get(theirs)}
    return {**address, "address_residential_indicator": residential}


def address_view(address: Address) -> dict[str, Any]:
    """An address in V1's names, absent parts as null."""
    view: dict[str, Any] = {theirs: address.get(ours) for theirs, ours in _NAMES.items()}
    residential = {"yes": True, "no": False}.get(address["address_residential_indicator"])
    return {**view, "residential": residential, "addressVerified": None}


def _weight(value: Any) -> Decimal:
    if not isinstance(value, dict):
        raise failure(NULL_REFERENCE, "System.NullReferenceException")
    amount, unit = value.get("value"), value.get("units")
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)) or str(unit) not in _OUNCES:
        raise invalid(weight="The weight is not valid.")
    if amount <= 0:
        raise failure("The weight must be greater than zero.")
    return Decimal(amount) * _OUNCES[str(unit)]


def _size(value: Any) -> tuple[Decimal, Decimal, Decimal] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or str(value.get("units")) not in _INCHES:
        raise invalid(dimensions="The dimensions are not valid.")
    factor = _INCHES[value["units"]]
    length, width, height = (_number(value, side) * factor for side in ("length", "width", "height"))
    return length, width, height


def _number(holder: dict[str, Any], name: str) -> Decimal:
    value = holder.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value < 0:
        raise invalid(**{name: f"Error converting value {value} to type 'System.Decimal'."})
    return Decimal(value)
