"""Three doors to a label: a whole shipment, an offer, a stored shipment."""

from typing import Any

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import Carrier, Service
from shipping_sandbox.shipstation_api.pricing import CannotShip, Price, price_of
from shipping_sandbox.shipstation_api.purchasing import InsufficientFunds, Sale, sell
from shipping_sandbox.shipstation_api.records import Rate, Shipment
from shipping_sandbox.shipstation_api.v2.finding import number_of, rate_named, shipment_named
from shipping_sandbox.shipstation_api.v2.intake import cut_external_id, take_in
from shipping_sandbox.shipstation_api.v2.label_views import label_view
from shipping_sandbox.shipstation_api.v2.rates import journey_of
from shipping_sandbox.shipstation_api.v2.reading import Reader
from shipping_sandbox.shipstation_api.v2.wire import carrier_problem, problem, refusal

_LAYOUTS = ("4x6", "letter")
_FORMATS = ("pdf", "png", "zpl")
_DOWNLOADS = ("url", "inline")


def buy_whole(call: Call) -> Answer:
    """POST /v2/labels."""
    reader = Reader()
    body = reader.thing(call.body(), "body") or {}
    given = reader.thing(body.get("shipment"), "shipment") or {}
    if not given.get("service_code"):
        reader.lacks("shipment.service_code")
    options = _options(reader, body)
    reader.finish()
    shipment = take_in(call, given, unique=call.world.settings.refuse_duplicate_labels)
    return _buy(call, shipment, options)


def buy_shipment(call: Call) -> Answer:
    """POST /v2/labels/shipment/{shipment_id}: carrier and service come from the stored shipment."""
    shipment = shipment_named(call, call.path["shipment_id"])
    return _buy(call, shipment, _options_of(call))


def buy_rate(call: Call) -> Answer:
    """POST /v2/labels/rates/{rate_id}: buying one offer twice makes two labels."""
    rate = rate_named(call, call.path["rate_id"])
    options = _options_of(call)
    shipment = call.world.shipments[rate.shipment_number]
    return _sold(call, shipment, rate.carrier, rate.service, rate.price, options, rate)


def reference_of(call: Call) -> str | None:
    """The key by which the caller knows this purchase: the external shipment id, else V2's own."""
    if "rate_id" in call.path:
        rate = call.world.rates.get(number_of(call.path["rate_id"]))
        shipment = call.world.shipments.get(rate.shipment_number) if rate else None
        return shipment.external_shipment_id if shipment else call.path["rate_id"]
    if "shipment_id" in call.path:
        shipment = call.world.shipments.get(number_of(call.path["shipment_id"]))
        return shipment.external_shipment_id if shipment else call.path["shipment_id"]
    body = call.body()
    given = body.get("shipment") if isinstance(body, dict) else None
    return cut_external_id(given.get("external_shipment_id")) if isinstance(given, dict) else None


def _buy(call: Call, shipment: Shipment, options: dict[str, str]) -> Answer:
    if shipment.carrier is None or shipment.service is None:
        text = "The shipment names no service of a connected carrier."
        raise refusal(400, problem("invalid_field_value", text, field="shipment.service_code"))
    if shipment.status == "cancelled":
        raise refusal(400, problem("invalid_status", "The shipment is cancelled.", kind="business_rules"))
    try:
        price = price_of(shipment.carrier, shipment.service, journey_of(shipment))
    except CannotShip as reason:
        entry = carrier_problem(reason, shipment.carrier.carrier_id, shipment.carrier.code)
        raise refusal(400, entry) from reason
    return _sold(call, shipment, shipment.carrier, shipment.service, price, options, None)


def _sold(
    call: Call,
    shipment: Shipment,
    carrier: Carrier,
    service: Service,
    price: Price,
    options: dict[str, str],
    rate: Rate | None,
) -> Answer:
    sale = Sale(
        version="v2",
        test=call.caller.test,
        sandbox=call.caller.test,
        carrier=carrier,
        service=service,
        package_code=rate.package_code if rate else shipment.parcels[0].package_code,
        ship_to=shipment.ship_to,
        ship_from=shipment.ship_from,
        parcels=shipment.parcels,
        price=price,
        ship_date=shipment.ship_date,
        confirmation=shipment.confirmation,
        reference=shipment.external_shipment_id,
    )
    try:
        label = sell(
            call.world,
            sale,
            call.twist,
            shipment_number=shipment.number,
            external_shipment_id=shipment.external_shipment_id,
            rate_number=rate.number if rate else None,
            label_format=options["label_format"],
            label_layout=options["label_layout"],
        )
    except InsufficientFunds as empty:
        text = "The postage account balance is too low."
        entry = problem("insufficient_funds", text, kind="business_rules", source="carrier")
        raise refusal(400, entry) from empty
    shipment.status = "label_purchased"
    shipment.modified_at = label.created_at
    return in_json(label_view(label, call, inline=options["label_download_type"] == "inline"))


def _options_of(call: Call) -> dict[str, str]:
    reader = Reader()
    body = call.body()
    options = _options(reader, body if isinstance(body, dict) else {})
    reader.finish()
    return options


def _options(reader: Reader, body: dict[str, Any]) -> dict[str, str]:
    options = {
        "label_format": reader.choice(body, "label_format", "", _FORMATS, "pdf"),
        "label_layout": reader.choice(body, "label_layout", "", _LAYOUTS, "4x6"),
        "label_download_type": reader.choice(body, "label_download_type", "", _DOWNLOADS, "url"),
    }
    if options["label_format"] == "png":
        reader.bad("label_format", "the carriers of this sandbox print pdf and zpl only")
    if options["label_layout"] == "letter" and options["label_format"] != "pdf":
        reader.bad("label_layout", "letter is for pdf only")
    return options
