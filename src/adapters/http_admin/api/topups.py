"""Top-ups, and payments that wait for a decision."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from adapters.http_admin.api.route import Because, Body, Id, Reason, acts, answer, reads
from adapters.http_admin.models import many, model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import InvoiceId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Transfer
from shipping_core.domain.listing import MOST_A_PAGE, Wanted
from shipping_core.domain.money import LIMIT_MINOR, Money

TOPUP = model_of(Invoice)
DETAIL = msgspec.defstruct(
    "TopupDetail",
    [
        ("topup", TOPUP),
        ("transfers", many(model_of(Transfer))),
        ("audit", many(model_of(AuditRow))),
    ],
    module=__name__,
)


class Credit(Body, frozen=True):
    """How much the customer gets, in whole minor units of the top-up's currency."""

    amount_minor: Annotated[int, Meta(ge=1, le=LIMIT_MINOR)]
    reason: Reason


def topup_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/topups/{topup_id}` and the two decisions about a payment in review."""
    resolve = office.resolve_review

    @reads("/topups/{topup_id:str}", "show_topup", DETAIL, "A top-up, its money and history")
    async def show(topup_id: Id) -> Response[Any]:
        invoice = await office.invoices.get(InvoiceId(topup_id))
        transfers = await office.lists.page(
            Wanted("transfers", {"invoice_id": topup_id}, descending=False, limit=MOST_A_PAGE)
        )
        audit = await office.audit.of(f"invoice:{topup_id}")
        parts = (view(part) for part in (invoice, transfers.items, tuple(audit)))
        return answer(DETAIL(*parts), invoice.version)

    @acts(
        "/topups/{topup_id:str}/reviews/{track_id:str}/credit", "credit_review", TOPUP,
        "Give the customer this much of a payment in review", money=True,
    )  # fmt: skip
    async def credit(
        topup_id: Id, track_id: Id, data: JSONBody[Credit], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        amount, by = Money(data.amount_minor), request.user.name
        invoice = await resolve.credit(InvoiceId(topup_id), track_id, amount, actor=by, reason=data.reason)
        return answer(invoice, invoice.version)

    @acts(
        "/topups/{topup_id:str}/reviews/{track_id:str}/close", "close_review", TOPUP,
        "Give the customer nothing of a payment in review", money=True,
    )  # fmt: skip
    async def close(
        topup_id: Id, track_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        by = request.user.name
        invoice = await resolve.close(InvoiceId(topup_id), track_id, actor=by, reason=data.reason)
        return answer(invoice, invoice.version)

    return [show, credit, close]
