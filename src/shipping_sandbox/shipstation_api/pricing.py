"""What a parcel costs and when it arrives; the same question always has the same answer."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import attrs

from shipping_sandbox.shipstation_api.catalogue import Carrier, PackageType, Service
from shipping_sandbox.shipstation_api.money import dollars
from shipping_sandbox.shipstation_api.places import Place, zone_between

_SUNDAY = 6
_OUNCES_A_POUND = 16
_INSURANCE_STEP = Decimal(100)  # one fee for each started hundred dollars
_INSURANCE_FEE = Decimal("1.25")
OUNCES = {
    "ounce": Decimal(1),
    "pound": Decimal(16),
    "gram": Decimal("0.035273962"),
    "kilogram": Decimal("35.273962"),
}
INCHES = {"inch": Decimal(1), "centimeter": Decimal("0.393700787")}


class CannotShip(Exception):
    """This carrier cannot take this parcel; `code` is V2's name for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen(kw_only=True)
class Parcel:
    """One box: weight in ounces, size in inches if given, declared value in dollars."""

    weight_oz: Decimal
    size_in: tuple[Decimal, Decimal, Decimal] | None = None
    package_code: str = "package"
    insured_value: Decimal = Decimal(0)


@attrs.frozen(kw_only=True)
class Journey:
    """Everything beside the service that decides a price."""

    parcels: Sequence[Parcel]
    origin: Place
    destination: Place
    ship_date: date
    signature: bool = False
    residential: bool = False


@attrs.frozen(kw_only=True)
class Price:
    """The four parts of a price in dollars, and the promise that comes with it."""

    shipping: Decimal
    insurance: Decimal
    confirmation: Decimal
    other: Decimal
    zone: int
    days: int
    arrives: date

    @classmethod
    def nothing(cls, day: date) -> "Price":
        """What a service that cannot ship has to offer."""
        zero = Decimal("0.00")
        return cls(shipping=zero, insurance=zero, confirmation=zero, other=zero, zone=0, days=0, arrives=day)

    @property
    def postage(self) -> Decimal:
        """Everything but the insurance: what a label calls its cost."""
        return self.shipping + self.confirmation + self.other

    @property
    def total(self) -> Decimal:
        """What buying takes from the wallet."""
        return self.postage + self.insurance


def price_of(carrier: Carrier, service: Service, journey: Journey) -> Price:
    """The price of one service.

    Raises:
        CannotShip: too heavy, too big, a box the carrier does not know, or too many boxes.
    """
    if len(journey.parcels) > 1 and not service.multi_package:
        raise CannotShip("carrier_not_supported", f"{service.name} accepts one package per shipment.")
    zone = zone_between(journey.origin, journey.destination)
    shipping = sum((_parcel_price(carrier, service, p, zone) for p in journey.parcels), Decimal(0))
    surcharges = carrier.residential_fee if journey.residential else Decimal(0)
    other = shipping * service.fuel_percent / 100 + surcharges * len(journey.parcels)
    days = service.days[zone - 1]
    return Price(
        shipping=dollars(shipping),
        insurance=dollars(sum((_insurance(p) for p in journey.parcels), Decimal(0))),
        confirmation=dollars(carrier.signature_fee if journey.signature else Decimal(0)),
        other=dollars(other),
        zone=zone,
        days=days,
        arrives=arrival(journey.ship_date, days),
    )


def arrival(ship_date: date, days: int) -> date:
    """The delivery day: `days` after shipping, and Sundays do not count."""
    day = ship_date
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() != _SUNDAY
    return day


def _parcel_price(carrier: Carrier, service: Service, parcel: Parcel, zone: int) -> Decimal:
    package = carrier.package(parcel.package_code)
    if package is None:
        raise CannotShip(
            "invalid_field_value", f"Invalid packageCode {parcel.package_code} for {carrier.code}."
        )
    pounds = parcel.weight_oz / _OUNCES_A_POUND
    if pounds > service.max_pounds:
        raise CannotShip("unspecified", f"{service.name} takes at most {service.max_pounds} lb.")
    if package.flat:
        return _flat_price(service, package)
    billable = math.ceil(max(pounds, _dimensional_pounds(service, parcel, package)))
    linear = service.per_pound * billable + service.per_zone * zone
    return service.base + linear + service.per_pound_zone * billable * zone


def _flat_price(service: Service, package: PackageType) -> Decimal:
    if service.code not in package.flat:
        raise CannotShip("invalid_field_value", f"{service.name} is not sold in a {package.name}.")
    return package.flat[service.code]


def _dimensional_pounds(service: Service, parcel: Parcel, package: PackageType) -> Decimal:
    size = package.size_in or parcel.size_in
    if size is None:
        return Decimal(0)
    short, middle, long = sorted(size)
    if long + 2 * (short + middle) > service.max_length_girth_in:
        raise CannotShip(
            "unspecified",
            f"{service.name} takes at most {service.max_length_girth_in} in of length plus girth.",
        )
    cubic = short * middle * long
    return Decimal(0) if cubic <= service.dim_free_cubic_in else cubic / service.dim_divisor


def _insurance(parcel: Parcel) -> Decimal:
    return _INSURANCE_FEE * math.ceil(parcel.insured_value / _INSURANCE_STEP)
