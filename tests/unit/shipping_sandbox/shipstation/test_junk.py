"""Whatever is sent, the answer is one of ShipStation's: the sandbox itself never fails."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping_sandbox.kit.answers import Answer, Refusal
from shipping_sandbox.shipstation_api.call import Call, Caller, Route
from shipping_sandbox.shipstation_api.v1 import V1_ROUTES
from shipping_sandbox.shipstation_api.v2 import V2_ROUTES
from shipping_sandbox.shipstation_api.world import World

Json = dict[str, Any]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 99999)
    | st.sampled_from(["", "se-11", "90001", "x" * 60, 0.5]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "name"]), inner, max_size=2)
    ),
    max_leaves=4,
)
V1_END: Json = {
    "name": "J",
    "street1": "1 A St",
    "city": "LA",
    "state": "CA",
    "postalCode": "90001",
    "country": "US",
}
V1_PARCEL: Json = {
    "carrierCode": "fedex",
    "serviceCode": "fedex_ground",
    "packageCode": "package",
    "weight": {"value": 3, "units": "ounces"},
    "dimensions": {"units": "inches", "length": 1, "width": 1, "height": 1},
    "insuranceOptions": {"insureShipment": True, "insuredValue": 10},
    "advancedOptions": {"customField1": "ord-1", "warehouseId": 1},
    "confirmation": "none",
    "shipDate": "2031-04-05",
}
V1_ORDER: Json = {"orderNumber": "1", "orderKey": "k", "orderDate": "2031-04-05", "orderStatus": "on_hold"}
V2_END: Json = {
    "name": "J",
    "phone": "555-0100",
    "address_line1": "1 A St",
    "city_locality": "Los Angeles",
    "state_province": "CA",
    "postal_code": "90001",
    "country_code": "US",
    "address_residential_indicator": "no",
}
V2_SHIPMENT: Json = {
    "external_shipment_id": "e",
    "carrier_id": "se-12",
    "service_code": "ups_ground",
    "confirmation": "none",
    "insurance_provider": "carrier",
    "validate_address": "validate_and_clean",
    "ship_date": "2031-04-05",
    "ship_from": V2_END,
    "ship_to": V2_END,
    "packages": [
        {
            "weight": {"value": 3, "unit": "ounce"},
            "dimensions": {"unit": "inch", "length": 1, "width": 1, "height": 1},
            "insured_value": {"currency": "usd", "amount": 5},
        }
    ],
}
BODIES: dict[str, Any] = {
    "/orders/createorder": {**V1_ORDER, **V1_PARCEL, "billTo": V1_END, "shipTo": V1_END},
    "/shipments/createlabel": {**V1_PARCEL, "shipTo": V1_END, "shipFrom": V1_END, "testLabel": True},
    "/shipments/getrates": {
        **V1_PARCEL,
        "fromPostalCode": "94117",
        "toPostalCode": "90001",
        "toCountry": "US",
        "toState": "CA",
    },
    "/shipments/voidlabel": {"shipmentId": 1},
    "/warehouses/createwarehouse": {"warehouseName": "W", "originAddress": V1_END},
    "/v2/rates": {"rate_options": {"carrier_ids": ["se-11"]}, "shipment": V2_SHIPMENT},
    "/v2/labels": {"shipment": V2_SHIPMENT, "label_format": "pdf"},
    "/v2/shipments": {"shipments": [V2_SHIPMENT]},
    "/v2/addresses/validate": [V2_END],
}
ROUTES = {r.path: r for r in (*V1_ROUTES, *V2_ROUTES) if r.method == "POST" and r.path in BODIES}


@pytest.mark.parametrize("path", BODIES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_given_a_body_with_junk_in_it_when_sent_then_the_answer_is_a_proper_one(
    path: str, data: st.DataObject
) -> None:
    body = deepcopy(BODIES[path])
    _spoil(body, data)

    answer = _send(ROUTES[path], body)

    assert answer.status in (200, 400, 404, 500)
    assert answer.body == b"" or json.loads(answer.body) is not None


@pytest.mark.parametrize("path", BODIES)
def test_given_the_good_body_when_sent_then_it_is_not_refused_for_its_shape(path: str) -> None:
    assert _send(ROUTES[path], BODIES[path]).status in (200, 404)


def _spoil(body: Any, data: st.DataObject) -> None:
    """Put junk somewhere in `body`, at any depth."""
    keys = sorted(body) if isinstance(body, dict) else list(range(len(body)))
    key = data.draw(st.sampled_from(keys))
    if isinstance(body[key], dict | list) and body[key] and data.draw(st.booleans()):
        _spoil(body[key], data)
    else:
        body[key] = data.draw(JUNK)


def _send(route: Route, body: Any) -> Answer:
    call = Call(
        world=World(),
        caller=Caller("somebody"),
        home="http://sandbox",
        path={},
        query={},
        raw=json.dumps(body).encode(),
    )
    if route.reference is not None:
        hash(route.reference(call))
    try:
        return route.act(call)
    except Refusal as refusal:
        return refusal.answer
