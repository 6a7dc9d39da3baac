"""Selling and voiding a label; the same for both APIs, and as little idempotent as the real ones."""

from datetime import date, timedelta
from typing import Any

import attrs

from shipping_sandbox.shipstation_api.catalogue import Carrier, Service
from shipping_sandbox.shipstation_api.pricing import Parcel, Price
from shipping_sandbox.shipstation_api.records import Address, Label
from shipping_sandbox.shipstation_api.twist import Twist
from shipping_sandbox.shipstation_api.world import World

_UPS_SERVICE = {
    "ups_ground": "03",
    "ups_2nd_day_air": "02",
    "ups_next_day_air_saver": "13",
    "ups_ground_saver": "YW",
}


class InsufficientFunds(Exception):
    """The prepaid balance does not cover the label."""


@attrs.frozen(kw_only=True)
class Sale:
    """Everything a label is made from."""

    version: str
    test: bool
    sandbox: bool
    carrier: Carrier
    service: Service
    package_code: str
    ship_to: Address
    ship_from: Address
    parcels: tuple[Parcel, ...]
    price: Price
    ship_date: date
    confirmation: str
    reference: str


@attrs.frozen
class VoidVerdict:
    """Whether the carrier gave the label back; `reason` is V2's code for a refusal."""

    approved: bool
    message: str
    reason: str | None = None


def sell(world: World, sale: Sale, twist: Twist, **more: Any) -> Label:
    """A new label, paid from the wallet unless it is a test; every call makes another one.

    Raises:
        InsufficientFunds: the wallet holds less than the price; nothing was sold.
    """
    postage = sale.price.postage + twist.cost_delta
    total = postage + sale.price.insurance
    if twist.insufficient_funds:
        raise InsufficientFunds
    if sale.carrier.funded and not sale.test:
        if world.balances[sale.carrier.code] < total:
            raise InsufficientFunds
        world.balances[sale.carrier.code] -= total
    number = world.next_id()
    now = world.clock.now()
    label = Label(
        number=number,
        version=sale.version,
        test=sale.test,
        sandbox=sale.sandbox,
        carrier=sale.carrier,
        service=sale.service,
        package_code=sale.package_code,
        tracking_number=tracking_number(sale.carrier, sale.service, number),
        ship_to=sale.ship_to,
        ship_from=sale.ship_from,
        parcels=sale.parcels,
        postage=postage,
        insurance=sale.price.insurance,
        ship_date=sale.ship_date,
        arrives=sale.price.arrives,
        confirmation=sale.confirmation,
        reference=sale.reference,
        created_at=now,
        processing_reads=twist.processing_reads,
        hidden_looks=world.settings.lookup_misses,
        hidden_until=now + timedelta(seconds=world.settings.lookup_lag_s),
        **more,
    )
    world.labels[number] = label
    return label


def give_back(world: World, label: Label) -> VoidVerdict:
    """Void the label if the carrier still lets us.

    Money does not return at once: carriers credit a void days or weeks later.
    """
    now = world.clock.now()
    if label.voided_at is not None:
        return VoidVerdict(False, "This label has already been voided.", "label_already_voided")
    if label.handed_over(now, world.settings.hand_over_after_s) is not None:
        return VoidVerdict(False, "The carrier has scanned this label.", "label_already_used")
    if now - label.created_at > timedelta(days=label.carrier.void_days):
        return VoidVerdict(
            False, "The time to void this label is over.", "label_not_found_within_void_period"
        )
    label.voided_at = now
    return VoidVerdict(True, "Request for refund submitted. This label has been voided.")


def tracking_number(carrier: Carrier, service: Service, number: int) -> str:
    """A number of the carrier's shape, never one a carrier gave out."""
    if carrier.code == "stamps_com":
        body = f"94001{number:016d}"
        return body + _check_digit(body)
    if carrier.code == "ups_walleted":
        return f"1ZSB0X00{_UPS_SERVICE[service.code]}{number % 10**8:08d}"
    return f"79{number % 10**10:010d}"


def _check_digit(body: str) -> str:
    # The postal modulo-10 check: digits in odd places from the right count three times.
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body)))
    return str(-weighted % 10)
