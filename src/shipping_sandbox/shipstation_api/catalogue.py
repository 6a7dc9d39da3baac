"""The carriers of the sandbox account. All prices are invented; only their shape is plausible."""

from collections.abc import Mapping
from decimal import Decimal

import attrs


def _usd(amount: str | Decimal) -> Decimal:
    return Decimal(amount)


@attrs.frozen(kw_only=True)
class Service:
    """One way to send: base + pound + zone + pound and zone, in dollars, then fuel in percent."""

    code: str
    name: str
    base: Decimal = attrs.field(converter=_usd)
    per_pound: Decimal = attrs.field(converter=_usd)
    per_zone: Decimal = attrs.field(converter=_usd)
    per_pound_zone: Decimal = attrs.field(converter=_usd)
    days: tuple[int, ...]  # one for each zone, 1 to 8
    fuel_percent: Decimal = attrs.field(converter=_usd, default=Decimal(0))
    dim_divisor: int = 139  # cubic inches that weigh a pound
    dim_free_cubic_in: int = 0  # parcels up to this size are priced by weight alone
    max_pounds: int = 150
    max_length_girth_in: int = 165
    guaranteed: bool = False
    multi_package: bool = True


@attrs.frozen(kw_only=True)
class PackageType:
    """A kind of box; a carrier's own box has a fixed size and a flat price for some services."""

    code: str
    name: str
    description: str
    size_in: tuple[Decimal, Decimal, Decimal] | None = None
    flat: Mapping[str, Decimal] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Carrier:
    """One connected carrier account."""

    number: int
    code: str
    short_name: str
    friendly_name: str
    account_number: str
    funded: bool  # paid from a prepaid balance
    opening_balance: Decimal
    signature_fee: Decimal
    residential_fee: Decimal
    void_days: int
    primary: bool
    services: tuple[Service, ...]
    packages: tuple[PackageType, ...]

    @property
    def carrier_id(self) -> str:
        """The account's id in V2."""
        return f"se-{self.number}"

    def service(self, code: str) -> Service | None:
        """The service called `code`, if the carrier has it."""
        return next((s for s in self.services if s.code == code), None)

    def package(self, code: str) -> PackageType | None:
        """The package type called `code`, if the carrier has it."""
        return next((p for p in self.packages if p.code == code), None)


_ANY_BOX = PackageType(code="package", name="Package", description="Any box or thick envelope of your own")
_PRIORITY = "usps_priority_mail"
_EXPRESS = "usps_priority_mail_express"


def _size(length: str, width: str, height: str) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(length), Decimal(width), Decimal(height)


USPS = Carrier(
    number=11,
    code="stamps_com",
    short_name="USPS",
    friendly_name="Stamps.com",
    account_number="sandbox-usps",
    funded=True,
    opening_balance=Decimal("25000.00"),
    signature_fee=Decimal("3.70"),
    residential_fee=Decimal(0),
    void_days=28,
    primary=True,
    services=(
        Service(
            code="usps_ground_advantage", name="USPS Ground Advantage",
            base="4.00", per_pound="0.42", per_zone="0.24", per_pound_zone="0.10",
            days=(2, 2, 3, 3, 4, 4, 5, 5), dim_divisor=166, dim_free_cubic_in=1728,
            max_pounds=70, max_length_girth_in=130, multi_package=False,
        ),
        Service(
            code=_PRIORITY, name="USPS Priority Mail",
            base="6.30", per_pound="0.55", per_zone="0.30", per_pound_zone="0.16",
            days=(1, 2, 2, 2, 2, 3, 3, 3), dim_divisor=166, dim_free_cubic_in=1728,
            max_pounds=70, max_length_girth_in=108, multi_package=False,
        ),
        Service(
            code=_EXPRESS, name="USPS Priority Mail Express",
            base="24.00", per_pound="1.10", per_zone="0.90", per_pound_zone="0.35",
            days=(1, 1, 1, 1, 1, 2, 2, 2), dim_divisor=166, dim_free_cubic_in=1728,
            max_pounds=70, max_length_girth_in=108, guaranteed=True, multi_package=False,
        ),
    ),
    packages=(
        _ANY_BOX,
        PackageType(
            code="flat_rate_envelope", name="Flat Rate Envelope", description="12.5 x 9.5 in, one price",
            size_in=_size("12.5", "9.5", "0.5"),
            flat={_PRIORITY: Decimal("9.45"), _EXPRESS: Decimal("29.90")},
        ),
        PackageType(
            code="small_flat_rate_box", name="Small Flat Rate Box",
            description="8.6 x 5.4 x 1.6 in, one price",
            size_in=_size("8.6", "5.4", "1.6"), flat={_PRIORITY: Decimal("10.40")},
        ),
        PackageType(
            code="medium_flat_rate_box", name="Medium Flat Rate Box",
            description="11 x 8.5 x 5.5 in, one price",
            size_in=_size("11", "8.5", "5.5"), flat={_PRIORITY: Decimal("18.15")},
        ),
        PackageType(
            code="large_flat_rate_box", name="Large Flat Rate Box", description="12 x 12 x 5.5 in, one price",
            size_in=_size("12", "12", "5.5"), flat={_PRIORITY: Decimal("25.60")},
        ),
    ),
)  # fmt: skip

