"""Keys to the office. A secret is shown once: when it is made."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from adapters.http_admin.api.route import Because, Body, Id, acts, answer, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.access import ApiKey, Role
from shipping_core.use_cases.keep_keys import LONGEST_OVERLAP, OVERLAP

KEY = model_of(ApiKey)
MADE = msgspec.defstruct("MadeKey", [("key", KEY), ("secret", str)], module=__name__)
MINUTE = dt.timedelta(minutes=1)


class NewKey(Body, frozen=True):
    """Whose key, and what it may."""

    name: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    role: Role


class Rotation(Body, frozen=True):
    """How long the old secret opens beside the new one."""

    overlap_minutes: Annotated[int, Meta(ge=0, le=LONGEST_OVERLAP // MINUTE)] = OVERLAP // MINUTE


def key_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/keys`: make, show, rotate, revoke."""
    keep = office.keep_keys

    @reads("/keys/{key_id:str}", "show_key", KEY, "A key, without its secret")
    async def show(key_id: Id) -> Response[Any]:
        key = await office.keys.get(key_id)
        return answer(key, key.version)

    @acts("/keys", "make_key", MADE, "Make a key; its secret is shown now and never again", status_code=201)
    async def make(data: JSONBody[NewKey], request: Request[Any, Any, Any]) -> Response[Any]:
        key, secret = await keep.make(data.name, data.role, by=request.user.name)
        return answer(MADE(view(key), secret), key.version)

    @acts("/keys/{key_id:str}/rotate", "rotate_key", MADE, "Give a key a new secret", edits=True)
    async def rotate(key_id: Id, data: JSONBody[Rotation], request: Request[Any, Any, Any]) -> Response[Any]:
        key, secret = await keep.rotate(
            key_id,
            by=request.user.name,
            overlap=data.overlap_minutes * MINUTE,
            version=version_of(request),
        )
        return answer(MADE(view(key), secret), key.version)

    @acts("/keys/{key_id:str}/revoke", "revoke_key", KEY, "A key opens nothing any more", edits=True)
    async def revoke(key_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]) -> Response[Any]:
        version = version_of(request)
        key = await keep.revoke(key_id, by=request.user.name, reason=data.reason, version=version)
        return answer(key, key.version)

    return [show, make, rotate, revoke]
