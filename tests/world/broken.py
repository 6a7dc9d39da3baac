"""Parts with one safety rule taken out of each, to see that the world notices."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from attrs import define, evolve, frozen

from adapters.memory.orders import MemoryOrders
from shipping_core.conversation.screens import LabelCaption
from shipping_core.conversation.session import Session
from shipping_core.domain import ledger as book
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import OrderId
from shipping_core.domain.ledger import Balance, Transfer
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Label
from shipping_core.errors import GatewayError, InsufficientFunds, OutcomeUnknown
from shipping_core.ports.shipping import Bought, Prepared
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.reconcile_orders import ReconcileOrders
from shipping_core.use_cases.resume_sessions import ResumeSessions
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.watch_orders import WatchOrders
from world.carrier import WorldCarrier

T = TypeVar("T")


@define
class RetryingCarrier(WorldCarrier):
    """A client that repeats a purchase nobody answered."""

    async def buy(self, prepared: Prepared) -> Bought:
        try:
            return await WorldCarrier.buy(self, prepared)
        except OutcomeUnknown:
            return await WorldCarrier.buy(self, prepared)


@frozen
class ImpatientBuy(BuyLabel):
    """Takes a purchase nobody answered for one that was not made."""

    async def _mark_unknown(self, order: Order, reason: str) -> None:
        await self.settle.failed(order, reason)


@frozen
class UnheldSettle(SettleOrder):
    """Keeps a new order without holding its price."""

    async def reserved(self, order: Order) -> None:
        async def body(tx: Transaction) -> None:
            await tx.orders.add(order)
            await tx.audit.put(_row(order))

        await self.unit_of_work.run(body)


def _row(order: Order) -> AuditRow:
    subject = f"order:{order.order_id}"
    state = order.state.value
    return AuditRow(f"{subject}:{order.version}", subject, state, order.updated_at, after=state)


@frozen
class _Without(UnitOfWork):
    """Puts off what one port is told until the rest is committed, in a transaction of its own."""

    inner: UnitOfWork
    port: str
    drop: bool = False

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        later: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

        async def first(tx: Transaction) -> T:
            later.clear()
            return await body(_PutOff(tx, self.port, later))

        result = await self.inner.run(first)
        if later and not self.drop:

            async def then(tx: Transaction) -> None:
                for method, args, kwargs in later:
                    await getattr(getattr(tx, self.port), method)(*args, **kwargs)

            await self.inner.run(then)
        return result


class _PutOff:
    def __init__(self, tx: Transaction, port: str, later: list[Any]) -> None:
        self._tx, self._port, self._later = tx, port, later

    def __getattr__(self, name: str) -> Any:
        return _Notebook(self._later) if name == self._port else getattr(self._tx, name)


class _Notebook:
    def __init__(self, later: list[Any]) -> None:
        self._later = later

    def __getattr__(self, method: str) -> Any:
        async def note(*args: Any, **kwargs: Any) -> None:
            self._later.append((method, args, kwargs))

        return note


def settling_apart(port: str, *, drop: bool = False) -> type[SettleOrder]:
    """Orders are settled, and what `port` has to do with it comes in a transaction of its own, or never."""

    @frozen
    class Apart(SettleOrder):
        """See `settling_apart`."""

        def __attrs_post_init__(self) -> None:
            object.__setattr__(self, "unit_of_work", _Without(self.unit_of_work, port, drop))

    return Apart


@frozen
class BlindReconcile(ReconcileOrders):
    """Takes a look-up that failed for one that found nothing."""

    async def _in_doubt(self, order: Order, error: GatewayError) -> Order | None:
        return await self._none_found(order)


@frozen
class KeepingReconcile(ReconcileOrders):
    """Does not give surplus labels back."""

    async def _give_back(self, extra: Label, order: Order) -> None:
        return


@frozen
class LazyReconcile(ReconcileOrders):
    """Leaves alone what was reserved and not sent."""

    async def _drive_on(self, order: Order) -> Order | None:
        return None


@frozen
class NoWatch(WatchOrders):
    """Never looks again for labels of orders that were given up."""

    async def __call__(self) -> Sequence[Order]:
        return []


@frozen
class NoResume(ResumeSessions):
    """Never asks again what a crash swallowed."""

    async def __call__(self) -> int:
        return 0


@frozen
class ReadCheckWrite(SettleOrder):
    """Reads the balance, looks whether it is enough, and writes the rest back."""

    async def reserved(self, order: Order) -> None:
        database = self.unit_of_work.inner.database  # type: ignore[attr-defined] # behind its guard
        before = database.get("balances", (order.mode, order.user_id)) or Balance()
        if before.available < order.price:
            raise InsufficientFunds(order.price, before.available)
        await asyncio.sleep(0)
        source, target = book.available(order.user_id), book.held(order.user_id)
        hold = Transfer(
            order.hold_key,
            book.Kind.HOLD,
            source,
            target,
            order.price,
            order.mode,
            order.created_at,
            order_id=order.order_id,
        )
        await MemoryOrders(database).add(order)
        database.put("audit", _row(order).row_id, _row(order))
        database.put("transfers", hold.key, hold)
        after = Balance(before.available - order.price, before.held + order.price)
        database.put("balances", (order.mode, order.user_id), after)


@frozen
class OpenConverse(Converse):
    """Gives everybody every label."""

    async def _bought_before(self, session: Session, order_id: OrderId) -> bool:
        order = await self.orders.get(order_id)
        if order.label is not None:
            document = await self.send_label.document(order)
            facts = await self.facts(session.user_id, LabelCaption(order))
            await self.notifier.send_label(session.user_id, order, document, facts)
        return False


def dearer(purchased: Callable[..., Order]) -> Callable[..., Order]:
    """`Order.purchased`, but whatever the carrier took is charged."""

    def charging(order: Order, label: Label, now: dt.datetime) -> Order:
        return evolve(purchased(order, label, now), charged=label.cost)

    return charging
