"""Storing, finding and cancelling shipments."""

from typing import Any

import msgspec

from shipping_sandbox.kit.answers import Answer, Refusal, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.v2.finding import shipment_named
from shipping_sandbox.shipstation_api.v2.intake import cut_external_id, find_by_external_id, take_in
from shipping_sandbox.shipstation_api.v2.paging import one_page
from shipping_sandbox.shipstation_api.v2.reading import Reader
from shipping_sandbox.shipstation_api.v2.views import shipment_view
from shipping_sandbox.shipstation_api.v2.wire import nothing_there, problem, refusal

_SHIPMENTS = "/shipstation/v2/shipments"


def create_shipments(call: Call) -> Answer:
    """POST /v2/shipments: 200 even where some of them were refused."""
    reader = Reader()
    body = reader.thing(call.body(), "body") or {}
    wanted = body.get("shipments")
    if not isinstance(wanted, list) or not wanted:
        reader.lacks("shipments")
    reader.finish()
    made = [_create(call, value) for value in wanted or []]
    return in_json({"has_errors": any(entry["errors"] for entry in made), "shipments": made})


def list_shipments(call: Call) -> Answer:
    """GET /v2/shipments, newest first unless told otherwise."""
    found = [s for s in call.world.shipments.values() if s.test == call.caller.test]
    wanted = call.query.get("external_shipment_id")
    if wanted is not None:
        found = [s for s in found if s.external_shipment_id == wanted]
    status = call.query.get("shipment_status")
    if status is not None:
        found = [s for s in found if s.status == status]
    if call.query.get("sort_dir", "desc") == "desc":
        found.reverse()
    shown, beside = one_page(call, _SHIPMENTS, found)
    return in_json({"shipments": [shipment_view(s) for s in shown], **beside})


def one_shipment(call: Call) -> Answer:
    """GET /v2/shipments/{shipment_id}."""
    return in_json(shipment_view(shipment_named(call, call.path["shipment_id"])))


def shipment_by_external_id(call: Call) -> Answer:
    """GET /v2/shipments/external_shipment_id/{id}; 404 with an empty body if there is none."""
    shipment = find_by_external_id(call, call.path["external_shipment_id"])
    if shipment is None:
        raise nothing_there()
    return in_json(shipment_view(shipment))


def cancel_shipment(call: Call) -> Answer:
    """PUT /v2/shipments/{shipment_id}/cancel: 204; labels must be voided first."""
    shipment = shipment_named(call, call.path["shipment_id"])
    labels = (x for x in call.world.labels.values() if x.shipment_number == shipment.number)
    if any(label.voided_at is None for label in labels):
        text = "Void the shipment's labels first."
        raise refusal(400, problem("invalid_status", text, kind="business_rules"))
    shipment.status = "cancelled"
    shipment.modified_at = call.world.clock.now()
    return Answer(204)


def _create(call: Call, value: Any) -> dict[str, Any]:
    try:
        return {**shipment_view(take_in(call, value)), "errors": [], "address_validation": None}
    except Refusal as no:
        problems = msgspec.json.decode(no.answer.body)["errors"]
        given = value if isinstance(value, dict) else {}
        return {
            "external_shipment_id": cut_external_id(given.get("external_shipment_id")),
            "errors": [entry["message"] for entry in problems],
            "address_validation": None,
        }
