"""Ship-from locations of V1: an order carries no sender, only the id of one of these.

Shape from memory of the older public documentation (https://www.shipstation.com/docs/api/); unverified.
"""

from typing import Any

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.records import Warehouse
from shipping_sandbox.shipstation_api.stamps import v1_stamp
from shipping_sandbox.shipstation_api.v1.reading import address_of, address_view, body_of
from shipping_sandbox.shipstation_api.v1.wire import NULL_REFERENCE, failure, missing


def create_warehouse(call: Call) -> Answer:
    """POST /warehouses/createwarehouse."""
    body = body_of(call)
    warehouse = Warehouse(
        number=call.world.next_id(),
        name=str(body.get("warehouseName") or "Warehouse"),
        origin=address_of(body.get("originAddress"), "origin"),
        created_at=call.world.clock.now(),
    )
    call.world.warehouses[warehouse.number] = warehouse
    return in_json(_view(warehouse))


def list_warehouses(call: Call) -> Answer:
    """GET /warehouses."""
    return in_json([_view(warehouse) for warehouse in call.world.warehouses.values()])


def one_warehouse(call: Call) -> Answer:
    """GET /warehouses/{warehouseId}."""
    number = call.path["warehouse_id"]
    warehouse = call.world.warehouses.get(int(number)) if number.isdecimal() else None
    if warehouse is None:
        raise missing("The warehouse was not found.")
    return in_json(_view(warehouse))


def sender_of(call: Call, advanced_options: dict[str, Any]) -> Warehouse:
    """The location named by `advancedOptions.warehouseId`, or the account's default one.

    Raises:
        Refusal: 500, it names none.
    """
    number = advanced_options.get("warehouseId")
    if number is None:
        return next(w for w in call.world.warehouses.values() if w.default)
    warehouse = call.world.warehouses.get(number) if isinstance(number, int) else None
    if warehouse is None:
        raise failure(NULL_REFERENCE, "System.NullReferenceException")
    return warehouse


def _view(warehouse: Warehouse) -> dict[str, Any]:
    return {
        "warehouseId": warehouse.number,
        "warehouseName": warehouse.name,
        "originAddress": address_view(warehouse.origin),
        "returnAddress": address_view(warehouse.origin),
        "createDate": v1_stamp(warehouse.created_at),
        "isDefault": warehouse.default,
    }
