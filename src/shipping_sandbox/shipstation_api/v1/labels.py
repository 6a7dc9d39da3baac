"""Labels of V1: the PDF comes once, with the purchase, and never again."""

import base64
from datetime import UTC, datetime, time
from typing import Any

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.documents import render_pdf
from shipping_sandbox.shipstation_api.pricing import CannotShip, Journey, price_of
from shipping_sandbox.shipstation_api.purchasing import InsufficientFunds, Sale, give_back, sell
from shipping_sandbox.shipstation_api.records import Address, Label, Order
from shipping_sandbox.shipstation_api.stamps import read_v1_stamp, v1_stamp
from shipping_sandbox.shipstation_api.v1.paging import one_page
from shipping_sandbox.shipstation_api.v1.reading import (
    address_of,
    address_view,
    body_of,
    carrier_of,
    day_of,
    flag,
    parcel_of,
    part_of,
    place_of,
    required_text,
    service_of,
)
from shipping_sandbox.shipstation_api.v1.warehouses import sender_of
from shipping_sandbox.shipstation_api.v1.wire import NULL_REFERENCE, failure, invalid, missing

_SIGNATURES = ("signature", "adult_signature", "direct_signature")
_FROM_ORDER = ("packageCode", "weight", "dimensions", "insuranceOptions", "advancedOptions")


def label_for_order(call: Call) -> Answer:
    """POST /orders/createlabelfororder: every call makes another label."""
    body = body_of(call)
    if not isinstance(body.get("orderId"), int) or isinstance(body.get("orderId"), bool):
        raise invalid(orderId="The orderId field is required.")
    order = call.world.orders.get(body["orderId"])
    if order is None:
        raise failure(NULL_REFERENCE, "System.NullReferenceException")
    whole = {
        **{k: order.body.get(k) for k in _FROM_ORDER},
        **{k: v for k, v in body.items() if v is not None},
    }
    sender = sender_of(call, part_of(whole, "advancedOptions"))
    label = _buy(call, whole, address_of(order.body.get("shipTo"), "ship to"), sender.origin, order)
    order.status, order.modified_at = "shipped", label.created_at
    return in_json(
        {
            "shipmentId": label.number,
            "orderId": order.number,
            "orderKey": order.key,
            "shipmentCost": label.postage,
            "insuranceCost": label.insurance,
            "trackingNumber": label.tracking_number,
            "labelData": _file(label),
            "formData": None,
        }
    )


def label_alone(call: Call) -> Answer:
    """POST /shipments/createlabel: no order, and no key to find it by."""
    body = body_of(call)
    ship_to, ship_from = (
        address_of(body.get("shipTo"), "ship to"),
        address_of(body.get("shipFrom"), "ship from"),
    )
    label = _buy(call, body, ship_to, ship_from, None)
    return in_json({**label_view(label), "labelData": _file(label)})


def list_shipments(call: Call) -> Answer:
    """GET /shipments: labels without their files."""
    now = call.world.clock.now()
    fitting = (x for x in call.world.labels.values() if x.version == "v1" and _fits(call, x))
    found = [label for label in fitting if label.visible(now)]
    if call.query.get("sortDir", "ASC").upper() == "DESC":
        found.reverse()
    shown, beside = one_page(call, found)
    return in_json({"shipments": [label_view(label) for label in shown], **beside})


def void_label(call: Call) -> Answer:
    """POST /shipments/voidlabel."""
    number = body_of(call).get("shipmentId")
    label = call.world.labels.get(number) if isinstance(number, int) else None
    if label is None or label.version != "v1":
        raise missing("The shipment was not found.")
    verdict = give_back(call.world, label)
    return in_json({"approved": verdict.approved, "message": verdict.message})


def reference_of(call: Call) -> str | None:
    """The key by which the caller knows this purchase: the order's, else the first custom field."""
    body = call.body()
    if not isinstance(body, dict):
        return None
    if "orderId" in body:
        order = call.world.orders.get(body["orderId"]) if isinstance(body["orderId"], int) else None
        return order.key if order else str(body["orderId"])
    options = body.get("advancedOptions")
    mark = options.get("customField1") if isinstance(options, dict) else None
    return str(mark) if mark else None


