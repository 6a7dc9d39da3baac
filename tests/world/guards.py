"""Every port, wrapped: each call passes a crash point before and after, and may meet an accident.

The wrappers are made from the protocols themselves, so that a new method of a port has its points by itself.
"""

from __future__ import annotations

import contextvars
import inspect
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Protocol, TypeVar

from attrs import frozen

from shipping_core.ports.alerts import Alerts
from shipping_core.ports.answers import AnswerLog
from shipping_core.ports.audit import AuditLog
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.books import Books
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.guesses import GuessLog
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.leases import Leases
from shipping_core.ports.lists import Lists
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.operators import Operators
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.ports.payments import PaymentGateway
from shipping_core.ports.personal_data import PersonalData
from shipping_core.ports.segments import Segments
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import R, Shelf
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.ports.statistics import Statistics
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository

T = TypeVar("T")
INSIDE: contextvars.ContextVar[bool] = contextvars.ContextVar("inside a transaction", default=False)


class Sort(Enum):
    """What a call is to the world."""

    STORE = "store"
    NETWORK = "network"


NAMES: dict[type, tuple[str, Sort]] = {
    AuditLog: ("audit", Sort.STORE),
    BalanceLedger: ("balances", Sort.STORE),
    LabelDocuments: ("documents", Sort.STORE),
    NoticeInbox: ("inbox", Sort.STORE),
    InvoiceRepository: ("invoices", Sort.STORE),
    Leases: ("leases", Sort.STORE),
    OrderRepository: ("orders", Sort.STORE),
    Outbox: ("outbox", Sort.STORE),
    SessionRepository: ("sessions", Sort.STORE),
    Shelf: ("shelf", Sort.STORE),
    Alerts: ("alerts", Sort.STORE),
    AnswerLog: ("answers", Sort.STORE),
    Books: ("books", Sort.STORE),
    GuessLog: ("guesses", Sort.STORE),
    Lists: ("lists", Sort.STORE),
    PersonalData: ("personal_data", Sort.STORE),
    Segments: ("segments", Sort.STORE),
    Statistics: ("statistics", Sort.STORE),
    Operators: ("operators", Sort.NETWORK),
    UserRepository: ("users", Sort.STORE),
    Notifier: ("notifier", Sort.NETWORK),
    PaymentGateway: ("payments", Sort.NETWORK),
    ShippingGateway: ("shipping", Sort.NETWORK),
}
"""Every asynchronous port but the unit of work, which is guarded by hand below."""

DETAILS: dict[str, Callable[..., str]] = {
    "orders.save": lambda order: order.state.value,
    "shelf.save": lambda record: record.state.value,
    "outbox.mark": lambda _id, _owner, state, **_: state.value,
}
"""Points that are told apart by what is written."""


class Ward(Protocol):
    """Who watches over one process."""

    async def before(self, point: str, sort: Sort) -> None:
        """Before a call; may die, sleep, or fail."""

    async def after(self, point: str, sort: Sort, answer: object) -> None:
        """After a call; may die, or lose the answer."""


def asynchronous(port: type) -> list[str]:
    """The public asynchronous methods of a port."""
    return [
        name
        for name, method in inspect.getmembers(port, inspect.iscoroutinefunction)
        if not name.startswith("_")
    ]


def guarded(port: type, inner: Any, ward: Ward, *, prefix: str = "") -> Any:
    """`inner`, which is such a port, with points around each call."""
    guard = _GUARDS.get((port, prefix)) or _GUARDS.setdefault((port, prefix), _guard(port, prefix))
    return guard(inner, ward)


_GUARDS: dict[tuple[type, str], type] = {}


def _guard(port: type, prefix: str) -> type:
    name, sort = NAMES[port]
    members: dict[str, Any] = {"__init__": _init}
    for method in asynchronous(port):
        members[method] = _around(method, f"{prefix}{name}.{method}", sort, DETAILS.get(f"{name}.{method}"))
    for method, found in inspect.getmembers(port):
        if isinstance(found, property):
            members[method] = property(_reading(method))
        elif inspect.isfunction(found) and not method.startswith("_") and method not in members:
            members[method] = _passing(method)
    return type(f"Guarded{port.__name__}", (port,), members)


