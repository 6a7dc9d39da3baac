"""Opening the store: connect, refuse what is not safe, bring the schema up to date, hand out the ports."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pymongo
from attrs import frozen
from pymongo.errors import PyMongoError
from pymongo.monitoring import _EventListener

from adapters.mongo import indexes
from adapters.mongo.alerts import MongoAlerts
from adapters.mongo.answers import MongoAnswers, MongoGuesses
from adapters.mongo.audit import MongoAudit
from adapters.mongo.balances import MongoBalances
from adapters.mongo.books import MongoBooks
from adapters.mongo.client import SELECTION_TIMEOUT_S, Client, check_server, make_client, refusal
from adapters.mongo.documents import MetaDocument
from adapters.mongo.embedded import EMBEDDED, embedded_server
from adapters.mongo.files import MongoFiles
from adapters.mongo.inbox import MongoInbox
from adapters.mongo.invoices import MongoInvoices
from adapters.mongo.leases import MongoLeases
from adapters.mongo.lists import MongoLists
from adapters.mongo.migrations import MIGRATIONS, migrate
from adapters.mongo.orders import MongoOrders
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.personal_data import MongoPersonalData
from adapters.mongo.scope import Scope
from adapters.mongo.segments import MongoSegments
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.shelves import MongoShelf
from adapters.mongo.statistics import MongoStatistics
from adapters.mongo.unit_of_work import MongoUnitOfWork
from adapters.mongo.users import MongoUsers
from shipping_core.ports.shelves import R

DATABASE = "shipping"
READY_TIMEOUT_S = 2.0


@frozen
class Store:
    """Every storage port over one client."""

    scope: Scope

    @property
    def unit_of_work(self) -> MongoUnitOfWork:
        return MongoUnitOfWork(self.scope)

    @property
    def balances(self) -> MongoBalances:
        return MongoBalances(self.scope)

    @property
    def orders(self) -> MongoOrders:
        return MongoOrders(self.scope)

    @property
    def invoices(self) -> MongoInvoices:
        return MongoInvoices(self.scope)

    @property
    def sessions(self) -> MongoSessions:
        return MongoSessions(self.scope)

    @property
    def users(self) -> MongoUsers:
        return MongoUsers(self.scope)

    @property
    def files(self) -> MongoFiles:
        return MongoFiles(self.scope)

    @property
    def inbox(self) -> MongoInbox:
        return MongoInbox(self.scope)

    @property
    def outbox(self) -> MongoOutbox:
        return MongoOutbox(self.scope)

    @property
    def audit(self) -> MongoAudit:
        return MongoAudit(self.scope)

    def shelf(self, kind: type[R]) -> MongoShelf[R]:
        return MongoShelf(self.scope, kind)

    @property
    def statistics(self) -> MongoStatistics:
        return MongoStatistics(self.scope)

    @property
    def guesses(self) -> MongoGuesses:
        return MongoGuesses(self.scope)

    @property
    def answers(self) -> MongoAnswers:
        return MongoAnswers(self.scope)

    @property
    def books(self) -> MongoBooks:
        return MongoBooks(self.scope)

    @property
    def lists(self) -> MongoLists:
        return MongoLists(self.scope)

    @property
    def segments(self) -> MongoSegments:
        return MongoSegments(self.scope)

    @property
    def personal_data(self) -> MongoPersonalData:
        return MongoPersonalData(self.scope)

    @property
    def alerts(self) -> MongoAlerts:
        return MongoAlerts(self.scope)

    @property
    def leases(self) -> MongoLeases:
        return MongoLeases(self.scope)

    async def ready(self) -> str:
        """`ok`, or what is wrong, in words for the health route."""
        try:
            with pymongo.timeout(READY_TIMEOUT_S):
                hello = await self.scope.database.client.admin.command("hello")
        except PyMongoError as exc:
            return f"mongo does not answer ({type(exc).__name__})"
        return "ok" if hello.get("isWritablePrimary") else "mongo has no primary"


@contextlib.asynccontextmanager
async def open_store(
    url: str,
    database: str = DATABASE,
    *,
    selection_timeout_s: float = SELECTION_TIMEOUT_S,
    listeners: Sequence[_EventListener] = (),
) -> AsyncIterator[Store]:
    """The store at this address (`mongodb://…`, or `embedded:DIR` for a server of our own), until the end.

    Raises:
        StoreRefused: it cannot be used; one sentence says how to mend that.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = await connected(stack, url, selection_timeout_s=selection_timeout_s, listeners=listeners)
        try:
            scope = Scope(client[database])
            await migrate(scope.database)
            await indexes.ensure(scope.database)
            await indexes.verify(scope.database)
            await _write_something(scope)
        except PyMongoError as exc:
            raise refusal(exc, client) from exc
        yield Store(scope)


async def connected(
    stack: contextlib.AsyncExitStack,
    url: str,
    *,
    selection_timeout_s: float = SELECTION_TIMEOUT_S,
    listeners: Sequence[_EventListener] = (),
) -> Client:
    """A client that has met a server we can use, or that we started; `stack` closes both.

    Raises:
        StoreRefused: there is none.
    """
    if url.startswith(EMBEDDED):
        url = await stack.enter_async_context(embedded_server(Path(url.removeprefix(EMBEDDED))))
    client = await make_client(url, selection_timeout_s=selection_timeout_s, listeners=listeners)
    stack.push_async_callback(client.close)
    try:
        await check_server(client)
    except PyMongoError as exc:
        raise refusal(exc, client) from exc
    return client


async def pending_migrations(url: str, database: str = DATABASE) -> list[str]:
    """What opening this store would change in its schema, without changing it.

    Raises:
        StoreRefused: it cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = await connected(stack, url)
        try:
            return await migrate(client[database], steps=MIGRATIONS, dry_run=True)
        except PyMongoError as exc:
            raise refusal(exc, client) from exc


async def _write_something(scope: Scope) -> None:
    """A write that a majority confirms shows a read-only user, a full disk and a crippled set at once."""
    mark = {"$inc": {"version": 1}, "$currentDate": {"at": True}}
    with pymongo.timeout(scope.timeout_s):
        await scope.collection(MetaDocument).update_one({"_id": "opened"}, mark, upsert=True)
