"""V1's answers in our words, and our words as V1's requests. Pure.

V1 has no currency anywhere: its amounts are the account's, which must be in US dollars.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

from adapters.shipstation import wire_v1 as wire
from adapters.shipstation.outcomes import Body
from adapters.shipstation.translate import (
    carrier_box,
    carrier_name,
    cents,
    dimensions,
    flat_rate,
    package_code,
    service_name,
    ship_date,
    weight,
)
from adapters.shipstation.wire import Unreadable, decode
from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.shipment import Address, CarrierBox, Label, Parcel, Rate, Shipment
from shipping_core.ports.shipping import CarrierService, Estimate, Purchase

_WEIGHT_UNITS = {"oz": "ounces", "g": "grams"}
_LENGTH_UNITS = {"in": "inches", "cm": "centimeters"}


def carriers(listed: Iterable[wire.Carrier]) -> tuple[wire.Carrier, ...]:
    """One account for each code, the primary one where there are several: V1 quotes and sells by code."""
    chosen: dict[str, wire.Carrier] = {}
    for carrier in listed:
        if carrier.code not in chosen or carrier.primary:
            chosen[carrier.code] = carrier
    return tuple(chosen.values())


def carrier_service(carrier: wire.Carrier, service: wire.Service) -> CarrierService:
    """A service that can be bought."""
    name = carrier_name(carrier.code, carrier.name)
    return CarrierService(
        carrier=name,
        carrier_code=carrier.code,
        service=service_name(service.name, name, service.code),
        service_code=service.code,
        domestic=service.domestic is not False,
        international=bool(service.international),
    )


def boxes(carrier: wire.Carrier, packages: Iterable[wire.Package]) -> list[CarrierBox]:
    """The carrier's own boxes that go at a flat rate within the country."""
    name = carrier_name(carrier.code, carrier.name)
    flat = (p for p in packages if p.domestic is not False and flat_rate(p.code, p.name))
    return [carrier_box(name, carrier.code, p.code, p.name) for p in flat]


def address(a: Address) -> dict[str, object]:
    """An address as V1 wants it; a part that is empty is left out."""
    parts = {
        "name": a.name,
        "company": a.company,
        "street1": a.street1,
        "street2": a.street2,
        "city": a.city,
        "state": a.state,
        "postalCode": a.postal_code,
        "country": a.country,
        "phone": a.phone,
    }
    there: dict[str, object] = {key: text for key, text in parts.items() if text}
    return there if a.residential is None else {**there, "residential": a.residential}


def _parcel(parcel: Parcel) -> dict[str, object]:
    return {
        "packageCode": package_code(parcel),
        "confirmation": "none",
        "weight": weight(parcel, _WEIGHT_UNITS, "units"),
        **dimensions(parcel, _LENGTH_UNITS, "units"),
    }


def rates_request(shipment: Shipment, carrier_code: str) -> dict[str, object]:
    """One carrier's prices for one box."""
    sender, recipient = shipment.sender, shipment.recipient
    return {
        "carrierCode": carrier_code,
        "fromPostalCode": sender.postal_code,
        "fromCity": sender.city,
        "fromState": sender.state,
        "toCountry": recipient.country,
        "toPostalCode": recipient.postal_code,
        "toState": recipient.state,
        "toCity": recipient.city,
        "residential": recipient.residential is not False,  # the dearer guess: a price may fall, not rise
        **_parcel(shipment.parcel),
    }


def estimate_request(e: Estimate, carrier_code: str) -> dict[str, object]:
    """One carrier's prices from two places and a weight."""
    return {
        "carrierCode": carrier_code,
        "fromPostalCode": e.from_postal_code,
        "fromCity": e.from_city,
        "fromState": e.from_state,
        "toCountry": "US",
        "toPostalCode": e.to_postal_code,
        "toState": e.to_state,
        "toCity": e.to_city,
        "residential": True,
        **_parcel(e.parcel),
    }


