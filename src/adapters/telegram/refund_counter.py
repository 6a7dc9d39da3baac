"""The counter for refunds: its buttons and its command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import frozen

from adapters.telegram.counters import Counter, page_of
from shipping_core.domain.ids import OrderId, RefundId, UserId
from shipping_core.errors import NotFound
from shipping_core.use_cases.converse import Input
from shipping_core.use_cases.show_refunds import ShowRefunds


@frozen
class RefundCounter(Counter):
    """Labels and refunds are named by the subject; `/refund` may be followed by the labels themselves."""

    refunds: ShowRefunds

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:  # noqa: ARG002
        act = _ACTS.get(action)
        if act is None:
            raise NotFound("action", action)
        await act(self.refunds, user_id, subject)


_ACTS: Final[dict[str, Callable[[ShowRefunds, UserId, str], Awaitable[None]]]] = {
    "open": lambda show, user, text: show.ask(user, text) if text.strip() else show.desk(user),
    "page": lambda show, user, number: show.desk(user, page_of(number)),
    "about": lambda show, user, order_id: show.about(user, OrderId(order_id)),
    "ask": lambda show, user, order_id: show.ask(user, order_id),
    "cancel": lambda show, user, order_id: show.cancel(user, OrderId(order_id)),
    "mine": lambda show, user, number: show.mine(user, page_of(number)),
    "show": lambda show, user, refund_id: show.details(user, RefundId(refund_id)),
    "drop": lambda show, user, refund_id: show.take_back(user, RefundId(refund_id)),
}
