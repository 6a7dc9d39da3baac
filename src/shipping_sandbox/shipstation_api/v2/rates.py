"""Offers: every carrier in one call, stored with their shipment, or only estimated."""

from collections.abc import Iterable
from typing import Any

import attrs

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import Carrier, Service, carrier_by_id
from shipping_sandbox.shipstation_api.places import Place, find_place
from shipping_sandbox.shipstation_api.pricing import CannotShip, Journey, Parcel, Price, price_of
from shipping_sandbox.shipstation_api.records import Address, Rate, Shipment
from shipping_sandbox.shipstation_api.stamps import v2_stamp
from shipping_sandbox.shipstation_api.v2.finding import rate_named, shipment_named
from shipping_sandbox.shipstation_api.v2.intake import lives_there, take_in
from shipping_sandbox.shipstation_api.v2.reading import Reader
from shipping_sandbox.shipstation_api.v2.views import offer, rate_view, shipment_view
from shipping_sandbox.shipstation_api.v2.wire import carrier_problem, problem, refusal

_SIGNATURES = ("signature", "adult_signature", "direct_signature")
_ESTIMATE_TEXTS = tuple(
    f"{end}_{part}"
    for end in ("from", "to")
    for part in ("country_code", "postal_code", "city_locality", "state_province")
)


def make_rates(call: Call) -> Answer:
    """POST /v2/rates: stores a shipment and offers every service of the wanted carriers."""
    reader = Reader()
    body = reader.thing(call.body(), "body") or {}
    options = reader.thing(body.get("rate_options"), "rate_options") or {}
    carriers = _carriers(reader, options.get("carrier_ids"), "rate_options.carrier_ids")
    if bool(body.get("shipment_id")) == bool(body.get("shipment")):
        reader.bad("shipment", "give exactly one of shipment and shipment_id", "field_conflict")
    reader.finish()
    if body.get("shipment_id"):
        shipment = shipment_named(call, str(body["shipment_id"]))
    else:
        shipment = take_in(call, body["shipment"])
    shipment.last_rate_response = _rate_response(call, shipment, carriers, options)
    return in_json({**shipment_view(shipment), "rate_response": shipment.last_rate_response})


def one_rate(call: Call) -> Answer:
    """GET /v2/rates/{rate_id}."""
    return in_json(rate_view(rate_named(call, call.path["rate_id"])))


def rates_of_shipment(call: Call) -> Answer:
    """GET /v2/shipments/{shipment_id}/rates: the last answer given for it."""
    shipment = shipment_named(call, call.path["shipment_id"])
    if shipment.last_rate_response is None:
        raise refusal(
            404, problem("no_rates_returned", "This shipment was never rated.", kind="business_rules")
        )
    return in_json(shipment.last_rate_response)


def estimate(call: Call) -> Answer:
    """POST /v2/rates/estimate: offers from two places and a weight; nothing is stored."""
    reader = Reader()
    body = reader.thing(call.body(), "body") or {}
    for name in _ESTIMATE_TEXTS:
        reader.text(body, name, "")
    if body.get("ship_date") is None:
        reader.lacks("ship_date")
    wanted = body.get("carrier_ids") or ([body["carrier_id"]] if body.get("carrier_id") else None)
    carriers = _carriers(reader, wanted, "carrier_ids")
    ship_date = reader.day(body.get("ship_date"), "ship_date", call.world.clock.today())
    parcel = Parcel(
        weight_oz=reader.weight_oz(body.get("weight"), "weight"),
        size_in=reader.size_in(body.get("dimensions"), "dimensions"),
    )
    reader.finish()
    journey = Journey(
        parcels=(parcel,),
        origin=_place(body["from_country_code"], body["from_postal_code"], "from_postal_code"),
        destination=_place(body["to_country_code"], body["to_postal_code"], "to_postal_code"),
        ship_date=ship_date,
        signature=body.get("confirmation") in _SIGNATURES,
        residential=body.get("address_residential_indicator") == "yes",
    )
    return in_json([_priced(c, s, journey, parcel.package_code) for c in carriers for s in c.services])


def journey_of(shipment: Shipment) -> Journey:
    """Where a shipment goes, for pricing.

    Raises:
        CannotShip: an end of it has no known US ZIP code.
    """
    return Journey(
        parcels=shipment.parcels,
        origin=_end(shipment.ship_from, "ship_from"),
        destination=_end(shipment.ship_to, "ship_to"),
        ship_date=shipment.ship_date,
        signature=shipment.confirmation in _SIGNATURES,
        residential=lives_there(shipment),
    )


