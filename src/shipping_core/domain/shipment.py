"""Where a parcel goes and what it is: addresses, weights, sizes, rates, quotes and labels."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

from attrs import evolve, field, frozen
from attrs.validators import in_

from shipping_core.domain.ids import Mode, QuoteId, RateId, UserId
from shipping_core.domain.markup import Markup
from shipping_core.domain.money import Money

GRAMS_PER_OUNCE = Decimal("28.349523125")
"""Exact by the international yard and pound agreement of 1959."""
CENTIMETRES_PER_INCH = Decimal("2.54")


def _positive(_: object, _attribute: object, value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        raise ValueError("must be a positive number")


@frozen
class Address:
    """A person's or company's postal address; empty strings stand for what was not given."""

    name: str
    street1: str
    city: str
    state: str
    postal_code: str
    street2: str = ""
    country: str = "US"
    phone: str = ""
    """E.164, or empty. Never made up."""
    company: str = ""
    residential: bool | None = None
    """None while nobody has said."""

    def forgotten(self) -> Address:
        """The place alone: city, state and ZIP."""
        return evolve(self, name="", street1="", street2="", phone="", company="")


@frozen
class Weight:
    """A positive weight as the customer gave it: `oz` or `g`."""

    value: Decimal = field(validator=_positive)
    unit: str = field(validator=in_(("oz", "g")))

    @property
    def ounces(self) -> Decimal:
        """In avoirdupois ounces."""
        return self.value if self.unit == "oz" else self.value / GRAMS_PER_OUNCE

    @property
    def grams(self) -> Decimal:
        """In grams."""
        return self.value if self.unit == "g" else self.value * GRAMS_PER_OUNCE


@frozen
class Size:
    """Length, width and height, each positive, all in `in` or all in `cm`."""

    length: Decimal = field(validator=_positive)
    width: Decimal = field(validator=_positive)
    height: Decimal = field(validator=_positive)
    unit: str = field(validator=in_(("in", "cm")))


@frozen
class CarrierBox:
    """A box that a carrier gives away and carries at one price, whatever is in it: flat rate."""

    carrier: str
    """The name people know: USPS."""
    carrier_code: str
    code: str
    """The carrier's word for it: `medium_flat_rate_box`."""
    name: str

    @property
    def box_id(self) -> str:
        """Short enough for a button."""
        return hashlib.sha256(f"{self.carrier_code}|{self.code}".encode()).hexdigest()[:16]

    @property
    def entry(self) -> str:
        """As a draft keeps it."""
        return f"{self.carrier_code}|{self.code}|{self.carrier}|{self.name}"

    @classmethod
    def read(cls, entry: str) -> CarrierBox:
        """The box a draft keeps.

        Raises:
            ValueError: `entry` is not what `entry` writes.
        """
        carrier_code, code, carrier, name = entry.split("|", 3)
        return cls(carrier, carrier_code, code, name)

    def __str__(self) -> str:
        return self.name if self.name.startswith(self.carrier) else f"{self.carrier} {self.name}"


@frozen
class Parcel:
    """One parcel, in a box of the customer's or of a carrier."""

    weight: Weight
    size: Size | None = None
    """None only while prices are estimated, and in a carrier's box, whose size the carrier knows."""
    box: CarrierBox | None = None

    def goes_by(self, carrier_code: str) -> bool:
        """Whether this carrier may take it: a carrier's box goes by no other."""
        return self.box is None or self.box.carrier_code == carrier_code


@frozen
class Shipment:
    """A parcel with both its ends."""

    sender: Address
    recipient: Address
    parcel: Parcel

    def forgotten(self) -> Shipment:
        """From place to place, without the people."""
        return evolve(self, sender=self.sender.forgotten(), recipient=self.recipient.forgotten())


@frozen
class Rate:
    """A carrier's offer. `price` is what the customer pays, `cost` what the carrier asks of us."""

    rate_id: RateId
    carrier: str
    """The name people know: USPS, UPS, FedEx."""
    carrier_code: str
    service: str
    service_code: str
    price: Money
    cost: Money
    delivery_days: int | None = None
    delivery_date: dt.date | None = None
    carrier_reference: str = ""
    """What the gateway needs to buy just this offer; opaque to everyone else."""
    markup: Markup | None = None
    """How the price came about; None as long as it is the carrier's own."""

    @property
    def full_name(self) -> str:
        """The service with its carrier, who is named once: `USPS Ground Advantage`."""
        named = self.service.casefold().startswith(self.carrier.casefold())
        return self.service if named else f"{self.carrier} {self.service}"


@frozen
class Quote:
    """Several carriers' prices for one shipment, good until `expires_at` (UTC)."""

    quote_id: QuoteId
    user_id: UserId
    mode: Mode
    shipment: Shipment
    rates: tuple[Rate, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    reference: str = ""
    """The external shipment id that a label bought from this quote will carry; at most 40 characters."""

    def rate(self, rate_id: RateId) -> Rate | None:
        """The offer with this id."""
        return next((r for r in self.rates if r.rate_id == rate_id), None)

    def expired(self, now: dt.datetime) -> bool:
        """Whether its prices may no longer be charged."""
        return now >= self.expires_at


@frozen
class Label:
    """A bought label. `cost` is what the carrier charged us."""

    label_id: str
    tracking_number: str
    carrier_code: str
    service_code: str
    cost: Money
    tracking_url: str = ""
    shipment_ref: str = ""
    """The carrier's own shipment id."""
    voided: bool = False


@frozen
class TrackingEvent:
    """One scan of a parcel."""

    occurred_at: dt.datetime
    description: str
    place: str = ""


@frozen
class Tracking:
    """Where a parcel is.

    `status` is one of unknown, label_created, accepted, in_transit, delivered, exception.
    """

    status: str
    description: str
    events: tuple[TrackingEvent, ...] = ()
    estimated_delivery: dt.date | None = None

    @property
    def scanned(self) -> bool:
        """Whether the carrier has seen the parcel."""
        return self.status in {"accepted", "in_transit", "delivered", "exception"}
