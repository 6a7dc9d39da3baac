"""The address book in the chat."""

from __future__ import annotations

from attrs import frozen

from adapters.telegram.counters import Counter, page_of
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation.screens import Note
from shipping_core.domain.desk import as_part
from shipping_core.domain.draft import Side
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.errors import NotFound
from shipping_core.ports.clock import IdSource
from shipping_core.use_cases.converse import Converse, Input
from shipping_core.use_cases.show_desk import ShowDesk

KEPT = {"keep_from": Side.FROM, "keep_to": Side.TO}


@frozen
class AddressesCounter(Counter):
    """`/addresses`, and the buttons below what it shows."""

    desk: ShowDesk
    converse: Converse
    ids: IdSource

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:
        desk, keep = self.desk, self.desk.contacts
        match action:
            case "open" | "page":
                await desk.contact_list(user_id, page_of(subject))
            case "new":
                await self.converse.do(user_id, ev.AsideAsked("contact_new", self.ids.new("con")), source)
            case "keep_from" | "keep_to":
                kept = keep.from_order(user_id, OrderId(subject), KEPT[action])
                await desk.attempt(user_id, kept, desk.contact)
            case "default":
                await desk.contact(user_id, await keep.make_default(user_id, subject))
            case "no_default":
                await desk.contact(user_id, await keep.forget_default(user_id, subject))
            case "forget":
                await keep.own.drop(user_id, subject)
                await desk.contact_list(user_id, note=Note("forgotten"))
            case _:
                await self._about(user_id, action, subject, source)

    async def _about(self, user_id: UserId, action: str, contact_id: str, source: Input) -> None:
        contact = await self.desk.contacts.own.get(user_id, contact_id)
        match action:
            case "show":
                await self.desk.contact(user_id, contact)
            case "from" | "to":
                await self.converse.put(user_id, as_part(contact.address, action), source)
            case "drop":
                await self.desk.tell(user_id, ds.ConfirmForget(contact))
            case _:
                raise NotFound("action", action)
