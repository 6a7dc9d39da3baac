"""Parcels that are sent often, under names."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from shipping_core.domain.assembling import parcel_of
from shipping_core.domain.desk import (
    ParcelPreset,
    as_part,
    free_name,
    lacking,
    last_used_first,
    name_of,
    part_of,
    whole,
)
from shipping_core.domain.draft import Draft, Entry, Field
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.parcel_text import format_parcel
from shipping_core.domain.policy import Rules
from shipping_core.domain.shipment import CarrierBox
from shipping_core.errors import InvalidAddress, NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.reader import Reader
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.use_cases.keep_templates import draft_known, own_order
from shipping_core.use_cases.own_things import OwnThings

PARCEL = "parcel"
TOO_MUCH = frozenset({"too_heavy", "too_large"})
"""The reader's reasons for leaving out a weight or a size that it has read well."""


@frozen
class KeepParcels:
    """A customer's parcels, of any carrier. Nobody else's is found."""

    presets: Shelf[ParcelPreset]
    orders: OrderRepository
    reader: Reader
    clock: Clock
    shipping: ShippingGateway
    policy: Rules
    own: OwnThings[ParcelPreset] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "own", OwnThings(self.presets, PARCEL))

    async def all(self, user_id: UserId) -> list[ParcelPreset]:
        """All of them, the last used first, then the last changed."""
        return last_used_first(await self.own.all(user_id))

    async def from_order(self, user_id: UserId, order_id: OrderId) -> ParcelPreset:
        """The parcel of this order, kept now unless it was.

        Raises:
            NotFound: no such order or parcel, or somebody else's; here as below.
            InvalidAddress: weight or size is missing or unusable; here as below.
            InvalidInput: the name is another's; here as below.
            TooMany: 50 are kept already; here as below.
        """
        order = await own_order(self.orders, user_id, order_id)
        preset_id = f"par_{order_id.removeprefix('ord_')}"
        return await self._keep(user_id, preset_id, part_of(draft_known(order), PARCEL))

    async def write(self, user_id: UserId, preset_id: str, text: str) -> ParcelPreset:
        """A new one, as the reader finds it in one text; `preset_id` is new, or of the same wish before."""
        expecting = tuple(f for f in Field if f.part == PARCEL)
        draft = Draft(self.reader.read(text, expecting=expecting).found)
        entries = part_of(draft, PARCEL)
        for which in lacking(entries, PARCEL):
            why = self.reader.answer(text, which).reason
            if why in TOO_MUCH:
                raise InvalidAddress(which.value, why)
        return await self._keep(user_id, preset_id, entries)

    async def rename(self, user_id: UserId, preset_id: str, name: str) -> ParcelPreset:
        """Under another name."""
        wanted, now = name_of(name), self.clock.now()
        return await self.own.change(user_id, preset_id, lambda p: p.changed(now, name=wanted))

    async def use(self, user_id: UserId, preset_id: str) -> ParcelPreset:
        """It, remembered as the last used."""
        now = self.clock.now()
        return await self.own.change(user_id, preset_id, lambda p: p.changed(now, used_at=now))

    async def last(self, user_id: UserId) -> dict[str, Entry] | None:
        """The parcel of the last order."""
        order = next(iter(await self.orders.of_user(user_id, limit=1)), None)
        return part_of(draft_known(order), PARCEL) if order else None

    async def boxes(self) -> Sequence[CarrierBox]:
        """The carriers' own boxes that go at a flat rate, as the carriers list them now.

        Raises:
            GatewayError: the carriers cannot be asked; here as below.
        """
        return await self.shipping.boxes(self.policy.now.mode)

    async def box(self, box_id: str) -> dict[str, Entry]:
        """This box in the place of a size.

        Raises:
            NotFound: the carriers have no such box, or have it no more.
        """
        found = next((box for box in await self.boxes() if box.box_id == box_id), None)
        if found is None:
            raise NotFound("box", box_id)
        return {Field.BOX.what: Entry(found.entry)}

    async def _keep(self, user_id: UserId, preset_id: str, entries: dict[str, Entry]) -> ParcelPreset:
        parcel = parcel_of(Draft(as_part(whole(entries, PARCEL), PARCEL)))
        name, now = free_name(user_id, format_parcel(parcel), await self.own.words(user_id)), self.clock.now()
        return await self.own.keep(ParcelPreset(preset_id, user_id, name, entries, now, now))
