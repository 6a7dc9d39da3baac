"""Labels asked back: the queue, and what operators decide about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from adapters.http_admin.api.route import PERFORMED, Because, Body, Id, Reason, acts, answer, performed, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import many, model_of, view
from adapters.http_admin.office import Office
from adapters.http_admin.problems import title_of
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import RefundId, UserId
from shipping_core.domain.ledger import Transfer
from shipping_core.domain.listing import MOST_A_PAGE, Wanted
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Asked, Refund, eligibility
from shipping_core.use_cases.decide_refund import TEXT_LIMIT, Outcome
from shipping_core.use_cases.request_refunds import MOST_AT_ONCE

REFUND = model_of(Refund)
DETAIL = msgspec.defstruct(
    "RefundDetail",
    [
        ("refund", REFUND),
        ("order", model_of(Order)),
        ("closes_at", dt.datetime),
        ("transfers", many(model_of(Transfer))),
        ("audit", many(model_of(AuditRow))),
    ],
    module=__name__,
)
ONE = msgspec.defstruct(
    "RefundOutcome",
    [("refund_id", str), ("refund", REFUND | None, None), ("error", str, ""), ("detail", str, "")],
    module=__name__,
)
EACH = msgspec.defstruct("RefundOutcomes", [("outcomes", many(ONE))], module=__name__)
ASKED = msgspec.defstruct(
    "LabelOutcome",
    [
        ("label", str),
        ("refund", REFUND | None, None),
        ("verdict", str, ""),
        ("since", str, ""),
        ("until", str, ""),
    ],
    module=__name__,
)
REQUESTED = msgspec.defstruct("LabelOutcomes", [("outcomes", many(ASKED))], module=__name__)
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Words = Annotated[str, Meta(max_length=TEXT_LIMIT)]
Ids = Annotated[
    list[Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=64)]],
    Meta(min_length=1, max_length=MOST_AT_ONCE),
]


class Labels(Body, frozen=True):
    """Order numbers or tracking numbers of one customer, who hears of it."""

    user_id: Annotated[str, Meta(min_length=1, max_length=64)]
    labels: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(min_length=1, max_length=50)
    ]


class Approve(Body, frozen=True):
    """`amount_minor` left out is the whole price; less needs a reason. The customer sees the note."""

    note: Words = ""
    amount_minor: Annotated[int, Meta(ge=1, le=LIMIT_MINOR)] | None = None
    amount_reason: Words = ""


class Noted(Body, frozen=True):
    """A word to the customer; an empty one takes the last one back."""

    note: Words


class Many(Body, frozen=True):
    """The same for each."""

    ids: Ids
    note: Words = ""


class ManyReasons(Body, frozen=True):
    """The same for each, with the reason that each customer hears."""

    ids: Ids
    reason: Reason


def refund_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/refunds`: ask, show, approve, reject, note, retry, override; singly or many at once."""
    decide = office.decide_refund

    @reads("/refunds/{refund_id:str}", "show_refund", DETAIL, "A refund with its order, money and history")
    async def show(refund_id: Id) -> Response[Any]:
        refund = await decide.refunds.get(refund_id)
        order = await office.orders.get(refund.order_id)
        transfers = await office.lists.page(
            Wanted("transfers", {"order_id": refund.order_id}, descending=False, limit=MOST_A_PAGE)
        )
        audit = await office.audit.of(f"refund:{refund_id}")
        closes_at = eligibility(order, office.policy.now.refunds, office.clock.now()).until
        parts = (view(part) for part in (refund, order, closes_at, transfers.items, tuple(audit)))
        return answer(DETAIL(*parts), refund.version)

    @acts("/refunds", "request_refunds", REQUESTED, "Ask labels back in a customer's name", status_code=201)
    async def ask(data: JSONBody[Labels], request: Request[Any, Any, Any]) -> Response[Any]:
        user = await office.users.get(UserId(data.user_id))
        asked = await office.request_refunds(user.user_id, data.labels, requested_by=request.user.name)
        return answer(REQUESTED([_asked(one) for one in asked]))

    @acts(
        "/refunds/{refund_id:str}/approve", "approve_refund", REFUND,
        "The label goes back to the carrier at once; its answer is in the refund", money=True, edits=True,
    )  # fmt: skip
    async def approve(
        refund_id: Id, data: JSONBody[Approve], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        refund = await decide.approve(
            RefundId(refund_id),
            actor=request.user.name,
            note=data.note,
            amount=None if data.amount_minor is None else Money(data.amount_minor),
            amount_reason=data.amount_reason,
            version=version_of(request),
        )
        return answer(refund, refund.version)

    @acts("/refunds/{refund_id:str}/reject", "reject_refund", REFUND, "The customer hears why", edits=True)
    async def reject(
        refund_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        refund = await decide.reject(
            RefundId(refund_id), actor=request.user.name, reason=data.reason, version=version_of(request)
        )
        return answer(refund, refund.version)

    @acts("/refunds/{refund_id:str}/note", "note_refund", REFUND, "A word to the customer", edits=True)
    async def note(refund_id: Id, data: JSONBody[Noted], request: Request[Any, Any, Any]) -> Response[Any]:
        refund = await decide.note(
            RefundId(refund_id), data.note, actor=request.user.name, version=version_of(request)
        )
        return answer(refund, refund.version)

    @acts(
        "/refunds/{refund_id:str}/retry", "retry_refund", REFUND,
        "Ask a carrier that keeps the label once more", money=True,
    )  # fmt: skip
    async def retry(refund_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]) -> Response[Any]:
        refund = await decide.retry(RefundId(refund_id), actor=request.user.name, reason=data.reason)
        return answer(refund, refund.version)

    @acts(
        "/refunds/{refund_id:str}/override", "override_refund", PERFORMED,
        "Give the money back at our loss, although the carrier keeps the label or has not told for an hour",
        money=True,
    )  # fmt: skip
    async def override(
        refund_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        return performed(
            await decide.override(RefundId(refund_id), actor=request.user.name, reason=data.reason)
        )

    @acts("/refunds/approve", "approve_refunds", EACH, "Approve many, each by itself", money=True)
    async def approve_many(data: JSONBody[Many], request: Request[Any, Any, Any]) -> Response[Any]:
        by = request.user.name
        return await _each(data.ids, lambda one: decide.approve(one, actor=by, note=data.note))

    @acts("/refunds/reject", "reject_refunds", EACH, "Reject many, each by itself", money=True)
    async def reject_many(data: JSONBody[ManyReasons], request: Request[Any, Any, Any]) -> Response[Any]:
        by = request.user.name
        return await _each(data.ids, lambda one: decide.reject(one, actor=by, reason=data.reason))

    async def _each(ids: Sequence[str], act: Callable[[RefundId], Awaitable[Refund]]) -> Response[Any]:
        outcomes = await decide.each([RefundId(one) for one in ids], act)
        return answer(EACH([_outcome(one) for one in outcomes]))

    return [show, ask, approve, reject, note, retry, override, approve_many, reject_many]


def _outcome(outcome: Outcome[Refund]) -> Any:
    if outcome.error is None:
        return ONE(outcome.refund_id, view(outcome.result))
    return ONE(outcome.refund_id, error=title_of(outcome.error), detail=str(outcome.error))


def _asked(asked: Asked) -> Any:
    if asked.refund is not None:
        return ASKED(asked.word, view(asked.refund))
    if asked.refused is None:
        return ASKED(asked.word, verdict="unknown")
    refused = asked.refused
    return ASKED(
        asked.word, None, refused.verdict.value, refused.since.isoformat(), refused.until.isoformat()
    )
