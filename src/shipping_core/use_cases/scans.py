"""Whether a carrier has seen a parcel."""

from __future__ import annotations

from shipping_core.domain.order import Order
from shipping_core.errors import OURS_TO_MEND, GatewayRefused
from shipping_core.ports.shipping import ShippingGateway


async def scanned(shipping: ShippingGateway, order: Order) -> bool:
    """Whether the order's parcel is on its way; no where this carrier refuses to tell, now and for good.

    Raises:
        GatewayError: the carrier does not say yet, or it is ours to mend that it does not.
    """
    if order.label is None:
        return False
    try:
        return (await shipping.track(order.label, order.mode)).scanned
    except GatewayRefused as exc:
        if exc.code in OURS_TO_MEND:
            raise
        return False
