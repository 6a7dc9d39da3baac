"""V2: header `API-Key`, snake_case, many carriers in a call, labels that can be found again."""

from shipping_sandbox.shipstation_api.call import Act, Call, Route
from shipping_sandbox.shipstation_api.v2 import buying, carriers, labels, rates, shipments, validation
from shipping_sandbox.shipstation_api.v2.wire import V2

__all__ = ["V2", "V2_ROUTES"]


def _find_or_document(call: Call) -> str:
    return "document" if labels.wants_file(call) else "find"


def _sale(path: str, act: Act) -> Route:
    return Route(method="POST", path=path, operation="buy_label", act=act, reference=buying.reference_of)


_LABEL = "/v2/labels/{label_id:str}"
_SHIPMENT = "/v2/shipments/{shipment_id:str}"
_CARRIER = "/v2/carriers/{carrier_id:str}"
_BY_EXTERNAL_ID = "external_shipment_id/{external_shipment_id:str}"

V2_ROUTES = (
    Route(method="GET", path="/v2/carriers", operation="carriers", act=carriers.list_carriers),
    Route(method="GET", path=_CARRIER, operation="carriers", act=carriers.one_carrier),
    Route(method="GET", path=f"{_CARRIER}/services", operation="carriers", act=carriers.services),
    Route(method="GET", path=f"{_CARRIER}/packages", operation="carriers", act=carriers.packages),
    Route(method="GET", path=f"{_CARRIER}/options", operation="carriers", act=carriers.options),
    Route(method="POST", path="/v2/addresses/validate", operation="validate", act=validation.validate),
    Route(method="POST", path="/v2/rates", operation="rates", act=rates.make_rates),
    Route(method="POST", path="/v2/rates/estimate", operation="rates", act=rates.estimate),
    Route(method="GET", path="/v2/rates/{rate_id:str}", operation="rates", act=rates.one_rate),
    Route(method="POST", path="/v2/shipments", operation="prepare", act=shipments.create_shipments),
    Route(method="GET", path="/v2/shipments", operation="find", act=shipments.list_shipments),
    Route(method="GET", path=_SHIPMENT, operation="find", act=shipments.one_shipment),
    Route(
        method="GET",
        path=f"/v2/shipments/{_BY_EXTERNAL_ID}",
        operation="find",
        act=shipments.shipment_by_external_id,
    ),
    Route(method="GET", path=f"{_SHIPMENT}/rates", operation="rates", act=rates.rates_of_shipment),
    Route(method="GET", path=f"{_SHIPMENT}/labels", operation="find", act=labels.labels_of_shipment),
    Route(method="PUT", path=f"{_SHIPMENT}/cancel", operation="prepare", act=shipments.cancel_shipment),
    _sale("/v2/labels", buying.buy_whole),
    _sale("/v2/labels/rates/{rate_id:str}", buying.buy_rate),
    _sale("/v2/labels/shipment/{shipment_id:str}", buying.buy_shipment),
    Route(method="GET", path="/v2/labels", operation="find", act=labels.list_labels),
    Route(
        method="GET", path=f"/v2/labels/{_BY_EXTERNAL_ID}", operation="find", act=labels.label_by_external_id
    ),
    Route(method="GET", path=_LABEL, operation=_find_or_document, act=labels.one_label),
    Route(method="PUT", path=f"{_LABEL}/void", operation="void", act=labels.void_label),
    Route(method="GET", path=f"{_LABEL}/track", operation="track", act=labels.track_label),
    Route(method="GET", path="/v2/tracking", operation="track", act=labels.track_number),
    Route(
        method="GET",
        path="/v2/downloads/{dir:str}/{subdir:str}/{filename:str}",
        operation="document",
        act=labels.download,
        open=True,
    ),
)
