"""Orders in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from attrs import frozen

from adapters.memory.database import View
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.orders import OrderRepository


@frozen
class MemoryOrders(OrderRepository):
    """Orders by id, with unique references."""

    view: View

    async def add(self, order: Order) -> None:
        if self.view.get("orders", order.order_id) is not None:
            raise Conflict("order", order.order_id)
        if self.view.get("references", order.reference) is not None:
            raise Conflict("reference", order.reference)
        self.view.put("orders", order.order_id, order)
        self.view.put("references", order.reference, order.order_id)
        mine = self.view.get("orders_of", order.user_id) or ()
        self.view.put("orders_of", order.user_id, (*mine, order.order_id))

    async def get(self, order_id: OrderId) -> Order:
        order: Order | None = self.view.get("orders", order_id)
        if order is None:
            raise NotFound("order", order_id)
        return order

    async def save(self, order: Order) -> None:
        stored = await self.get(order.order_id)
        if stored.version != order.version - 1:
            raise Conflict("order", order.order_id)
        self.view.put("orders", order.order_id, order)

    async def of_user(self, user_id: UserId, *, limit: int = 10, skip: int = 0) -> Sequence[Order]:
        ids = tuple(reversed(self.view.get("orders_of", user_id) or ()))
        return [self.view.get("orders", order_id) for order_id in ids[skip : skip + limit]]

    async def begun_since(
        self, user_id: UserId, since: dt.datetime, mode: Mode, *, but: Collection[OrderState] = ()
    ) -> int:
        mine: list[Order] = [self.view.get("orders", i) for i in self.view.get("orders_of", user_id) or ()]
        return sum(o.created_at > since and o.mode is mode and o.state not in but for o in mine)

    async def in_states(
        self, states: Collection[OrderState], *, before: dt.datetime, limit: int = 100
    ) -> Sequence[Order]:
        due = [o for o in self.view.scan("orders") if o.state in states and o.updated_at < before]
        return sorted(due, key=lambda o: (o.updated_at, o.order_id))[:limit]

    async def to_watch(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Order]:
        due = [(o.watch_at, o.order_id, o) for o in self.view.scan("orders") if o.watch_at is not None]
        return [order for at, _, order in sorted(due, key=lambda d: d[:2]) if at <= now][:limit]

    async def by_tracking(self, user_id: UserId, numbers: Collection[str]) -> Sequence[Order]:
        mine: list[Order] = [self.view.get("orders", i) for i in self.view.get("orders_of", user_id) or ()]
        return [o for o in mine if o.label is not None and o.label.tracking_number in numbers]

    async def to_remind(
        self,
        since: dt.datetime,
        until: dt.datetime,
        *,
        only: Collection[str] = (),
        but: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[Order]:
        due = [
            o
            for o in self.view.scan("orders")
            if o.state is OrderState.PURCHASED and not o.closing_told and since < o.created_at <= until
            if (o.rate.carrier_code in only if only else o.rate.carrier_code not in but)
        ]
        return sorted(due, key=lambda o: (o.created_at, o.order_id))[:limit]
