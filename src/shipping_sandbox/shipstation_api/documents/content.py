"""What a label says, apart from how it is drawn."""

from decimal import Decimal

import attrs

from shipping_sandbox.shipstation_api.documents.latin import in_latin
from shipping_sandbox.shipstation_api.records import Address, Label

WARNING = "TEST · VOID — NOT FOR POSTAGE"
_OUNCES_A_POUND = 16


@attrs.frozen(kw_only=True)
class Content:
    """Ready lines in Latin letters; `original` is the recipient as it was given."""

    carrier: str
    service: str
    mark: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    original: str
    weight: str
    size: str
    ship_date: str
    tracking_number: str
    tracking_groups: str
    reference: str
    label_id: str
    signature: bool


def content_of(label: Label) -> Content:
    """The lines of one label; a field nobody gave stays away."""
    recipient = _lines(label.ship_to, phone=True)
    return Content(
        carrier=label.carrier.short_name,
        service=label.service.name,
        mark=_mark(label),
        sender=tuple(map(in_latin, _lines(label.ship_from))),
        recipient=tuple(map(in_latin, recipient)),
        original=", ".join(recipient),
        weight=_weight(sum((p.weight_oz for p in label.parcels), Decimal(0))),
        size=_size(label),
        ship_date=label.ship_date.strftime("%m/%d/%Y"),
        tracking_number=label.tracking_number,
        tracking_groups=_grouped(label.tracking_number),
        reference=in_latin(label.reference),
        label_id=label.label_id,
        signature=label.confirmation not in ("none", "delivery"),
    )


def _lines(address: Address, *, phone: bool = False) -> tuple[str, ...]:
    # The sender's number is for the carrier, and may be the shop's own: under a name it would seem theirs.
    town = f"{address['city_locality']} {address['state_province']} {address['postal_code']}"
    country = address.get("country_code", "US")
    given = (
        address.get("name"),
        address.get("company_name"),
        address.get("address_line1"),
        address.get("address_line2"),
        address.get("address_line3"),
        town,
        country if country != "US" else None,
        address.get("phone") if phone else None,
    )
    return tuple(str(line).strip() for line in given if line and str(line).strip())


def _mark(label: Label) -> str:
    # The big letter in the corner: the first word of the service that is not the carrier.
    words = [w for w in label.service.name.split() if w != label.carrier.short_name]
    return words[0][0]


def _weight(ounces: Decimal) -> str:
    pounds, rest = divmod(ounces, _OUNCES_A_POUND)
    rest = rest.quantize(Decimal("0.1")).normalize()
    return f"{int(pounds)} LB {rest:f} OZ" if pounds else f"{rest:f} OZ"


def _size(label: Label) -> str:
    size = label.parcels[0].size_in
    if len(label.parcels) > 1:
        return f"{len(label.parcels)} PACKAGES"
    if size is None:
        return ""
    return " x ".join(f"{n.quantize(Decimal('0.1')).normalize():f}" for n in size) + " IN"


def _grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
