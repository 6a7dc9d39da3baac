"""What an operator sees first: who they are, and what waits for somebody."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from adapters.http_admin.api.route import answer, reads
from adapters.http_admin.models import model_of, view
from adapters.http_admin.office import Office
from adapters.http_admin.roles import NEEDED
from shipping_core.domain.access import ApprovalState, Role
from shipping_core.domain.ids import Mode
from shipping_core.domain.letter import LetterState
from shipping_core.domain.listing import LISTED, Filter, Wanted, read
from shipping_core.domain.order import OrderState
from shipping_core.domain.policy import Maintenance
from shipping_core.domain.refund import ENDS, RefundState

MOST_COUNTED: Final = 1000
ME = msgspec.defstruct(
    "Me",
    [
        ("name", str),
        ("role", Role),
        ("key_id", str),
        ("may", list[str]),
        ("mode", Mode),
        ("maintenance", model_of(Maintenance)),
    ],
    module=__name__,
    namespace={"__doc__": "Whoever asks; `may` are the operations that their role opens."},
)
WAITING = msgspec.defstruct(
    "Waiting",
    [("count", int), ("oldest_at", dt.datetime | None)],
    module=__name__,
    namespace={"__doc__": f"How many wait, {MOST_COUNTED} or more as {MOST_COUNTED}, and since when."},
)
REFUNDS: Final = tuple(state for state in RefundState if state not in ENDS)
OVERVIEW = msgspec.defstruct(
    "Overview",
    [
        ("refunds", dict[str, WAITING]),  # type: ignore[valid-type] # made while running
        ("topups_in_review", WAITING),
        ("orders_parked", WAITING),
        ("orders_unknown", WAITING),
        ("approvals_waiting", WAITING),
        ("alerts_open", WAITING),
        ("letters_dead", WAITING),
        ("letters_unreachable", WAITING),
    ],
    module=__name__,
    namespace={"__doc__": "What is under way or waits for somebody; `refunds` by their state."},
)
WAITS: Final[dict[str, tuple[str, dict[str, Filter]]]] = {
    "topups_in_review": ("topups", {"in_review": True}),
    "orders_parked": ("orders", {"state": OrderState.PARKED.value}),
    "orders_unknown": ("orders", {"state": OrderState.UNKNOWN.value}),
    "approvals_waiting": ("approvals", {"state": ApprovalState.WAITING.value}),
    "alerts_open": ("alerts", {"seen_by": ""}),
    "letters_dead": ("letters", {"state": LetterState.DEAD.value}),
    "letters_unreachable": ("letters", {"state": LetterState.UNREACHABLE.value}),
}


def home_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/me` and `/overview`."""

    @reads("/me", "show_me", ME, "Who you are here, and what you may do")
    async def me(request: Request[Any, Any, Any]) -> Response[Any]:
        operator, policy = request.user, office.policy.now
        may = sorted(name for name, needed in NEEDED.items() if operator.role.may(needed))
        maintenance = view(policy.maintenance)
        return answer(ME(operator.name, operator.role, operator.key_id, may, policy.mode, maintenance))

    @reads("/overview", "show_overview", OVERVIEW, "How much waits for somebody, and since when")
    async def overview() -> Response[Any]:
        asked = [waiting("refunds", {"state": state.value}) for state in REFUNDS]
        asked += [waiting(name, equals) for name, equals in WAITS.values()]
        found = await gather(*asked)
        refunds = {state.value: one for state, one in zip(REFUNDS, found, strict=False)}
        return answer(OVERVIEW(refunds, **dict(zip(WAITS, found[len(REFUNDS) :], strict=True))))

    async def waiting(name: str, equals: dict[str, Filter]) -> Any:
        wanted = Wanted(name, equals, descending=False, limit=1)
        count, page = await gather(office.lists.count(wanted, most=MOST_COUNTED), office.lists.page(wanted))
        return WAITING(count, read(page.items[0], LISTED[name].time) if page.items else None)

    return [me, overview]
