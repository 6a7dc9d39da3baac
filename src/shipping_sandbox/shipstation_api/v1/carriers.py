"""Carriers, services, packages and rates of V1."""

from typing import Any

import attrs

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import CARRIERS, Carrier, Service, carrier_by_code
from shipping_sandbox.shipstation_api.money import dollars
from shipping_sandbox.shipstation_api.pricing import CannotShip, Journey, price_of
from shipping_sandbox.shipstation_api.v1.reading import (
    body_of,
    carrier_of,
    parcel_of,
    place_of,
    required_text,
    service_of,
)
from shipping_sandbox.shipstation_api.v1.wire import failure, missing

_SIGNATURES = ("signature", "adult_signature", "direct_signature")


def list_carriers(call: Call) -> Answer:
    """GET /carriers."""
    return in_json([_carrier(call, carrier) for carrier in CARRIERS])


def one_carrier(call: Call) -> Answer:
    """GET /carriers/getcarrier?carrierCode=."""
    return in_json(_carrier(call, _asked(call)))


def list_services(call: Call) -> Answer:
    """GET /carriers/listservices?carrierCode=."""
    carrier = _asked(call)
    return in_json([_named(carrier, s.code, s.name) for s in carrier.services])


def list_packages(call: Call) -> Answer:
    """GET /carriers/listpackages?carrierCode=."""
    carrier = _asked(call)
    return in_json([_named(carrier, p.code, p.name) for p in carrier.packages])


def get_rates(call: Call) -> Answer:
    """POST /shipments/getrates: one carrier, no ids; without a packageCode every package type is priced."""
    body = body_of(call)
    carrier = carrier_of(body)
    parcel = parcel_of(body)
    if len(required_text(body, "toCountry")) != 2:
        raise failure("toCountry must be a two-letter country code.")
    if carrier.code.startswith("ups"):
        required_text(body, "toState")
    wanted = str(body.get("packageCode") or "")
    if wanted and carrier.package(wanted) is None:
        raise failure("Invalid packageCode")
    journey = Journey(
        parcels=(parcel,),
        origin=place_of(required_text(body, "fromPostalCode")),
        destination=place_of(required_text(body, "toPostalCode")),
        ship_date=call.world.clock.today(),
        signature=body.get("confirmation") in _SIGNATURES,
        residential=body.get("residential") is True,
    )
    services = [service_of(body, carrier)] if body.get("serviceCode") else list(carrier.services)
    boxes = [p.code for p in carrier.packages if wanted in ("", p.code)]
    offers = [_offer(carrier, service, box, journey) for service in services for box in boxes]
    return in_json([offer for offer in offers if offer is not None])


def _offer(carrier: Carrier, service: Service, box: str, journey: Journey) -> dict[str, Any] | None:
    boxed = attrs.evolve(journey, parcels=(attrs.evolve(journey.parcels[0], package_code=box),))
    try:
        price = price_of(carrier, service, boxed)
    except CannotShip:
        return None  # V1 leaves out what cannot be sent; an empty list is a normal answer
    package = carrier.package(box)
    return {
        "serviceName": f"{service.name} - {package.name if package else box}",
        "serviceCode": service.code,
        "shipmentCost": price.shipping + price.confirmation,
        "otherCost": price.other,
    }


def _asked(call: Call) -> Carrier:
    carrier = carrier_by_code(call.query.get("carrierCode", ""))
    if carrier is None:
        raise missing()
    return carrier


def _carrier(call: Call, carrier: Carrier) -> dict[str, Any]:
    return {
        "name": carrier.friendly_name,
        "code": carrier.code,
        "accountNumber": carrier.account_number,
        "requiresFundedAccount": carrier.funded,
        "balance": dollars(call.world.balance(carrier)),
        "nickname": f"{carrier.short_name} sandbox",
        "shippingProviderId": carrier.number,
        "primary": carrier.primary,
    }


def _named(carrier: Carrier, code: str, name: str) -> dict[str, Any]:
    return {"carrierCode": carrier.code, "code": code, "name": name, "domestic": True, "international": False}
