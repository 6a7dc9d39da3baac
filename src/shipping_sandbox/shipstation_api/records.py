"""What the sandbox remembers."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from shipping_sandbox.shipstation_api.catalogue import Carrier, Service
from shipping_sandbox.shipstation_api.pricing import Parcel, Price

Address = dict[str, Any]  # in V2's field names, whoever gave it


@attrs.define(kw_only=True)
class Shipment:
    """A V2 shipment: what a label is bought for."""

    number: int
    test: bool
    external_shipment_id: str
    shipment_number: str | None
    external_order_id: str | None
    ship_to: Address
    ship_from: Address
    return_to: Address
    packages: list[dict[str, Any]]
    parcels: tuple[Parcel, ...]
    ship_date: date
    confirmation: str
    insurance_provider: str
    carrier: Carrier | None
    service: Service | None
    advanced_options: dict[str, Any]
    created_at: datetime
    modified_at: datetime
    status: str = "pending"
    rate_numbers: list[int] = attrs.field(factory=list)
    last_rate_response: dict[str, Any] | None = None

    @property
    def shipment_id(self) -> str:
        """The id in V2."""
        return f"se-{self.number}"


@attrs.frozen(kw_only=True)
class Rate:
    """An offer made by `POST /v2/rates`."""

    number: int
    shipment_number: int
    test: bool
    carrier: Carrier
    service: Service
    package_code: str
    price: Price
    created_at: datetime
    ship_date: date

    @property
    def rate_id(self) -> str:
        """The id in V2."""
        return f"se-{self.number}"


@attrs.define(kw_only=True)
class Order:
    """A V1 order, kept as it was sent plus what the server adds."""

    number: int
    key: str
    order_number: str
    status: str
    body: dict[str, Any]
    created_at: datetime
    modified_at: datetime


@attrs.define(kw_only=True)
class Warehouse:
    """A V1 ship-from location."""

    number: int
    name: str
    origin: Address
    created_at: datetime
    default: bool = False


@attrs.define(kw_only=True)
class Label:
    """A bought label, by either API."""

    number: int
    version: str  # v1 or v2
    test: bool  # costs nothing: a V2 sandbox key, or V1's testLabel
    sandbox: bool  # belongs to the V2 sandbox environment
    carrier: Carrier
    service: Service
    package_code: str
    tracking_number: str
    ship_to: Address
    ship_from: Address
    parcels: tuple[Parcel, ...]
    postage: Decimal
    insurance: Decimal
    ship_date: date
    arrives: date
    confirmation: str
    reference: str
    created_at: datetime
    label_format: str = "pdf"
    label_layout: str = "4x6"
    shipment_number: int | None = None
    external_shipment_id: str | None = None
    rate_number: int | None = None
    order: Order | None = None
    custom_fields: dict[str, Any] = attrs.field(factory=dict)
    voided_at: datetime | None = None
    handed_over_at: datetime | None = None
    processing_reads: int = 0  # so many reads still say "processing"
    hidden_looks: int = 0  # so many look-ups do not see it yet
    hidden_until: datetime | None = None

    @property
    def label_id(self) -> str:
        """The id in V2; for a V1 label, the one its shipment id maps to."""
        return f"se-test-{self.number}" if self.sandbox else f"se-{self.number}"

    @property
    def cost(self) -> Decimal:
        """Everything the wallet paid, in dollars."""
        return self.postage + self.insurance

    def visible(self, now: datetime) -> bool:
        """Whether a look-up finds it already; each look uses up one hidden look."""
        if self.hidden_until is not None and now < self.hidden_until:
            return False
        if self.hidden_looks > 0:
            self.hidden_looks -= 1
            return False
        return True

    def handed_over(self, now: datetime, after_s: float | None) -> datetime | None:
        """When the carrier first scanned the parcel, if it has."""
        if self.voided_at is not None:
            return None
        if self.handed_over_at is not None:
            return self.handed_over_at
        if after_s is None:
            return None
        moment = self.created_at + timedelta(seconds=after_s)
        return moment if moment <= now else None
