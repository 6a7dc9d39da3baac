"""Orders: what is known of one, and what an operator decides about a parked one."""

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
from shipping_core.domain.ids import OrderId
from shipping_core.domain.ledger import Transfer
from shipping_core.domain.listing import MOST_A_PAGE, Wanted
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund

ORDER = model_of(Order)
DETAIL = msgspec.defstruct(
    "OrderDetail",
    [
        ("order", ORDER),
        ("transfers", many(model_of(Transfer))),
        ("refunds", many(model_of(Refund))),
        ("audit", many(model_of(AuditRow))),
    ],
    module=__name__,
)


class Adopt(Body, frozen=True):
    """Which label the customer gets; the carrier must confirm it."""

    label_id: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Reason


def order_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/orders/{order_id}` and the three decisions."""
    decide = office.decide_parked

    @reads("/orders/{order_id:str}", "show_order", DETAIL, "An order, its money, refunds and history")
    async def show(order_id: Id) -> Response[Any]:
        order = await office.orders.get(OrderId(order_id))
        transfers = await office.lists.page(
            Wanted("transfers", {"order_id": order_id}, descending=False, limit=MOST_A_PAGE)
        )
        refunds = await office.refunds.find({"order_id": order_id})
        audit = await office.audit.of(f"order:{order_id}")
        parts = (view(part) for part in (order, transfers.items, tuple(refunds), tuple(audit)))
        return answer(DETAIL(*parts), order.version)

    @acts(
        "/orders/{order_id:str}/adopt", "adopt_label", ORDER,
        "Give a parked order this label, and charge for it", money=True,
    )  # fmt: skip
    async def adopt(order_id: Id, data: JSONBody[Adopt], request: Request[Any, Any, Any]) -> Response[Any]:
        by = request.user.name
        order = await decide.adopt(OrderId(order_id), data.label_id, actor=by, reason=data.reason)
        return answer(order, order.version)

    @acts(
        "/orders/{order_id:str}/confirm-not-bought", "confirm_not_bought", ORDER,
        "A parked order was not bought: free its money", money=True,
    )  # fmt: skip
    async def confirm(
        order_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        by = request.user.name
        order = await decide.confirm_not_bought(OrderId(order_id), actor=by, reason=data.reason)
        return answer(order, order.version)

    @acts(
        "/orders/{order_id:str}/void-and-release", "void_and_release", ORDER,
        "Give the labels of a parked order back to the carrier, and free its money", money=True,
    )  # fmt: skip
    async def void(order_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]) -> Response[Any]:
        by = request.user.name
        order = await decide.void_and_release(OrderId(order_id), actor=by, reason=data.reason)
        return answer(order, order.version)

    return [show, adopt, confirm, void]