def _init(self: Any, inner: Any, ward: Ward) -> None:
    self._inner, self._ward = inner, ward


def _around(method: str, plain: str, sort: Sort, detail: Callable[..., str] | None) -> Any:
    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        point = plain if detail is None else f"{plain}[{detail(*args, **kwargs)}]"
        await self._ward.before(point, sort)
        answer = await getattr(self._inner, method)(*args, **kwargs)
        await self._ward.after(point, sort, answer)
        return answer

    return call


def _passing(method: str) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._inner, method)(*args, **kwargs)

    return call


def _reading(name: str) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        return getattr(self._inner, name)

    return read


class Discarded(Exception):
    """Thrown out of a body that was only run to see that it can be run twice."""


@frozen
class GuardedTransaction(Transaction):
    """The ports inside a transaction, with their points; what is written names the commit."""

    inner: Transaction
    ward: Ward
    written: list[str]

    @property
    def balances(self) -> BalanceLedger:
        port: BalanceLedger = guarded(BalanceLedger, self.inner.balances, self.ward, prefix="tx.")
        return port

    @property
    def orders(self) -> OrderRepository:
        port: OrderRepository = guarded(OrderRepository, self.inner.orders, self.ward, prefix="tx.")
        return port

    @property
    def invoices(self) -> InvoiceRepository:
        port: InvoiceRepository = guarded(InvoiceRepository, self.inner.invoices, self.ward, prefix="tx.")
        return port

    @property
    def outbox(self) -> Outbox:
        port: Outbox = guarded(Outbox, self.inner.outbox, self.ward, prefix="tx.")
        return port

    @property
    def audit(self) -> AuditLog:
        port: AuditLog = guarded(AuditLog, _Naming(self.inner.audit, self.written), self.ward, prefix="tx.")
        return port

    @property
    def users(self) -> UserRepository:
        port: UserRepository = guarded(UserRepository, self.inner.users, self.ward, prefix="tx.")
        return port

    def shelf(self, kind: type[R]) -> Shelf[R]:
        port: Shelf[R] = guarded(Shelf, self.inner.shelf(kind), self.ward, prefix="tx.")
        return port


class _Naming(AuditLog):
    def __init__(self, inner: AuditLog, written: list[str]) -> None:
        self._inner, self._written = inner, written

    async def kept(self, **which: Any) -> Any:
        return await self._inner.kept(**which)

    async def put(self, row: Any) -> None:
        self._written.append(f"{row.subject.partition(':')[0]}:{row.action}")
        await self._inner.put(row)

    async def of(self, subject: str) -> Any:
        return await self._inner.of(subject)


class Reruns(Protocol):
    """Whether a body is to run once in vain first."""

    def __call__(self) -> bool:
        """Now?"""


@frozen
class GuardedUnitOfWork(UnitOfWork):
    """Transactions with a point on either side of the commit, `commit[order:purchased]` and the like."""

    inner: UnitOfWork
    ward: Ward
    reruns: Reruns

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        written: list[str] = []

        async def watched(tx: Transaction) -> T:
            written.clear()
            token = INSIDE.set(True)
            try:
                result = await body(GuardedTransaction(tx, self.ward, written))
            finally:
                INSIDE.reset(token)
            await self.ward.before(self._point(written), Sort.STORE)
            return result

        if self.reruns():
            await self._in_vain(body)
        result = await self.inner.run(watched)
        await self.ward.after(self._point(written), Sort.STORE, None)
        return result

    async def _in_vain(self, body: Callable[[Transaction], Awaitable[T]]) -> None:
        async def discarded(tx: Transaction) -> None:
            token = INSIDE.set(True)
            try:
                await body(GuardedTransaction(tx, self.ward, []))
            finally:
                INSIDE.reset(token)
            raise Discarded

        try:
            await self.inner.run(discarded)
        except Discarded:
            return

    def _point(self, written: list[str]) -> str:
        return f"commit[{written[0] if written else 'other'}]"
