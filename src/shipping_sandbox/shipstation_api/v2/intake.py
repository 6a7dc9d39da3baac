"""Turns a shipment as V2 is sent it into one the sandbox stores."""

from typing import Any

from shipping_sandbox.shipstation_api.addresses import check
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import carrier_by_id, carrier_of_service
from shipping_sandbox.shipstation_api.records import Shipment
from shipping_sandbox.shipstation_api.v2.reading import Reader
from shipping_sandbox.shipstation_api.v2.wire import problem, refusal

_CONFIRMATIONS = ("none", "delivery", "signature", "adult_signature", "direct_signature", "delivery_mailed",
                  "verbal_confirmation")  # fmt: skip
_INSURERS = ("none", "shipsurance", "carrier", "third_party")
_VALIDATIONS = ("no_validation", "validate_only", "validate_and_clean")
_LONGEST_EXTERNAL_ID = 50


def take_in(call: Call, value: Any, *, unique: bool = True) -> Shipment:
    """A stored shipment.

    Raises:
        Refusal: 400, with every missing or wrong field, or for a used `external_shipment_id` where it must
            be `unique`.
    """
    reader = Reader()
    shipment = _read(call, reader, value)
    reader.finish()
    if unique and find_by_external_id(call, shipment.external_shipment_id) is not None:
        text = f"external_shipment_id {shipment.external_shipment_id} is already used by another shipment."
        raise refusal(400, problem("identifier_conflict", text, field="external_shipment_id"))
    call.world.shipments[shipment.number] = shipment
    call.world.shipments_by_external_id.setdefault((shipment.test, shipment.external_shipment_id), shipment)
    return shipment


def find_by_external_id(call: Call, external_id: str) -> Shipment | None:
    """The earliest shipment with this external id in the caller's environment."""
    return call.world.shipments_by_external_id.get((call.caller.test, external_id))


def cut_external_id(value: Any) -> str | None:
    """The id as the server keeps it: longer than 50 characters is cut."""
    return str(value)[:_LONGEST_EXTERNAL_ID] if value else None


def _read(call: Call, reader: Reader, value: Any) -> Shipment:
    given = reader.thing(value, "shipment") or {}
    now = call.world.clock.now()
    number = call.world.next_id()
    insurer = reader.choice(given, "insurance_provider", "shipment.", _INSURERS, "none")
    if given.get("warehouse_id") and not given.get("ship_from"):
        reader.bad("shipment.warehouse_id", "there is no such warehouse", "invalid_identifier")
        ship_from: dict[str, Any] = {}
    else:
        ship_from = reader.address(given.get("ship_from"), "shipment.ship_from", phone_required=True)
    ship_to = reader.address(given.get("ship_to"), "shipment.ship_to", phone_required=False)
    if not reader.problems:
        ship_to = _checked(reader, given, ship_to)
    service_code, carrier_id = given.get("service_code"), given.get("carrier_id")
    carrier = carrier_by_id(carrier_id) if carrier_id else carrier_of_service(service_code or "")
    return Shipment(
        number=number,
        test=call.caller.test,
        external_shipment_id=cut_external_id(given.get("external_shipment_id")) or f"se-{number}",
        shipment_number=given.get("shipment_number"),
        external_order_id=given.get("external_order_id"),
        ship_to=ship_to,
        ship_from=ship_from,
        return_to=given.get("return_to") or ship_from,
        packages=given.get("packages") or [],
        parcels=reader.parcels(given.get("packages"), insured=insurer != "none"),
        ship_date=reader.day(given.get("ship_date"), "shipment.ship_date", call.world.clock.today()),
        confirmation=reader.choice(given, "confirmation", "shipment.", _CONFIRMATIONS, "none"),
        insurance_provider=insurer,
        carrier=carrier,
        service=carrier.service(service_code) if carrier and service_code else None,
        advanced_options=given.get("advanced_options") or {},
        created_at=now,
        modified_at=now,
    )


def _checked(reader: Reader, given: dict[str, Any], ship_to: dict[str, Any]) -> dict[str, Any]:
    wish = reader.choice(given, "validate_address", "shipment.", _VALIDATIONS, "no_validation")
    if wish == "no_validation":
        return ship_to
    verdict = check(ship_to)
    if verdict.status == "error":
        reader.bad("shipment.ship_to", verdict.messages[0].message, "invalid_address")
    if wish == "validate_and_clean" and verdict.matched is not None:
        return dict(verdict.matched)
    return ship_to


def lives_there(shipment: Shipment) -> bool:
    """Whether the residential fee is due: only where the caller says so."""
    return bool(shipment.ship_to["address_residential_indicator"] == "yes")
