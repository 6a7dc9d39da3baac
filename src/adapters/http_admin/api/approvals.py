"""Acts that wait for a second person, and alerts that wait for anybody."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from adapters.http_admin.api.route import Because, Body, Id, acts, answer, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import model_of
from adapters.http_admin.office import Office
from adapters.http_admin.problems import Refusal
from shipping_core.domain.access import Act, Approval, Role
from shipping_core.domain.alert import Alert

APPROVAL = model_of(Approval)


class Taken(Body, frozen=True):
    """Which alert, by its `record_id`; If-Match is its `version` in quotes, as listed."""

    alert_id: Annotated[str, Meta(min_length=1, max_length=300)]


def approval_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/approvals/{approval_id}` with its two answers, and `/alerts/take-on`."""
    consent = office.consent

    @reads("/approvals/{approval_id:str}", "show_approval", APPROVAL, "What waits for a second person")
    async def show(approval_id: Id) -> Response[Any]:
        approval = await consent.approvals.get(approval_id)
        return answer(approval, approval.version)

    @acts(
        "/approvals/{approval_id:str}/grant", "grant_approval", APPROVAL,
        "Consent to what somebody else asked for; it is done at once", money=True,
    )  # fmt: skip
    async def grant(
        approval_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        wanted = await consent.approvals.get(approval_id)
        if wanted.act is Act.PRODUCTION and not request.user.role.may(Role.OWNER):
            raise Refusal(status_code=403, detail="The switch to production needs the role owner.")
        approval = await consent.grant(approval_id, actor=request.user.name, reason=data.reason)
        return answer(approval, approval.version)

    @acts("/approvals/{approval_id:str}/refuse", "refuse_approval", APPROVAL, "It will not be done")
    async def refuse(
        approval_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        approval = await consent.refuse(approval_id, actor=request.user.name, reason=data.reason)
        return answer(approval, approval.version)

    @acts("/alerts/take-on", "take_on_alert", model_of(Alert), "An operator sees to it", edits=True)
    async def take_on(data: JSONBody[Taken], request: Request[Any, Any, Any]) -> Response[Any]:
        alert = await office.take_on_alert(data.alert_id, by=request.user.name, version=version_of(request))
        return answer(alert, alert.version)

    return [show, grant, refuse, take_on]
