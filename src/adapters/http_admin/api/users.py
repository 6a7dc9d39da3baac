"""Customers: who they are, what they have, and what the office does with them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from adapters.http_admin.api.route import PERFORMED, Because, Body, Id, Reason, acts, answer, performed, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import many, model_of, view
from adapters.http_admin.office import Office
from adapters.http_admin.once import key_of
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Balance, StatementLine
from shipping_core.domain.listing import MOST_A_PAGE, Wanted
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund
from shipping_core.domain.user import Limits, User
from shipping_core.errors import InvalidInput

USER = model_of(User)
LATEST = 10
"""How many of each kind stand in a user's details."""
SESSION = msgspec.defstruct(
    "Conversation",
    [("state", str), ("last_updated", dt.datetime), ("has_draft", bool), ("language", str)],
    module=__name__,
)
DETAIL = msgspec.defstruct(
    "UserDetail",
    [
        ("user", USER),
        ("balances", dict[str, model_of(Balance)]),  # type: ignore[misc] # made while running
        ("conversation", SESSION | None),
        ("orders", many(model_of(Order))),
        ("refunds", many(model_of(Refund))),
        ("topups", many(model_of(Invoice))),
    ],
    module=__name__,
)
STATEMENT = msgspec.defstruct(
    "Statement",
    [("lines", many(model_of(StatementLine))), ("next", int | None)],
    module=__name__,
    namespace={"__doc__": "`next` is the `skip` of the page behind this one; null on the last."},
)
LINES_SHOWN = 50
MOST_SKIPPED = 1_000_000
Skip = Annotated[int, QueryParameter(ge=0, le=MOST_SKIPPED, description="So many newer lines are left out.")]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_A_PAGE)]


class Adjustment(Body, frozen=True):
    """What the customer gets, or where negative loses, in whole minor units."""

    amount_minor: Annotated[int, Meta(ge=-LIMIT_MINOR, le=LIMIT_MINOR)]
    mode: Mode
    reason: Reason


class NewLimits(Body, frozen=True):
    """What this customer may do otherwise than everybody; null is as usual."""

    reason: Reason
    open_invoices: Annotated[int, Meta(ge=0, le=20)] | None = None
    topup_most_minor: Annotated[int, Meta(ge=0, le=LIMIT_MINOR)] | None = None
    orders_a_day: Annotated[int, Meta(ge=0, le=10_000)] | None = None


class Note(Body, frozen=True):
    """A word for the office; the customer never sees it."""

    text: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]


class Language(Body, frozen=True):
    """`en` or `ru`."""

    language: Annotated[str, Meta(pattern="^(en|ru)$")]
    reason: Reason


class Erasure(Body, frozen=True):
    """`confirm` is the user's id once more; `waive_balance` says that they gave up what is left."""

    confirm: Annotated[str, Meta(max_length=64)]
    reason: Reason
    waive_balance: bool = False


def user_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/users/{user_id}` and what can be done there."""
    people = office.people

    @reads("/users/{user_id:str}", "show_user", DETAIL, "A customer, their money and what is under way")
    async def show(user_id: Id) -> Response[Any]:
        user = await office.users.get(UserId(user_id))
        session = await office.sessions.load(user.user_id)
        conversation = None
        if session is not None:
            state = type(session.state).__name__
            conversation = SESSION(state, session.last_updated, not session.draft.empty, session.language)
        orders, refunds, topups = [
            (await office.lists.page(Wanted(name, {"user_id": user_id}, limit=LATEST))).items
            for name in ("orders", "refunds", "topups")
        ]
        balances = {mode.value: b for mode, b in (await people.balances_of(user.user_id)).items()}
        parts = (view(user), view(balances), conversation, view(orders), view(refunds), view(topups))
        return answer(DETAIL(*parts), user.version)

    @reads("/users/{user_id:str}/statement", "show_statement", STATEMENT, "Every movement, newest first")
    async def statement(
        user_id: Id, mode: FromQuery[Mode], skip: Skip = 0, limit: Limit = LINES_SHOWN
    ) -> Response[Any]:
        lines = await people.statement(UserId(user_id), mode, skip=skip, limit=limit + 1)
        shown = view(lines[:limit])
        return answer(STATEMENT(shown, skip + limit if len(lines) > limit else None))

    @acts(
        "/users/{user_id:str}/adjust", "adjust_balance", PERFORMED,
        "Give or take money by hand; above the limit a second person must consent", money=True,
    )  # fmt: skip
    async def adjust(
        user_id: Id, data: JSONBody[Adjustment], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        if data.amount_minor == 0:
            raise InvalidInput("amount_minor", "must not be zero")
        by = request.user.name
        return performed(
            await people.adjust(
                UserId(user_id),
                Money(data.amount_minor),
                mode=data.mode,
                request=f"{by}:{key_of(request)}",
                actor=by,
                reason=data.reason,
            )
        )

    @acts("/users/{user_id:str}/block", "block_user", USER, "No new orders and top-ups; they are told why")
    async def block(user_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]) -> Response[Any]:
        user = await people.block(UserId(user_id), actor=request.user.name, reason=data.reason)
        return answer(user, user.version)

    @acts("/users/{user_id:str}/unblock", "unblock_user", USER, "As before; they are told")
    async def unblock(user_id: Id, data: JSONBody[Because], request: Request[Any, Any, Any]) -> Response[Any]:
        user = await people.unblock(UserId(user_id), actor=request.user.name, reason=data.reason)
        return answer(user, user.version)

    @acts("/users/{user_id:str}/limits", "limit_user", USER, "Limits of this customer's own", edits=True)
    async def limit(user_id: Id, data: JSONBody[NewLimits], request: Request[Any, Any, Any]) -> Response[Any]:
        most = None if data.topup_most_minor is None else Money(data.topup_most_minor)
        user = await people.limit(
            UserId(user_id),
            Limits(data.open_invoices, most, data.orders_a_day),
            version=version_of(request),
            actor=request.user.name,
            reason=data.reason,
        )
        return answer(user, user.version)

    @acts("/users/{user_id:str}/notes", "note_user", USER, "Write a note about a customer", status_code=201)
    async def note(user_id: Id, data: JSONBody[Note], request: Request[Any, Any, Any]) -> Response[Any]:
        user = await people.note(UserId(user_id), data.text, actor=request.user.name)
        return answer(user, user.version)

    @acts("/users/{user_id:str}/language", "set_language", USER, "Speak to a customer in this language")
    async def speak(user_id: Id, data: JSONBody[Language], request: Request[Any, Any, Any]) -> Response[Any]:
        user = await people.speak(UserId(user_id), data.language, actor=request.user.name, reason=data.reason)
        return answer(user, user.version)

    @acts("/users/{user_id:str}/export", "export_person", dict[str, Any], "All that is kept of a person")
    async def export(user_id: Id, request: Request[Any, Any, Any]) -> Response[Any]:
        return answer(dict(await people.export(UserId(user_id), actor=request.user.name)))

    @acts("/users/{user_id:str}/erase", "erase_user", USER, "Forget a person for good; the books stay")
    async def erase(user_id: Id, data: JSONBody[Erasure], request: Request[Any, Any, Any]) -> Response[Any]:
        if data.confirm != user_id:
            raise InvalidInput("confirm", "write the user's id once more")
        user = await people.erase(
            UserId(user_id), waive=data.waive_balance, actor=request.user.name, reason=data.reason
        )
        return answer(user, user.version)

    return [show, statement, adjust, block, unblock, limit, note, speak, export, erase]
