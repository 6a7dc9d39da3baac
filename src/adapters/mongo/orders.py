"""Orders, saved under their version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from attrs import frozen

from adapters.mongo.documents import LONG_AGO, SET, OrderDocument, from_document, next_number, to_document
from adapters.mongo.scope import Scope
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.orders import OrderRepository

MOST_BY_TRACKING = 1000
"""Orders that one question by tracking number may find."""


@frozen
class MongoOrders(OrderRepository):
    """Orders by id, with unique references."""

    scope: Scope

    async def add(self, order: Order) -> None:
        document, taken = to_document(order, number=next_number()), {"reference": order.reference}
        if not await self.scope.insert(OrderDocument, document, taken=[taken]):
            raise Conflict("order", order.order_id)

    async def get(self, order_id: OrderId) -> Order:
        found = await self.scope.one(OrderDocument, {"_id": order_id})
        if found is None:
            raise NotFound("order", order_id)
        return from_document(found, Order)

    async def save(self, order: Order) -> None:
        replaced = await self.scope.replace(
            OrderDocument, to_document(order, number=0), version=order.version - 1, keep=("number",)
        )
        if not replaced:
            await self.get(order.order_id)
            raise Conflict("order", order.order_id)

    async def of_user(self, user_id: UserId, *, limit: int = 10, skip: int = 0) -> Sequence[Order]:
        newest = [("created_at", -1), ("number", -1)]
        found = await self.scope.some(
            OrderDocument, {"user_id": user_id}, sort=newest, limit=limit, skip=skip
        )
        return [from_document(order, Order) for order in found]

    async def begun_since(
        self, user_id: UserId, since: dt.datetime, mode: Mode, *, but: Collection[OrderState] = ()
    ) -> int:
        query = {
            "user_id": user_id,
            "created_at": {"$gt": since},
            "mode": mode.value,
            "state": {"$nin": sorted(s.value for s in but)},
        }
        return await self.scope.count(OrderDocument, query)

    async def in_states(
        self, states: Collection[OrderState], *, before: dt.datetime, limit: int = 100
    ) -> Sequence[Order]:
        query = {"state": {"$in": sorted(s.value for s in states)}, "updated_at": {"$lt": before}}
        found = await self.scope.some(OrderDocument, query, sort=[("updated_at", 1), ("_id", 1)], limit=limit)
        return [from_document(order, Order) for order in found]

    async def to_watch(self, now: dt.datetime, *, limit: int = 100) -> Sequence[Order]:
        query = {"watch_at": {"$gt": LONG_AGO, "$lte": now}}
        found = await self.scope.some(OrderDocument, query, sort=[("watch_at", 1), ("_id", 1)], limit=limit)
        return [from_document(order, Order) for order in found]

    async def by_tracking(self, user_id: UserId, numbers: Collection[str]) -> Sequence[Order]:
        wanted = sorted(n for n in numbers if n)
        query = {"user_id": user_id, "label.tracking_number": {"$in": wanted, **SET}}
        found = await self.scope.some(OrderDocument, query, limit=MOST_BY_TRACKING)
        return [from_document(order, Order) for order in found]

    async def to_remind(
        self,
        since: dt.datetime,
        until: dt.datetime,
        *,
        only: Collection[str] = (),
        but: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[Order]:
        query = {
            "state": OrderState.PURCHASED.value,
            "closing_told": False,
            "created_at": {"$gt": since, "$lte": until},
            "rate.carrier_code": {"$in": sorted(only)} if only else {"$nin": sorted(but)},
        }
        found = await self.scope.some(OrderDocument, query, sort=[("created_at", 1), ("_id", 1)], limit=limit)
        return [from_document(order, Order) for order in found]
