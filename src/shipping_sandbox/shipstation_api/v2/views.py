"""Rates and shipments as V2 shows them."""

from datetime import date
from decimal import Decimal
from typing import Any

from shipping_sandbox.shipstation_api.catalogue import Carrier, Service
from shipping_sandbox.shipstation_api.money import dollars
from shipping_sandbox.shipstation_api.pricing import Price
from shipping_sandbox.shipstation_api.records import Rate, Shipment
from shipping_sandbox.shipstation_api.stamps import v2_day, v2_stamp


def money(amount: Decimal) -> dict[str, Any]:
    """An amount of dollars."""
    return {"currency": "usd", "amount": dollars(amount)}


def offer(
    carrier: Carrier, service: Service, package_code: str, price: Price, ship_date: date
) -> dict[str, Any]:
    """A rate without an id, as estimates have it."""
    return {
        "rate_type": "shipment",
        "carrier_id": carrier.carrier_id,
        "shipping_amount": money(price.shipping),
        "insurance_amount": money(price.insurance),
        "confirmation_amount": money(price.confirmation),
        "other_amount": money(price.other),
        "zone": price.zone,
        "package_type": package_code,
        "delivery_days": price.days,
        "guaranteed_service": service.guaranteed,
        "estimated_delivery_date": v2_day(price.arrives),
        "carrier_delivery_days": str(price.days),
        "ship_date": v2_day(ship_date),
        "negotiated_rate": False,
        "service_type": service.name,
        "service_code": service.code,
        "trackable": True,
        "carrier_code": carrier.code,
        "carrier_nickname": f"{carrier.short_name} sandbox",
        "carrier_friendly_name": carrier.friendly_name,
        "validation_status": "valid",
        "warning_messages": [],
        "error_messages": [],
    }


def rate_view(rate: Rate) -> dict[str, Any]:
    """A rate that can be bought."""
    return {
        "rate_id": rate.rate_id,
        **offer(rate.carrier, rate.service, rate.package_code, rate.price, rate.ship_date),
    }


def shipment_view(shipment: Shipment) -> dict[str, Any]:
    """A stored shipment."""
    ounces = sum((p.weight_oz for p in shipment.parcels), Decimal(0))
    view = {
        "shipment_id": shipment.shipment_id,
        "carrier_id": shipment.carrier.carrier_id if shipment.carrier else None,
        "service_code": shipment.service.code if shipment.service else None,
        "external_order_id": shipment.external_order_id,
        "external_shipment_id": shipment.external_shipment_id,
        "shipment_number": shipment.shipment_number,
        "ship_date": v2_day(shipment.ship_date),
        "created_at": v2_stamp(shipment.created_at),
        "modified_at": v2_stamp(shipment.modified_at),
        "shipment_status": shipment.status,
        "ship_to": shipment.ship_to,
        "ship_from": shipment.ship_from,
        "warehouse_id": None,
        "return_to": shipment.return_to,
        "is_return": False,
        "confirmation": shipment.confirmation,
        "customs": None,
        "advanced_options": shipment.advanced_options,
        "insurance_provider": shipment.insurance_provider,
        "tags": [],
        "items": [],
        "packages": [{"package_code": "package", **p} for p in shipment.packages],
        "total_weight": {"value": ounces.quantize(Decimal("0.01")), "unit": "ounce"},
    }
    optional = ("carrier_id", "service_code", "external_order_id", "shipment_number")
    return {name: part for name, part in view.items() if part is not None or name not in optional}
