"""The connected carriers with their services and packages."""

import uuid
from typing import Any

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.catalogue import CARRIERS, Carrier, PackageType, Service, carrier_by_id
from shipping_sandbox.shipstation_api.money import dollars
from shipping_sandbox.shipstation_api.v2.wire import missing


def list_carriers(call: Call) -> Answer:
    """GET /v2/carriers."""
    views = [carrier_view(call, carrier) for carrier in CARRIERS]
    return in_json({"carriers": views, "request_id": str(uuid.uuid4()), "errors": []})


def one_carrier(call: Call) -> Answer:
    """GET /v2/carriers/{carrier_id}."""
    return in_json(carrier_view(call, _named(call)))


def services(call: Call) -> Answer:
    """GET /v2/carriers/{carrier_id}/services."""
    carrier = _named(call)
    return in_json({"services": [_service(carrier, s) for s in carrier.services]})


def packages(call: Call) -> Answer:
    """GET /v2/carriers/{carrier_id}/packages."""
    return in_json({"packages": [_package(p) for p in _named(call).packages]})


def options(call: Call) -> Answer:
    """GET /v2/carriers/{carrier_id}/options."""
    _named(call)
    return in_json({"options": []})


def carrier_view(call: Call, carrier: Carrier) -> dict[str, Any]:
    """A carrier account with its balance of this moment."""
    return {
        "carrier_id": carrier.carrier_id,
        "carrier_code": carrier.code,
        "account_number": carrier.account_number,
        "requires_funded_amount": carrier.funded,
        "balance": dollars(call.world.balance(carrier)),
        "nickname": f"{carrier.short_name} sandbox",
        "friendly_name": carrier.friendly_name,
        "primary": carrier.primary,
        "has_multi_package_supporting_services": any(s.multi_package for s in carrier.services),
        "supports_label_messages": True,
        "disabled_by_billing_plan": False,
        "services": [_service(carrier, s) for s in carrier.services],
        "packages": [_package(p) for p in carrier.packages],
        "options": [],
    }


def _named(call: Call) -> Carrier:
    carrier = carrier_by_id(call.path["carrier_id"])
    if carrier is None:
        raise missing("carrier", call.path["carrier_id"])
    return carrier


def _service(carrier: Carrier, service: Service) -> dict[str, Any]:
    return {
        "carrier_id": carrier.carrier_id,
        "carrier_code": carrier.code,
        "service_code": service.code,
        "name": service.name,
        "domestic": True,
        "international": False,
        "is_multi_package_supported": service.multi_package,
    }


def _package(package: PackageType) -> dict[str, Any]:
    view: dict[str, Any] = {
        "package_code": package.code,
        "name": package.name,
        "description": package.description,
    }
    if package.size_in is not None:
        length, width, height = package.size_in
        view["dimensions"] = {"unit": "inch", "length": length, "width": width, "height": height}
    return view