UPS = Carrier(
    number=12,
    code="ups_walleted",
    short_name="UPS",
    friendly_name="UPS by ShipStation",
    account_number="sandbox-ups",
    funded=True,
    opening_balance=Decimal("25000.00"),
    signature_fee=Decimal("6.90"),
    residential_fee=Decimal("0.95"),
    void_days=90,
    primary=False,
    services=(
        Service(
            code="ups_ground_saver", name="UPS Ground Saver", fuel_percent="5",
            base="4.25", per_pound="0.45", per_zone="0.28", per_pound_zone="0.08",
            days=(3, 4, 4, 5, 5, 6, 7, 7), max_pounds=70, max_length_girth_in=130, multi_package=False,
        ),
        Service(
            code="ups_ground", name="UPS Ground", fuel_percent="5",
            base="5.17", per_pound="0.46", per_zone="0.30", per_pound_zone="0.07",
            days=(1, 1, 2, 2, 3, 4, 5, 5),
        ),
        Service(
            code="ups_2nd_day_air", name="UPS 2nd Day Air", fuel_percent="8",
            base="11.40", per_pound="0.95", per_zone="0.80", per_pound_zone="0.28",
            days=(2, 2, 2, 2, 2, 2, 2, 2), guaranteed=True,
        ),
        Service(
            code="ups_next_day_air_saver", name="UPS Next Day Air Saver", fuel_percent="8",
            base="22.60", per_pound="1.60", per_zone="1.90", per_pound_zone="0.55",
            days=(1, 1, 1, 1, 1, 1, 1, 1), guaranteed=True,
        ),
    ),
    packages=(
        _ANY_BOX,
        PackageType(
            code="ups_letter", name="UPS Letter", description="Documents",
            size_in=_size("12.5", "9.5", "0.2"),
        ),
    ),
)  # fmt: skip

FEDEX = Carrier(
    number=13,
    code="fedex",
    short_name="FedEx",
    friendly_name="FedEx",
    account_number="sandbox-fedex",
    funded=False,
    opening_balance=Decimal("0.00"),
    signature_fee=Decimal("6.40"),
    residential_fee=Decimal("1.10"),
    void_days=60,
    primary=False,
    services=(
        Service(
            code="fedex_ground", name="FedEx Ground", fuel_percent="6",
            base="5.60", per_pound="0.48", per_zone="0.31", per_pound_zone="0.07",
            days=(1, 1, 2, 3, 3, 4, 5, 5),
        ),
        Service(
            code="fedex_2day", name="FedEx 2Day", fuel_percent="9",
            base="11.90", per_pound="1.00", per_zone="0.82", per_pound_zone="0.29",
            days=(2, 2, 2, 2, 2, 2, 2, 2), guaranteed=True,
        ),
        Service(
            code="fedex_standard_overnight", name="FedEx Standard Overnight", fuel_percent="9",
            base="23.80", per_pound="1.70", per_zone="1.95", per_pound_zone="0.58",
            days=(1, 1, 1, 1, 1, 1, 1, 1), guaranteed=True,
        ),
    ),
    packages=(
        _ANY_BOX,
        PackageType(
            code="fedex_envelope", name="FedEx Envelope", description="Documents",
            size_in=_size("12.5", "9.5", "0.2"),
        ),
    ),
)  # fmt: skip

CARRIERS = (USPS, UPS, FEDEX)


def carrier_by_id(carrier_id: str) -> Carrier | None:
    """The V2 account called `carrier_id`, if connected."""
    return next((c for c in CARRIERS if c.carrier_id == carrier_id), None)


def carrier_by_code(code: str) -> Carrier | None:
    """The carrier called `code`, if connected."""
    return next((c for c in CARRIERS if c.code == code), None)


def carrier_of_service(service_code: str) -> Carrier | None:
    """Who runs `service_code`, if anybody here does."""
    return next((c for c in CARRIERS if c.service(service_code)), None)
