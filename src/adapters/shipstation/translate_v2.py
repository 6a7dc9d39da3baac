"""V2's answers in our words, and our words as V2's requests. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypeVar

from attrs import frozen

from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.outcomes import Body
from adapters.shipstation.statuses import status_word
from adapters.shipstation.translate import (
    CURRENCY,
    carrier_box,
    carrier_name,
    cents,
    day,
    dimensions,
    flat_rate,
    moment,
    package_code,
    service_name,
    ship_date,
    weight,
)
from adapters.shipstation.wire import Amount, Unreadable, code_word, decode, plain
from shipping_core.domain.ids import RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import (
    Address,
    CarrierBox,
    Label,
    Parcel,
    Rate,
    Shipment,
    Tracking,
    TrackingEvent,
)
from shipping_core.ports.shipping import CarrierService, Estimate, Offers, VoidAnswer

T = TypeVar("T")
_WEIGHT_UNITS = {"oz": "ounce", "g": "gram"}
_LENGTH_UNITS = {"in": "inch", "cm": "centimeter"}
_RESIDENTIAL = {True: "yes", False: "no", None: "unknown"}
_KINDS = {"completed": Body.WANTED, "processing": Body.PENDING, "error": Body.FAILED}
LABEL_OPTIONS = {"label_format": "pdf", "label_layout": "4x6", "label_download_type": "inline"}
"""Inline: the document comes with the purchase, one call of the quota instead of two."""


@frozen
class Account:
    """One carrier account with what it can ship by."""

    carrier_id: str
    code: str
    name: str
    services: tuple[CarrierService, ...]
    boxes: tuple[CarrierBox, ...] = ()


def account(
    carrier: wire.Carrier, services: Iterable[wire.Service], packages: Iterable[wire.Package]
) -> Account:
    """A carrier of the list with its services and its flat-rate boxes."""
    name = carrier_name(carrier.carrier_code, carrier.friendly_name)
    return Account(
        carrier.carrier_id,
        carrier.carrier_code,
        name,
        tuple(
            CarrierService(
                carrier=name,
                carrier_code=carrier.carrier_code,
                service=service_name(s.name, name, s.service_code),
                service_code=s.service_code,
                domestic=s.domestic is not False,
                international=bool(s.international),
            )
            for s in services
        ),
        tuple(
            carrier_box(name, carrier.carrier_code, p.package_code, p.name)
            for p in packages
            if flat_rate(p.package_code, p.name)
        ),
    )


def address(a: Address, phone: str) -> dict[str, object]:
    """An address as V2 wants it: a part that is empty is left out, never sent as an empty text."""
    parts = {
        "name": a.name,
        "company_name": a.company,
        "phone": phone,
        "address_line1": a.street1,
        "address_line2": a.street2,
        "city_locality": a.city,
        "state_province": a.state,
        "postal_code": a.postal_code,
        "country_code": a.country,
        "address_residential_indicator": _RESIDENTIAL[a.residential],
    }
    return {key: text for key, text in parts.items() if text}


def rates_request(
    shipment: Shipment, *, reference: str, carrier_ids: Sequence[str], shipper_phone: str, now: dt.datetime
) -> dict[str, object]:
    """All carriers' prices for a shipment that is stored under `reference`."""
    return {
        "rate_options": {"carrier_ids": list(carrier_ids)},
        "shipment": {
            "external_shipment_id": reference,
            "ship_date": ship_date(now),
            "ship_from": address(shipment.sender, shipment.sender.phone or shipper_phone),
            "ship_to": address(shipment.recipient, shipment.recipient.phone),
            "packages": [_package(shipment.parcel)],
        },
    }


def stored_rates_request(shipment_id: str, carrier_ids: Sequence[str]) -> dict[str, object]:
    """Prices for a shipment that was stored before."""
    return {"rate_options": {"carrier_ids": list(carrier_ids)}, "shipment_id": shipment_id}


