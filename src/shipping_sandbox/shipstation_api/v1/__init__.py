"""V1, called legacy: HTTP Basic, camelCase, one carrier a call, the file only once."""

from shipping_sandbox.shipstation_api.call import Act, Route
from shipping_sandbox.shipstation_api.v1 import carriers, labels, orders, warehouses
from shipping_sandbox.shipstation_api.v1.wire import V1

__all__ = ["V1", "V1_ROUTES"]


def _sale(path: str, act: Act) -> Route:
    return Route(method="POST", path=path, operation="buy_label", act=act, reference=labels.reference_of)


V1_ROUTES = (
    Route(method="GET", path="/carriers", operation="carriers", act=carriers.list_carriers),
    Route(method="GET", path="/carriers/getcarrier", operation="carriers", act=carriers.one_carrier),
    Route(method="GET", path="/carriers/listservices", operation="carriers", act=carriers.list_services),
    Route(method="GET", path="/carriers/listpackages", operation="carriers", act=carriers.list_packages),
    Route(method="POST", path="/shipments/getrates", operation="rates", act=carriers.get_rates),
    Route(method="POST", path="/orders/createorder", operation="prepare", act=orders.create_order),
    Route(method="GET", path="/orders", operation="find", act=orders.list_orders),
    Route(method="GET", path="/orders/{order_id:str}", operation="find", act=orders.one_order),
    _sale("/orders/createlabelfororder", labels.label_for_order),
    _sale("/shipments/createlabel", labels.label_alone),
    Route(method="GET", path="/shipments", operation="find", act=labels.list_shipments),
    Route(method="POST", path="/shipments/voidlabel", operation="void", act=labels.void_label),
    Route(
        method="POST",
        path="/warehouses/createwarehouse",
        operation="prepare",
        act=warehouses.create_warehouse,
    ),
    Route(method="GET", path="/warehouses", operation="find", act=warehouses.list_warehouses),
    Route(
        method="GET", path="/warehouses/{warehouse_id:str}", operation="find", act=warehouses.one_warehouse
    ),
)
