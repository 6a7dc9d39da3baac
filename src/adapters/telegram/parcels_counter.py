"""Kept parcels in the chat."""

from __future__ import annotations

from attrs import frozen

from adapters.telegram.counters import Counter, page_of
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation.screens import Note
from shipping_core.domain.desk import as_part
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.errors import NotFound
from shipping_core.ports.clock import IdSource
from shipping_core.use_cases.converse import Converse, Input
from shipping_core.use_cases.show_desk import ShowDesk


@frozen
class ParcelsCounter(Counter):
    """`/parcels`, and the buttons below what it shows."""

    desk: ShowDesk
    converse: Converse
    ids: IdSource

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:
        desk, keep = self.desk, self.desk.parcels
        match action:
            case "open" | "page":
                await desk.parcel_list(user_id, page_of(subject))
            case "change":
                await desk.parcel_list(user_id, page_of(subject), changing=True)
            case "new":
                await self.converse.do(user_id, ev.AsideAsked("parcel_new", self.ids.new("par")), source)
            case "keep":
                await desk.attempt(user_id, keep.from_order(user_id, OrderId(subject)), desk.parcel)
            case "last":
                last = await keep.last(user_id)
                if last is None:
                    raise NotFound("order", "last")
                await self.converse.put(user_id, as_part(last, "parcel"), source)
            case "use":
                preset = await keep.use(user_id, subject)
                await self.converse.put(user_id, as_part(preset.entries, "parcel"), source)
            case "boxes":
                await desk.box_list(user_id)
            case "box":
                await self.converse.put(user_id, as_part(await keep.box(subject), "parcel"), source)
            case "forget":
                await keep.own.drop(user_id, subject)
                await desk.parcel_list(user_id, note=Note("forgotten"))
            case "show":
                await desk.parcel(user_id, await keep.own.get(user_id, subject))
            case "drop":
                await desk.tell(user_id, ds.ConfirmForget(await keep.own.get(user_id, subject)))
            case _:
                raise NotFound("action", action)