def _rate_response(
    call: Call, shipment: Shipment, carriers: Iterable[Carrier], options: dict[str, Any]
) -> dict[str, Any]:
    rates: list[Rate] = []
    invalid: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for carrier in carriers:
        offers, failures = _offers(call, shipment, carrier, options)
        rates += offers
        invalid += [_invalid_rate(call, shipment, carrier, service, reason) for service, reason in failures]
        if failures and not offers:
            errors.append(carrier_problem(failures[0][1], carrier.carrier_id, carrier.code))
    for rate in rates:
        call.world.rates[rate.number] = rate
        shipment.rate_numbers.append(rate.number)
    return {
        "status": "error" if errors and not rates else "partial" if errors else "completed",
        "rate_request_id": f"se-{call.world.next_id()}",
        "shipment_id": shipment.shipment_id,
        "created_at": v2_stamp(call.world.clock.now()),
        "rates": [rate_view(rate) for rate in rates],
        "invalid_rates": invalid,
        "errors": errors,
    }


def _offers(
    call: Call, shipment: Shipment, carrier: Carrier, options: dict[str, Any]
) -> tuple[list[Rate], list[tuple[Service, CannotShip]]]:
    offers: list[Rate] = []
    failures: list[tuple[Service, CannotShip]] = []
    for service in carrier.services:
        if options.get("service_codes") and service.code not in options["service_codes"]:
            continue
        for package_code in options.get("package_types") or [shipment.parcels[0].package_code]:
            try:
                price = price_of(carrier, service, _boxed(journey_of(shipment), package_code))
            except CannotShip as reason:
                failures.append((service, reason))
            else:
                offers.append(_rate(call, shipment, carrier, service, package_code, price))
    return offers, failures


def _boxed(journey: Journey, package_code: str) -> Journey:
    parcels = tuple(attrs.evolve(p, package_code=package_code) for p in journey.parcels)
    return attrs.evolve(journey, parcels=parcels)


def _rate(
    call: Call, shipment: Shipment, carrier: Carrier, service: Service, package_code: str, price: Price
) -> Rate:
    return Rate(
        number=call.world.next_id(),
        shipment_number=shipment.number,
        test=call.caller.test,
        carrier=carrier,
        service=service,
        package_code=package_code,
        price=price,
        created_at=call.world.clock.now(),
        ship_date=shipment.ship_date,
    )


def _invalid_rate(
    call: Call, shipment: Shipment, carrier: Carrier, service: Service, reason: CannotShip
) -> dict[str, Any]:
    nothing = Price.nothing(shipment.ship_date)
    view = offer(carrier, service, shipment.parcels[0].package_code, nothing, shipment.ship_date)
    for unknown in ("delivery_days", "estimated_delivery_date", "carrier_delivery_days"):
        del view[unknown]
    return {
        "rate_id": f"se-{call.world.next_id()}",
        **view,
        "validation_status": "invalid",
        "error_messages": [reason.message],
    }


def _priced(carrier: Carrier, service: Service, journey: Journey, package_code: str) -> dict[str, Any]:
    try:
        price = price_of(carrier, service, journey)
    except CannotShip as reason:
        view = offer(carrier, service, package_code, Price.nothing(journey.ship_date), journey.ship_date)
        return {
            **view,
            "delivery_days": None,
            "validation_status": "invalid",
            "error_messages": [reason.message],
        }
    return {**offer(carrier, service, package_code, price, journey.ship_date), "rate_type": "check"}


def _carriers(reader: Reader, ids: Any, field: str) -> list[Carrier]:
    if not isinstance(ids, list) or not ids:
        reader.lacks(field)
        return []
    known = [carrier_by_id(str(i)) for i in ids]
    for i, carrier in zip(ids, known, strict=True):
        if carrier is None:
            reader.bad(field, f"{i} is not a connected carrier", "carrier_not_connected")
    return [c for c in known if c is not None]


def _end(address: Address, name: str) -> Place:
    place = find_place(address["postal_code"]) if address.get("country_code", "US") == "US" else None
    if place is None:
        raise CannotShip(
            "invalid_address", f"{name}: {address['postal_code']} is not a US ZIP code we serve."
        )
    return place


def _place(country: str, postal_code: str, field: str) -> Place:
    place = find_place(postal_code) if country.upper() == "US" else None
    if place is None:
        text = f"{field}: {postal_code} is not a US ZIP code we serve."
        raise refusal(
            400, problem("invalid_address", text, kind="business_rules", source="carrier", field=field)
        )
    return place