def label_view(label: Label) -> dict[str, Any]:
    """A label as listings show it."""
    order, parcel = label.order, label.parcels[0]
    size = dict(zip(("length", "width", "height"), parcel.size_in, strict=True)) if parcel.size_in else None
    return {
        "shipmentId": label.number,
        "orderId": order.number if order else None,
        "orderKey": order.key if order else None,
        "userId": None,
        "customerEmail": None,
        "orderNumber": order.order_number if order else None,
        "createDate": v1_stamp(label.created_at),
        "shipDate": label.ship_date.isoformat(),
        "shipmentCost": label.postage,
        "insuranceCost": label.insurance,
        "trackingNumber": label.tracking_number,
        "isReturnLabel": False,
        "batchNumber": None,
        "carrierCode": label.carrier.code,
        "serviceCode": label.service.code,
        "packageCode": label.package_code,
        "confirmation": label.confirmation,
        "warehouseId": label.custom_fields.get("warehouseId"),
        "voided": label.voided_at is not None,
        "voidDate": v1_stamp(label.voided_at) if label.voided_at else None,
        "marketplaceNotified": False,
        "notifyErrorMessage": None,
        "shipTo": address_view(label.ship_to),
        "weight": {"value": parcel.weight_oz, "units": "ounces", "WeightUnits": 1},
        "dimensions": {"units": "inches", **size} if size else None,
        "insuranceOptions": {
            "provider": None,
            "insureShipment": label.insurance > 0,
            "insuredValue": parcel.insured_value,
        },
        "advancedOptions": label.custom_fields or None,
        "shipmentItems": None,
        "labelData": None,
        "formData": None,
    }


def _buy(
    call: Call, body: dict[str, Any], ship_to: Address, ship_from: Address, order: Order | None
) -> Label:
    carrier = carrier_of(body)
    service = service_of(body, carrier)
    test = flag(body, "testLabel")
    confirmation = required_text(body, "confirmation")
    options = part_of(body, "advancedOptions")
    journey = Journey(
        parcels=(parcel_of(body),),
        origin=place_of(ship_from["postal_code"]),
        destination=place_of(ship_to["postal_code"]),
        ship_date=day_of(body, "shipDate"),
        signature=confirmation in _SIGNATURES,
        residential=ship_to["address_residential_indicator"] == "yes",
    )
    try:
        sale = Sale(
            version="v1",
            test=test,
            sandbox=False,
            carrier=carrier,
            service=service,
            package_code=journey.parcels[0].package_code,
            ship_to=ship_to,
            ship_from=ship_from,
            parcels=tuple(journey.parcels),
            price=price_of(carrier, service, journey),
            ship_date=journey.ship_date,
            confirmation=confirmation,
            reference=order.order_number if order else str(options.get("customField1") or ""),
        )
        return sell(call.world, sale, call.twist, order=order, custom_fields=options)
    except CannotShip as reason:
        raise failure(reason.message) from reason
    except InsufficientFunds as empty:
        raise failure(f"Insufficient funds in the {carrier.friendly_name} account.") from empty


def _file(label: Label) -> str:
    return base64.b64encode(render_pdf(label)).decode()


def _fits(call: Call, label: Label) -> bool:
    order = label.order
    values = {
        "orderId": str(order.number) if order else None,
        "trackingNumber": label.tracking_number,
        "carrierCode": label.carrier.code,
        "serviceCode": label.service.code,
        "recipientName": label.ship_to.get("name"),
        "recipientCountryCode": label.ship_to.get("country_code"),
    }
    if any(name in call.query and call.query[name] != value for name, value in values.items()):
        return False
    if not (order.order_number if order else "").startswith(call.query.get("orderNumber", "")):
        return False
    shipped = datetime.combine(label.ship_date, time(0), UTC)
    return (
        _within(call, "createDate", label.created_at)
        and _within(call, "shipDate", shipped)
        and _within(call, "voidDate", label.voided_at)
    )


def _within(call: Call, name: str, moment: datetime | None) -> bool:
    bounds = [call.query.get(f"{name}{end}") for end in ("Start", "End")]
    if bounds == [None, None]:
        return True
    if moment is None:
        return False
    try:
        start, end = (read_v1_stamp(text) if text else None for text in bounds)
    except ValueError as bad:
        raise invalid(**{name: "The value is not a date."}) from bad
    return (start is None or moment >= start) and (end is None or moment <= end)
