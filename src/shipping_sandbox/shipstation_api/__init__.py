"""ShipStation's two APIs on one machine: V1 under /shipstation/v1, V2 under /shipstation/v2.

An account with three carriers, invented prices and printable labels that say TEST. Facts come from
ShipStation's public documentation (https://docs.shipstation.com) and from the OpenAPI documents in
`tests/reference`.
The controls under /sandbox/shipstation and /sandbox/faults/shipstation are ours.
"""

from shipping_sandbox.shipstation_api.router import create_router

__all__ = ["create_router"]
