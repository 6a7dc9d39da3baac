"""Whether a carrier has seen a parcel."""

from __future__ import annotations

from shipping_core.domain.order import Order
from shipping_core.errors import GatewayRefused
from shipping_core.ports.shipping import ShippingGateway

UNSUPPORTED = "unsupported"


async def scanned(shipping: ShippingGateway, order: Order) -> bool:
    """Whether the order's parcel is on its way; no where this carrier's API cannot tell at all.

    Raises:
        GatewayError: the carrier does not say.
    """
    if order.label is None:
        return False
    try:
        return (await shipping.track(order.label, order.mode)).scanned
    except GatewayRefused as exc:
        if exc.code == UNSUPPORTED:
            return False
        raise