def rates(
    offered: Sequence[wire.Rate], carrier: wire.Carrier, parcel: Parcel, *, reference: str
) -> tuple[Rate, ...]:
    """What can be sold, one offer for each service. Where a code comes twice the dearer stands.

    Rows of one code differ only by a box named in their text, and a label is bought by the code alone.
    """
    made: dict[str, Rate] = {}
    for offer in offered:
        rate = _rate(offer, carrier, parcel, reference)
        if rate is None:
            continue
        other = made.get(rate.service_code)
        if other is None or rate.cost > other.cost:
            made[rate.service_code] = rate
    return tuple(made.values())


def _rate(offer: wire.Rate, carrier: wire.Carrier, parcel: Parcel, reference: str) -> Rate | None:
    try:
        cost = cents(offer.shipment_cost, offer.other_cost)
    except ValueError:
        return None
    if offer.shipment_cost is None or cost.minor <= 0:
        return None
    name = carrier_name(carrier.code, carrier.name)
    chosen = f"{carrier.code}|{offer.service_code}|{package_code(parcel)}"
    return Rate(
        rate_id=RateId("v1-" + hashlib.sha256(f"{reference}|{chosen}".encode()).hexdigest()[:16]),
        carrier=name,
        carrier_code=carrier.code,
        service=service_name(offer.service_name, name, offer.service_code, parcel.box),
        service_code=offer.service_code,
        price=cost,
        cost=cost,
        carrier_reference=chosen,
    )


def chosen(rate: Rate) -> dict[str, object]:
    """Carrier, service and package of an offer, as V1 buys it.

    Raises:
        ValueError: the offer was not made by V1.
    """
    carrier, service, package = rate.carrier_reference.split("|")
    return {"carrierCode": carrier, "serviceCode": service, "packageCode": package}


def warehouse_name(sender: Address) -> str:
    """The same name for the same sender, and nothing to read in it."""
    parts = "\n".join(str(v) for v in address(sender).values())
    return "sender-" + hashlib.sha256(parts.encode()).hexdigest()[:20]


def warehouse_request(sender: Address) -> dict[str, object]:
    """The place a sender's parcels start from; prices and the label's sender are taken from it."""
    return {
        "warehouseName": warehouse_name(sender),
        "originAddress": address(sender),
        "returnAddress": address(sender),
        "isDefault": False,
    }


def order_request(purchase: Purchase, warehouse_id: int, now: dt.datetime) -> dict[str, object]:
    """The order a label will be bought for; the same reference always means the same order."""
    recipient = purchase.shipment.recipient
    return {
        "orderNumber": purchase.reference,
        "orderKey": purchase.reference,
        "orderDate": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": recipient.name},
        "shipTo": address(recipient),
        "shipDate": ship_date(now),
        **_parcel(purchase.shipment.parcel),
        **chosen(purchase.rate),
        "advancedOptions": {"warehouseId": warehouse_id},
    }


def label_request(purchase: Purchase, order_id: int, now: dt.datetime) -> dict[str, object]:
    """The purchase itself. Test mode is a flag of the request, so it is set here and nowhere else."""
    return {
        "orderId": order_id,
        "shipDate": ship_date(now),
        **_parcel(purchase.shipment.parcel),
        **chosen(purchase.rate),
        "testLabel": purchase.mode is not Mode.PRODUCTION,
    }


def judge_label(body: bytes) -> tuple[Body, wire.Shipment | None]:
    """What the answer to a purchase holds."""
    try:
        return Body.WANTED, decode(body, wire.Shipment)
    except Unreadable:
        return Body.UNREADABLE, None


def judge_void(body: bytes) -> tuple[Body, wire.Void | None]:
    """What the answer to a void holds."""
    try:
        return Body.WANTED, decode(body, wire.Void)
    except Unreadable:
        return Body.UNREADABLE, None


def label(bought: wire.Shipment, quoted: Rate, order_id: str) -> Label:
    """A label in our words; where its cost is missing, the quoted cost stands in."""
    try:
        cost = cents(bought.shipment_cost, bought.insurance_cost)
    except ValueError:
        cost = quoted.cost
    return Label(
        label_id=str(bought.shipment_id),
        tracking_number=bought.tracking_number or "",
        carrier_code=bought.carrier_code or quoted.carrier_code,
        service_code=bought.service_code or quoted.service_code,
        cost=quoted.cost if bought.shipment_cost is None else cost,
        shipment_ref=str(bought.order_id or order_id),
        voided=bool(bought.voided),
    )
