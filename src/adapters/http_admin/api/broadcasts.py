"""One text to many customers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from adapters.http_admin.api.route import Body, Id, acts, answer, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.broadcast import Broadcast, Progress, Segment
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery

BROADCAST = model_of(Broadcast)
DETAIL = msgspec.defstruct(
    "BroadcastDetail", [("broadcast", BROADCAST), ("progress", model_of(Progress))], module=__name__
)
COUNT = msgspec.defstruct("Count", [("users", int)], module=__name__)
PREVIEWED = msgspec.defstruct("Previewed", [("delivery", Delivery)], module=__name__)
Html = Annotated[str, Meta(max_length=20_000)]


class Texts(Body, frozen=True):
    """The text in each language, in Telegram's HTML."""

    en: Html = ""
    ru: Html = ""


class Whom(Body, frozen=True):
    """Every condition that is set must hold."""

    with_balance: bool = False
    active_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    language: Annotated[str, Meta(pattern="^(en|ru)?$")] = ""


class NewBroadcast(Body, frozen=True):
    """A text for whom."""

    texts: Texts
    segment: Whom = Whom()


class Edited(Body, frozen=True):
    """What is left out stays."""

    texts: Texts | UnsetType = UNSET
    segment: Whom | UnsetType = UNSET


class Viewer(Body, frozen=True):
    """Who looks at it first: an operator's own chat with the bot."""

    user_id: Annotated[str, Meta(min_length=1, max_length=64)]


def broadcast_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/broadcasts`: write, count, preview, start, pause, resume, stop."""
    keep = office.keep_broadcasts

    async def shown(broadcast: Broadcast) -> Response[Any]:
        progress = await keep.progress(broadcast.broadcast_id)
        return answer(DETAIL(view(broadcast), view(progress)), broadcast.version)

    @reads("/broadcasts/{broadcast_id:str}", "show_broadcast", DETAIL, "A broadcast and how far it is")
    async def show(broadcast_id: Id) -> Response[Any]:
        return await shown(await keep.broadcasts.get(broadcast_id))

    @acts("/broadcasts", "create_broadcast", BROADCAST, "Write one; nothing is sent yet", status_code=201)
    async def create(data: JSONBody[NewBroadcast], request: Request[Any, Any, Any]) -> Response[Any]:
        made = await keep.create(_texts(data.texts), _segment(data.segment), by=request.user.name)
        return answer(made, made.version)

    @acts("/broadcasts/{broadcast_id:str}", "edit_broadcast", BROADCAST, "Change a draft", edits=True)
    async def edit(
        broadcast_id: Id, data: JSONBody[Edited], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        made = await keep.edit(
            broadcast_id,
            version_of(request),
            by=request.user.name,
            texts=_texts(data.texts) if data.texts else None,
            segment=_segment(data.segment) if data.segment else None,
        )
        return answer(made, made.version)

    @acts("/segments/count", "count_segment", COUNT, "How many customers are in a segment")
    async def count(data: JSONBody[Whom]) -> Response[Any]:
        return answer(COUNT(await keep.count(_segment(data))))

    @acts("/broadcasts/{broadcast_id:str}/preview", "preview_broadcast", PREVIEWED, "Send it to one chat")
    async def preview(
        broadcast_id: Id, data: JSONBody[Viewer], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        ended = await keep.preview(broadcast_id, UserId(data.user_id), by=request.user.name)
        return answer(PREVIEWED(ended))

    @acts("/broadcasts/{broadcast_id:str}/start", "start_broadcast", DETAIL, "Begin to send it", edits=True)
    async def start(broadcast_id: Id, request: Request[Any, Any, Any]) -> Response[Any]:
        return await shown(await keep.start(broadcast_id, version_of(request), by=request.user.name))

    @acts("/broadcasts/{broadcast_id:str}/pause", "pause_broadcast", DETAIL, "Send no more for now")
    async def pause(broadcast_id: Id, request: Request[Any, Any, Any]) -> Response[Any]:
        return await shown(await keep.pause(broadcast_id, by=request.user.name))

    @acts("/broadcasts/{broadcast_id:str}/resume", "resume_broadcast", DETAIL, "Go on sending")
    async def resume(broadcast_id: Id, request: Request[Any, Any, Any]) -> Response[Any]:
        return await shown(await keep.resume(broadcast_id, by=request.user.name))

    @acts("/broadcasts/{broadcast_id:str}/stop", "stop_broadcast", DETAIL, "Send no more, ever")
    async def stop(broadcast_id: Id, request: Request[Any, Any, Any]) -> Response[Any]:
        return await shown(await keep.stop(broadcast_id, by=request.user.name))

    return [show, create, edit, count, preview, start, pause, resume, stop]


def _texts(texts: Texts) -> dict[str, str]:
    return {name: text for name in ("en", "ru") if (text := getattr(texts, name))}


def _segment(whom: Whom) -> Segment:
    return Segment(whom.with_balance, whom.active_days, whom.language)
