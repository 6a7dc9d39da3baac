"""`shipbot quote`: the quick prices, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from shipping_bot.container import Container
from shipping_bot.settings import Settings
from shipping_core.domain.ids import UserId
from shipping_core.domain.rating import tags
from shipping_core.domain.shipment import Rate


async def quote(settings: Settings, text: str) -> Sequence[Rate]:
    """The offers for two ZIPs and a weight, cheapest first.

    Raises:
        InvalidAddress: they are not all in `text`.
        GatewayError: as the carriers answer.
    """
    container = Container(settings=settings)
    try:
        _, rates = await container.quick_quote().read(text, UserId("cli"))
    finally:
        await container.shipping_http().aclose()
    return rates


def as_json(rates: Sequence[Rate]) -> str:
    """A list of offers; amounts in whole minor units."""
    tagged = tags(rates)
    return json.dumps(
        [
            {
                "carrier": r.carrier,
                "service": r.service,
                "service_code": r.service_code,
                "price_minor": r.price.minor,
                "currency": r.price.currency,
                "delivery_days": r.delivery_days,
                "tag": tagged[r.rate_id].value if r.rate_id in tagged else None,
            }
            for r in rates
        ]
    )


def as_table(rates: Sequence[Rate]) -> str:
    """A table for people."""
    tagged = tags(rates)
    table = Table("Price", "Carrier", "Service", "Days", "")
    for r in rates:
        days = "" if r.delivery_days is None else str(r.delivery_days)
        tag = tagged[r.rate_id].value.replace("_", " ") if r.rate_id in tagged else ""
        table.add_row(str(r.price), r.carrier, r.service, days, tag)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()
