"""Templates in the chat."""

from __future__ import annotations

from attrs import frozen

from adapters.telegram.counters import Counter, page_of
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation.screens import Note
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.errors import NotFound
from shipping_core.ports.clock import IdSource
from shipping_core.use_cases.converse import Converse, Input
from shipping_core.use_cases.show_desk import ShowDesk


@frozen
class TemplatesCounter(Counter):
    """`/templates`, and the buttons below what it shows."""

    desk: ShowDesk
    converse: Converse
    ids: IdSource

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:
        desk, keep = self.desk, self.desk.templates
        match action:
            case "open" | "page":
                await desk.template_list(user_id, page_of(subject))
            case "change":
                await desk.template_list(user_id, page_of(subject), changing=True)
            case "new":
                await self.converse.do(user_id, ev.AsideAsked("template_new", self.ids.new("tpl")), source)
            case "keep":
                await desk.attempt(user_id, keep.from_order(user_id, OrderId(subject)), desk.template)
            case "draft":
                await desk.attempt(user_id, keep.from_draft(user_id), desk.template)
            case "prefer":
                await desk.template(user_id, await keep.prefer(user_id, subject))
            case "any_service":
                await desk.template(user_id, await keep.forget_service(user_id, subject))
            case "forget":
                await keep.own.drop(user_id, subject)
                await desk.template_list(user_id, note=Note("forgotten"))
            case _:
                await self._about(user_id, action, subject, source)

    async def _about(self, user_id: UserId, action: str, template_id: str, source: Input) -> None:
        template = await self.desk.templates.own.get(user_id, template_id)
        match action:
            case "show":
                await self.desk.template(user_id, template)
            case "use":
                await self.converse.write(
                    user_id, template.draft, template.carrier_code, template.service_code, source
                )
            case "fields":
                await self.desk.tell(user_id, ds.TemplateFields(template))
            case "drop":
                await self.desk.tell(user_id, ds.ConfirmForget(template))
            case _:
                raise NotFound("action", action)
