"""The whole state of the emulated account; one object, no global."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import attrs

from shipping_sandbox.kit.accidents import FaultBook
from shipping_sandbox.kit.clock import Clock, running_numbers
from shipping_sandbox.shipstation_api.catalogue import CARRIERS, Carrier
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.limits import Limits
from shipping_sandbox.shipstation_api.records import Label, Order, Rate, Shipment, Warehouse

_HAND_OVER_AFTER_S = 4 * 3600.0


@attrs.define
class Settings:
    """What a test may switch over HTTP."""

    address_validation: bool = True  # off: the call answers 404
    refuse_duplicate_labels: bool = False  # on: POST /v2/labels refuses a known external_shipment_id
    hand_over_after_s: float | None = _HAND_OVER_AFTER_S  # a label's parcel is scanned then; None is never
    lookup_lag_s: float = 0.0
    lookup_misses: int = 0


@attrs.define
class Tally:
    """Counts of calls, for assertions."""

    calls: Counter[str] = attrs.field(factory=Counter)
    purchase_posts: Counter[str] = attrs.field(factory=Counter)


def _opening_balances() -> dict[str, Decimal]:
    return {c.code: c.opening_balance for c in CARRIERS if c.funded}


def _home(clock: Clock) -> dict[int, Warehouse]:
    origin = {
        "name": "Sandbox Warehouse",
        "phone": "512-555-0100",
        "address_line1": "100 Congress Ave",
        "city_locality": "Austin",
        "state_province": "TX",
        "postal_code": "78701",
        "country_code": "US",
        "address_residential_indicator": "no",
    }
    return {
        1: Warehouse(number=1, name="Sandbox Warehouse", origin=origin, created_at=clock.now(), default=True),
    }


@attrs.define
class World:
    """Carriers, wallets, records, faults and clock of one account."""

    clock: Clock = attrs.field(factory=Clock)
    settings: Settings = attrs.field(factory=Settings)
    limits: Limits = attrs.field(factory=Limits)
    faults: FaultBook[Fault] = attrs.field(factory=FaultBook)
    tally: Tally = attrs.field(factory=Tally)
    balances: dict[str, Decimal] = attrs.field(factory=_opening_balances)
    shipments: dict[int, Shipment] = attrs.field(factory=dict)
    shipments_by_external_id: dict[tuple[bool, str], Shipment] = attrs.field(factory=dict)
    rates: dict[int, Rate] = attrs.field(factory=dict)
    labels: dict[int, Label] = attrs.field(factory=dict)
    orders: dict[int, Order] = attrs.field(factory=dict)
    orders_by_key: dict[str, Order] = attrs.field(factory=dict)
    warehouses: dict[int, Warehouse] = attrs.field(
        default=attrs.Factory(lambda w: _home(w.clock), takes_self=True)
    )
    _ids: Iterator[int] = attrs.field(
        default=attrs.Factory(lambda w: running_numbers(w.clock), takes_self=True)
    )

    def next_id(self) -> int:
        """A number no record has, across restarts too."""
        return next(self._ids)

    def balance(self, carrier: Carrier) -> Decimal:
        """The prepaid dollars left; zero where the carrier sends bills."""
        return self.balances.get(carrier.code, Decimal("0.00"))

    def reset(self) -> None:
        """Forget everything but the running numbers."""
        fresh = World()
        for field in attrs.fields(World):
            if field.name != "_ids":
                setattr(self, field.name, getattr(fresh, field.name))