def estimate_request(e: Estimate, carrier_ids: Sequence[str], now: dt.datetime) -> dict[str, object]:
    """Prices from two places and a weight."""
    return {
        "carrier_ids": list(carrier_ids),
        "from_country_code": "US",
        "from_postal_code": e.from_postal_code,
        "from_city_locality": e.from_city,
        "from_state_province": e.from_state,
        "to_country_code": "US",
        "to_postal_code": e.to_postal_code,
        "to_city_locality": e.to_city,
        "to_state_province": e.to_state,
        "weight": weight(e.parcel, _WEIGHT_UNITS, "unit"),
        "ship_date": f"{ship_date(now)}T00:00:00Z",
        **dimensions(e.parcel, _LENGTH_UNITS, "unit"),
    }


def _package(parcel: Parcel) -> dict[str, object]:
    return {
        "package_code": package_code(parcel),
        "weight": weight(parcel, _WEIGHT_UNITS, "unit"),
        **dimensions(parcel, _LENGTH_UNITS, "unit"),
    }


def same_shipment(stored: wire.StoredShipment, shipment: Shipment) -> bool:
    """Whether what is stored under our reference goes between the same ends."""
    return all(
        place is not None
        and _folded(place.name) == _folded(ours.name)
        and _folded(place.postal_code)[:5] == _folded(ours.postal_code)[:5]
        for place, ours in ((stored.ship_from, shipment.sender), (stored.ship_to, shipment.recipient))
    )


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def offers(
    answer: wire.RateResponse,
    accounts: Sequence[Account],
    parcel: Parcel,
    *,
    shipment_id: str,
    estimated: bool = False,
) -> Offers:
    """The rates that can be sold, cheapest first, and every asked carrier that has none, with its reason."""
    names = {a.carrier_id: a.name for a in accounts}
    reasons: dict[str, str] = {}
    rates: list[Rate] = []
    for offered in answer.rates or ():
        name = names.get(offered.carrier_id or "") or carrier_name(
            offered.carrier_code or "", offered.carrier_friendly_name
        )
        made = _rate(offered, name, parcel, shipment_id, estimated=estimated)
        if isinstance(made, Rate):
            rates.append(made)
        else:
            reasons.setdefault(name, made)
    for bad in answer.invalid_rates or ():
        reasons.setdefault(
            _named(bad.carrier_id, bad.carrier_code, names), plain("; ".join(bad.error_messages or ()))
        )
    for error in answer.errors or ():
        reasons.setdefault(_named(error.carrier_id, error.carrier_code, names), plain(error.message))
    heard = {r.carrier for r in rates}
    asked = [a.name for a in accounts]
    silent = [n for n in dict.fromkeys((*asked, *reasons)) if n and n not in heard]
    return Offers(
        tuple(sorted(rates, key=lambda r: (r.price.minor, r.carrier, r.service))),
        tuple((n, reasons.get(n) or "no rates") for n in silent),
    )


def _named(carrier_id: str | None, code: str | None, names: dict[str, str]) -> str:
    return names.get(carrier_id or "") or (carrier_name(code) if code else "")


def _rate(offered: wire.Rate, name: str, parcel: Parcel, shipment_id: str, *, estimated: bool) -> Rate | str:
    """The rate, or why it cannot be sold."""
    if not offered.service_code or not offered.carrier_code or not (offered.rate_id or estimated):
        return "an offer without an id"
    if offered.validation_status == "invalid" or offered.error_messages:
        return plain("; ".join(offered.error_messages or ())) or "an invalid offer"
    if offered.package_type not in (None, "", package_code(parcel)):
        return f"only in another box, {plain(offered.package_type, 40)}"
    try:
        cost = total(
            offered.shipping_amount,
            offered.insurance_amount,
            offered.confirmation_amount,
            offered.other_amount,
            offered.tax_amount,
        )
    except ValueError as exc:
        return str(exc)
    if cost is None or cost.minor <= 0:
        return "an offer without a price"
    return Rate(
        rate_id=RateId(offered.rate_id or f"estimate-{offered.carrier_code}-{offered.service_code}"),
        carrier=name,
        carrier_code=offered.carrier_code,
        service=service_name(offered.service_type, name, offered.service_code),
        service_code=offered.service_code,
        price=cost,
        cost=cost,
        delivery_days=offered.delivery_days,
        delivery_date=day(offered.estimated_delivery_date),
        carrier_reference="" if estimated else f"{shipment_id}|{offered.rate_id}",
    )


