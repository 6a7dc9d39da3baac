"""Orders of V1: `orderKey` makes creation repeatable."""

import uuid
from typing import Any

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.records import Order
from shipping_sandbox.shipstation_api.stamps import v1_stamp
from shipping_sandbox.shipstation_api.v1.paging import one_page
from shipping_sandbox.shipstation_api.v1.reading import address_of, body_of
from shipping_sandbox.shipstation_api.v1.wire import NULL_REFERENCE, failure, invalid, missing

_STATUSES = (
    "awaiting_payment",
    "awaiting_shipment",
    "pending_fulfillment",
    "shipped",
    "on_hold",
    "cancelled",
)
_CHANGEABLE = ("awaiting_payment", "awaiting_shipment", "on_hold")
_LONGEST_NUMBER = 50


def create_order(call: Call) -> Answer:
    """POST /orders/createorder: a known key updates the whole order, a new or absent one creates."""
    body = body_of(call)
    for name in ("orderNumber", "orderDate", "orderStatus"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise invalid(**{name: f"The {name} field is required."})
    if body["orderStatus"] not in _STATUSES:
        raise invalid(orderStatus=f"'{body['orderStatus']}' is not an order status.")
    if len(body["orderNumber"]) > _LONGEST_NUMBER:
        raise invalid(orderNumber=f"The field orderNumber must have at most {_LONGEST_NUMBER} characters.")
    if not isinstance(body.get("billTo"), dict):
        raise failure(NULL_REFERENCE, "System.NullReferenceException")
    address_of(body.get("shipTo"), "ship to")
    key = str(body.get("orderKey") or uuid.uuid4().hex)
    order = call.world.orders_by_key.get(key)
    return in_json(order_view(_update(call, order, body) if order else _create(call, key, body)))


def list_orders(call: Call) -> Answer:
    """GET /orders: `orderNumber` matches whatever starts with it."""
    query = call.query
    found = [
        order
        for order in call.world.orders.values()
        if order.order_number.startswith(query.get("orderNumber", ""))
        and query.get("orderStatus") in (None, order.status)
    ]
    shown, beside = one_page(call, found)
    return in_json({"orders": [order_view(order) for order in shown], **beside})


def one_order(call: Call) -> Answer:
    """GET /orders/{orderId}."""
    return in_json(order_view(order_named(call, call.path["order_id"])))


def order_named(call: Call, identifier: Any) -> Order:
    """The order with this id.

    Raises:
        Refusal: 404.
    """
    order = call.world.orders.get(int(identifier)) if str(identifier).isdecimal() else None
    if order is None:
        raise missing("The order was not found.")
    return order


def order_view(order: Order) -> dict[str, Any]:
    """An order as V1 shows it."""
    return {
        "items": [],
        "internalNotes": None,
        **order.body,
        "orderId": order.number,
        "orderKey": order.key,
        "orderNumber": order.order_number,
        "orderStatus": order.status,
        "createDate": v1_stamp(order.created_at),
        "modifyDate": v1_stamp(order.modified_at),
    }


def _create(call: Call, key: str, body: dict[str, Any]) -> Order:
    now = call.world.clock.now()
    order = Order(
        number=call.world.next_id(),
        key=key,
        order_number=body["orderNumber"],
        status=body["orderStatus"],
        body=body,
        created_at=now,
        modified_at=now,
    )
    call.world.orders[order.number] = call.world.orders_by_key[key] = order
    return order


def _update(call: Call, order: Order, body: dict[str, Any]) -> Order:
    if order.status not in _CHANGEABLE:
        raise failure(f"The order {order.order_number} is {order.status} and cannot be changed.")
    order.body, order.order_number, order.status = body, body["orderNumber"], body["orderStatus"]
    order.modified_at = call.world.clock.now()
    return order
