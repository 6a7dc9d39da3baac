"""V2's JSON, as far as we read it. Source: the vendor's OpenAPI document of 2025, its newer field lists."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from adapters.shipstation.outcomes import Body
from adapters.shipstation.wire import Amount, Fault, Unreadable, code_word, decode, plain


class Error(msgspec.Struct):
    """One entry of an `errors` list; some documented samples carry nothing but a message."""

    message: str | None = None
    error_code: str | None = None
    error_source: str | None = None
    error_type: str | None = None
    field_name: str | None = None
    carrier_id: str | None = None
    carrier_code: str | None = None

    @property
    def of_carrier(self) -> bool:
        """Whether the carrier said it, not the company between us."""
        return (self.error_source or "").casefold() == "carrier"


class Errors(msgspec.Struct):
    """The body of an error answer; a gateway in front may send nothing but `message`."""

    errors: list[Error] | None = None
    message: str | None = None
    request_id: str | None = None


class Service(msgspec.Struct):
    """One service of a carrier account."""

    service_code: str
    name: str | None = None
    domestic: bool | None = None
    international: bool | None = None


class Package(msgspec.Struct):
    """One package type of a carrier account."""

    package_code: str
    name: str | None = None


class Carrier(msgspec.Struct):
    """One carrier account; `services` and `packages` may be left out by newer servers."""

    carrier_id: str
    carrier_code: str
    friendly_name: str | None = None
    requires_funded_amount: bool | None = None
    balance: Decimal | None = None
    disabled_by_billing_plan: bool | None = None
    services: list[Service] | None = None
    packages: list[Package] | None = None


class Carriers(msgspec.Struct):
    """The answer of the carrier list."""

    carriers: list[Carrier]


class Services(msgspec.Struct):
    """The answer of one carrier's service list."""

    services: list[Service]


class Packages(msgspec.Struct):
    """The answer of one carrier's list of package types."""

    packages: list[Package]


class Rate(msgspec.Struct):
    """An offer; `rate_id` is missing in estimates."""

    rate_id: str | None = None
    carrier_id: str | None = None
    carrier_code: str | None = None
    carrier_friendly_name: str | None = None
    service_code: str | None = None
    service_type: str | None = None
    package_type: str | None = None
    shipping_amount: Amount | None = None
    insurance_amount: Amount | None = None
    confirmation_amount: Amount | None = None
    other_amount: Amount | None = None
    tax_amount: Amount | None = None
    delivery_days: int | None = None
    estimated_delivery_date: str | None = None
    validation_status: str | None = None
    error_messages: list[str] | None = None


class RateResponse(msgspec.Struct):
    """The part of a rates answer that holds the rates."""

    status: str | None = None
    shipment_id: str | None = None
    rates: list[Rate] | None = None
    invalid_rates: list[Rate] | None = None
    errors: list[Error] | None = None


class Rates(msgspec.Struct):
    """The answer of the rates call: a stored shipment and its rates."""

    rate_response: RateResponse
    shipment_id: str | None = None


class Place(msgspec.Struct):
    """An address as answers carry it."""

    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city_locality: str | None = None
    state_province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    address_residential_indicator: str | None = None


class StoredShipment(msgspec.Struct):
    """A shipment the partner keeps under our external id."""

    shipment_id: str
    external_shipment_id: str | None = None
    ship_to: Place | None = None
    ship_from: Place | None = None


class Download(msgspec.Struct):
    """Where the label's file is: a URL, or the file itself as a data URL."""

    href: str | None = None
    pdf: str | None = None


class Label(msgspec.Struct):
    """A label in any state: `processing`, `completed`, `error` or `voided`."""

    label_id: str
    status: str | None = None
    shipment_id: str | None = None
    external_shipment_id: str | None = None
    shipment_cost: Amount | None = None
    insurance_cost: Amount | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    voided: bool | None = None
    created_at: str | None = None
    label_download: Download | None = None


class Labels(msgspec.Struct):
    """One page of the label list."""

    labels: list[Label]
    pages: int


class Void(msgspec.Struct):
    """The answer to a void; only `approved` says whether it happened."""

    approved: bool
    message: str | None = None
    reason_code: str | None = None


class Event(msgspec.Struct):
    """One scan."""

    occurred_at: str | None = None
    description: str | None = None
    status_description: str | None = None
    carrier_status_description: str | None = None
    city_locality: str | None = None
    state_province: str | None = None
    country_code: str | None = None


class Track(msgspec.Struct):
    """Where the parcel is."""

    status_code: str | None = None
    status_description: str | None = None
    carrier_status_description: str | None = None
    exception_description: str | None = None
    estimated_delivery_date: str | None = None
    events: list[Event] | None = None


class Message(msgspec.Struct):
    """A remark of the address check."""

    message: str | None = None
    type: str | None = None


class Checked(msgspec.Struct):
    """The answer for one address."""

    status: str
    matched_address: Place | None = None
    messages: list[Message] | None = None


def fault(body: bytes) -> Fault:
    """What an error answer says; never raises, an unreadable one is a fact too."""
    if not body.strip():
        return Fault(Body.EMPTY)
    try:
        said = decode(body, Errors)
    except Unreadable:
        return Fault(Body.UNREADABLE)
    request_id = code_word(said.request_id)
    if not said.errors:
        told = said.errors is not None or said.message is not None
        return Fault(
            Body.ERROR if told else Body.UNREADABLE, reason=plain(said.message), request_id=request_id
        )
    first = said.errors[0]
    where = f" ({first.field_name})" if first.field_name else ""
    return Fault(
        body=Body.CARRIER if any(e.of_carrier for e in said.errors) else Body.ERROR,
        code=code_word(first.error_code),
        reason=plain(f"{first.message or ''}{where}"),
        request_id=request_id,
    )