def total(*parts: Amount | None) -> Money | None:
    """The sum of the parts, or None when the first and main one is missing.

    Raises:
        ValueError: another currency than ours, or no amount of money.
    """
    if not parts or parts[0] is None or parts[0].amount is None:
        return None
    there = [p for p in parts if p is not None and p.amount]
    foreign = {(p.currency or CURRENCY).upper() for p in there} - {CURRENCY}
    if foreign:
        raise ValueError(f"priced in {plain(', '.join(sorted(foreign)), 20)}")
    return cents(*(p.amount for p in there))


def references(rate: Rate) -> tuple[str, str]:
    """The shipment id and the rate id an offer was made with; empty where it was an estimate."""
    shipment_id, _, rate_id = rate.carrier_reference.partition("|")
    return shipment_id, rate_id


def judge_label(body: bytes) -> tuple[Body, wire.Label | None]:
    """What the answer to a purchase holds. A label that is already void is not what was asked for."""
    label = _decoded(body, wire.Label)
    if label is None or not label.label_id:
        return Body.UNREADABLE, None
    return kind(label), label


def kind(label: wire.Label) -> Body:
    """What a label's status makes of it as an answer."""
    return _KINDS.get((label.status or "").casefold(), Body.UNREADABLE)


def judge_void(body: bytes) -> tuple[Body, wire.Void | None]:
    """What the answer to a void holds."""
    verdict = _decoded(body, wire.Void)
    return (Body.WANTED, verdict) if verdict is not None else (Body.UNREADABLE, None)


def _decoded(body: bytes, into: type[T]) -> T | None:
    try:
        return decode(body, into)
    except Unreadable:
        return None


def label(bought: wire.Label, quoted: Rate) -> Label:
    """A label in our words; where its cost is missing or foreign, the quoted cost stands in."""
    try:
        cost = total(bought.shipment_cost, bought.insurance_cost)
    except ValueError:
        cost = None
    return Label(
        label_id=bought.label_id,
        tracking_number=bought.tracking_number or "",
        carrier_code=bought.carrier_code or quoted.carrier_code,
        service_code=bought.service_code or quoted.service_code,
        cost=quoted.cost if cost is None else cost,
        tracking_url=bought.tracking_url or "",
        shipment_ref=bought.shipment_id or references(quoted)[0],
        voided=bool(bought.voided) or (bought.status or "").casefold() == "voided",
    )


def tracking(answer: wire.Track) -> Tracking:
    """Where the parcel is, newest event first; an unknown code is `unknown`."""
    events = [
        TrackingEvent(
            occurred_at=at,
            description=plain(e.description or e.status_description or e.carrier_status_description),
            place=", ".join(p for p in (e.city_locality, e.state_province) if p),
        )
        for e in answer.events or ()
        if (at := moment(e.occurred_at)) is not None
    ]
    return Tracking(
        status=status_word(answer.status_code),
        description=plain(
            answer.exception_description or answer.status_description or answer.carrier_status_description
        ),
        events=tuple(sorted(events, key=lambda e: e.occurred_at, reverse=True)),
        estimated_delivery=day(answer.estimated_delivery_date),
    )


def void_answer(verdict: wire.Void) -> VoidAnswer:
    """The carrier's answer to a void, in our words."""
    return VoidAnswer(verdict.approved, plain(verdict.message), code_word(verdict.reason_code))
