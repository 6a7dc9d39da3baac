"""From a written draft to a shipment that can be priced and bought, and back."""

from __future__ import annotations

from shipping_core.domain.draft import SIZES, Draft, Entry, Field, Side
from shipping_core.domain.parcel_text import length_entry, read_size_entries, read_weight_entry, weight_entry
from shipping_core.domain.shipment import Address, CarrierBox, Parcel, Shipment
from shipping_core.errors import InvalidAddress


def shipment_of(draft: Draft) -> Shipment:
    """The shipment a whole draft describes.

    Raises:
        InvalidAddress: a required field is missing or unusable; it names the field.
    """
    if draft.missing:
        raise InvalidAddress(draft.missing[0].value, "missing")
    return Shipment(address_of(draft, Side.FROM), address_of(draft, Side.TO), parcel_of(draft))


def address_of(draft: Draft, side: Side) -> Address:
    """One side's address as far as it is written."""

    def value(what: str) -> str:
        return draft.get(Field.of(side.value, what))

    return Address(
        name=value("name"),
        street1=value("street1"),
        street2=value("street2"),
        city=value("city"),
        state=value("state"),
        postal_code=value("zip"),
        phone=value("phone"),
    )


def parcel_of(draft: Draft) -> Parcel:
    """The parcel; without a size while none is written, and in a carrier's box.

    Raises:
        InvalidAddress: the weight, the box or a size cannot be used.
    """
    try:
        weight = read_weight_entry(draft.get(Field.WEIGHT))
    except ValueError:
        raise InvalidAddress(Field.WEIGHT.value, "not_a_weight") from None
    if written := draft.get(Field.BOX):
        return Parcel(weight, box=_box_of(written))
    sizes = [draft.get(f) for f in SIZES]
    if not all(sizes):
        return Parcel(weight)
    try:
        return Parcel(weight, read_size_entries(*sizes))
    except ValueError:
        raise InvalidAddress(Field.LENGTH.value, "not_a_size") from None


def _box_of(written: str) -> CarrierBox:
    try:
        return CarrierBox.read(written)
    except ValueError:
        raise InvalidAddress(Field.BOX.value, "not_a_box") from None


def draft_of(shipment: Shipment) -> Draft:
    """The draft that would describe this shipment, every field sure."""
    entries: dict[Field, Entry] = {}
    for side, address in ((Side.FROM, shipment.sender), (Side.TO, shipment.recipient)):
        values = {
            "name": address.name,
            "street1": address.street1,
            "street2": address.street2,
            "city": address.city,
            "state": address.state,
            "zip": address.postal_code,
            "phone": address.phone,
        }
        entries |= {Field.of(side.value, what): Entry(value) for what, value in values.items()}
    entries[Field.WEIGHT] = Entry(weight_entry(shipment.parcel.weight))
    size, box = shipment.parcel.size, shipment.parcel.box
    if box is not None:
        entries[Field.BOX] = Entry(box.entry)
    if size is not None:
        lengths = (size.length, size.width, size.height)
        entries |= {f: Entry(length_entry(v, size.unit)) for f, v in zip(SIZES, lengths, strict=True)}
    return Draft(entries)
