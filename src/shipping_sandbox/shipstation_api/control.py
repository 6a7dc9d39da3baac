"""The knobs and gauges for tests, under /sandbox; ShipStation has nothing like them."""

from decimal import Decimal
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.kit.control import Advance, apply, command, fault_handlers, plain, state
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.money import minor
from shipping_sandbox.shipstation_api.records import Label
from shipping_sandbox.shipstation_api.world import World

_FAULTS = "/sandbox/faults/shipstation"
_ROOT = "/sandbox/shipstation"


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Requests a minute; null is unlimited, an absent field stays as it is."""

    v1_per_minute: int | msgspec.UnsetType | None = msgspec.UNSET
    v2_per_minute: int | msgspec.UnsetType | None = msgspec.UNSET


class Capabilities(msgspec.Struct, forbid_unknown_fields=True):
    """Switches of `world.Settings`; an absent field stays as it is."""

    address_validation: bool | msgspec.UnsetType = msgspec.UNSET
    refuse_duplicate_labels: bool | msgspec.UnsetType = msgspec.UNSET
    hand_over_after_s: float | msgspec.UnsetType | None = msgspec.UNSET


class Lag(msgspec.Struct, forbid_unknown_fields=True):
    """How late a label bought from now on shows up in look-ups."""

    lag_s: float = 0.0
    misses: int = 0


class Wallet(msgspec.Struct, forbid_unknown_fields=True):
    """A prepaid balance, in cents."""

    carrier_code: str
    balance_minor: int


class HandOver(msgspec.Struct, forbid_unknown_fields=True):
    """A parcel given to its carrier now."""

    label_id: str


def control_handlers(world: World) -> list[HTTPRouteHandler]:
    """The handlers of all controls over one world."""
    control = _Control(world)
    return [
        *fault_handlers(_FAULTS, Fault, lambda: world.faults),
        command(f"{_ROOT}/limits", Limits, control.limit),
        command(f"{_ROOT}/capabilities", Capabilities, control.switch),
        command(f"{_ROOT}/lookup_lag", Lag, control.lag),
        command(f"{_ROOT}/clock", Advance, control.advance),
        command(f"{_ROOT}/wallet", Wallet, control.fill),
        command(f"{_ROOT}/hand_over", HandOver, control.hand_over),
        plain("GET", f"{_ROOT}/ledger", control.ledger),
        plain("POST", f"{_ROOT}/reset", control.reset),
    ]


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def limit(self, wish: Limits) -> Answer:
        apply(wish, self._world.limits)
        self._world.limits.forget()
        return state(Limits, self._world.limits)

    def switch(self, wish: Capabilities) -> Answer:
        apply(wish, self._world.settings)
        return state(Capabilities, self._world.settings)

    def lag(self, wish: Lag) -> Answer:
        self._world.settings.lookup_lag_s = wish.lag_s
        self._world.settings.lookup_misses = wish.misses
        return in_json(wish)

    def advance(self, wish: Advance) -> Answer:
        if wish.advance_s < 0:
            return in_json({"detail": "time only runs forward"}, 400)
        self._world.clock.advance(wish.advance_s)
        return in_json({"now": self._world.clock.now().isoformat()})

    def fill(self, wish: Wallet) -> Answer:
        if wish.carrier_code not in self._world.balances:
            return in_json({"detail": f"{wish.carrier_code} has no prepaid balance"}, 404)
        self._world.balances[wish.carrier_code] = Decimal(wish.balance_minor).scaleb(-2)
        return in_json(wish)

    def hand_over(self, wish: HandOver) -> Answer:
        label = next((x for x in self._world.labels.values() if x.label_id == wish.label_id), None)
        if label is None:
            return in_json({"detail": f"no label {wish.label_id}"}, 404)
        label.handed_over_at = self._world.clock.now()
        return in_json(_purchase(label))

    def ledger(self) -> Answer:
        world = self._world
        return in_json(
            {
                "purchases": [_purchase(label) for label in world.labels.values()],
                "calls": dict(world.tally.calls),
                "purchase_posts_by_reference": dict(world.tally.purchase_posts),
                "balances_minor": {code: minor(left) for code, left in world.balances.items()},
            }
        )

    def reset(self) -> Answer:
        self._world.reset()
        return Answer(204)


def _purchase(label: Label) -> dict[str, Any]:
    return {
        "label_id": label.label_id,
        "external_shipment_id": label.external_shipment_id,
        "order_key": label.order.key if label.order else None,
        "reference": label.reference,
        "version": label.version,
        "cost_minor": minor(label.cost),
        "carrier_code": label.carrier.code,
        "service_code": label.service.code,
        "tracking_number": label.tracking_number,
        "ship_to_name": label.ship_to.get("name"),
        "ship_from_name": label.ship_from.get("name"),
        "test": label.test,
        "voided": label.voided_at is not None,
    }
