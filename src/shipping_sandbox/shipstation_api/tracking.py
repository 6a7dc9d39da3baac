"""Where a parcel is, told from its label and the clock alone."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import attrs

from shipping_sandbox.shipstation_api.records import Address, Label
from shipping_sandbox.shipstation_api.stamps import v2_stamp
from shipping_sandbox.shipstation_api.world import World

_DEPARTS_AFTER = timedelta(hours=8)
_OUT_AT, _DELIVERED_AT = time(14, tzinfo=UTC), time(21, tzinfo=UTC)


@attrs.frozen
class Step:
    """One event of a journey."""

    at: datetime
    status: str
    detail: str
    text: str
    where: Address


def steps_of(label: Label, world: World) -> tuple[Step, ...]:
    """What has happened so far, oldest first; empty before the first scan."""
    now = world.clock.now()
    scanned = label.handed_over(now, world.settings.hand_over_after_s)
    if scanned is None:
        return ()
    # A parcel handed over late arrives late by as much.
    late = max(timedelta(0), scanned - datetime.combine(label.ship_date, time(23, 59), UTC))
    day = datetime.combine(label.arrives, _OUT_AT) + late
    delivered = datetime.combine(label.arrives, _DELIVERED_AT) + late
    plan = (
        Step(scanned, "AC", "RECEIVED_BY_CARRIER", "Accepted by the carrier", label.ship_from),
        Step(
            scanned + _DEPARTS_AFTER, "IT", "IN_TRANSIT", "In transit to the next facility", label.ship_from
        ),
        Step(
            max(day, scanned + 2 * _DEPARTS_AFTER),
            "IT",
            "OUT_FOR_DELIVERY",
            "Out for delivery",
            label.ship_to,
        ),
        Step(max(delivered, scanned + 3 * _DEPARTS_AFTER), "DE", "DELIVERED", "Delivered", label.ship_to),
    )
    return tuple(step for step in plan if step.at <= now)


def summary(label: Label, world: World) -> str:
    """V2's `tracking_status` on a label."""
    steps = steps_of(label, world)
    if not steps:
        return "unknown" if label.voided_at else "in_transit"
    return "delivered" if steps[-1].status == "DE" else "in_transit"


def log_of(label: Label, world: World) -> dict[str, Any]:
    """The tracking document of V2."""
    steps = steps_of(label, world)
    last = steps[-1] if steps else None
    delivered = last is not None and last.status == "DE"
    detail = last.detail if last else "ELEC_ADVICE_RECD_BY_CARRIER"
    text = last.text if last else "Label created, not yet in the carrier's system"
    return {
        "tracking_number": label.tracking_number,
        "tracking_url": tracking_url(label),
        "status_code": last.status if last else "NY",
        "status_detail_code": detail,
        "carrier_code": label.carrier.code,
        "carrier_id": label.carrier.number,
        "status_description": text,
        "carrier_status_code": detail[:2],
        "carrier_detail_code": detail,
        "carrier_status_description": text,
        "ship_date": v2_stamp(datetime.combine(label.ship_date, time(0), UTC)),
        "estimated_delivery_date": v2_stamp(datetime.combine(label.arrives, _DELIVERED_AT)),
        "actual_delivery_date": v2_stamp(last.at) if last is not None and delivered else None,
        "exception_description": None,
        "events": [_event(step) for step in reversed(steps)],
    }


def tracking_url(label: Label) -> str:
    """An invented address that leads nowhere."""
    return f"https://tracking.example.com/{label.carrier.code}/{label.tracking_number}"


def _event(step: Step) -> dict[str, Any]:
    return {
        "occurred_at": v2_stamp(step.at),
        "carrier_occurred_at": v2_stamp(step.at),
        "description": step.text,
        "city_locality": step.where["city_locality"],
        "state_province": step.where["state_province"],
        "postal_code": step.where["postal_code"],
        "country_code": step.where.get("country_code", "US"),
        "company_name": "",
        "signer": "",
        "event_code": step.detail[:2],
        "carrier_detail_code": step.detail,
        "status_code": step.status,
        "status_detail_code": step.detail,
        "status_description": step.text,
        "carrier_status_code": step.detail[:2],
        "carrier_status_description": step.text,
    }
