"""Where a repository works: in a database, alone or in a transaction; and what the driver's errors mean.

A transaction's body may run several times. The driver's `with_transaction` runs it again after a lost race,
and repeats only the commit when that was not answered. A duplicate key is let out of the body, because the
server has aborted the transaction by then; the body then runs once more, `careful`: each act first reads what
is there and decides between "done already" and Conflict. So the usual case saves that reading.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import pymongo
from attrs import define, evolve, frozen
from bson.errors import BSONError
from odmantic import Model
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    ConfigurationError,
    DocumentTooLarge,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shipping_core.errors import Conflict, StoreUnavailable, TransactionConflict

T = TypeVar("T")
Document = dict[str, Any]
DatabaseOf = AsyncDatabase[Document]
Sort = Sequence[tuple[str, int]]

ACT_TIMEOUT_S = 10.0
"""How long one act, or one transaction with all its runs, may take; the server gets it as `maxTimeMS`."""
ABORT_RESERVE_S = 1.0
"""What a transaction keeps of its time to be ended in."""
DUPLICATE_RUNS = 6
WRITE_CONFLICT = 112
NOT_VALID = 121


def translated(error: PyMongoError | BSONError) -> Exception:
    """What the core knows this error of the driver as."""
    met = error.__cause__ if isinstance(error.__cause__, OperationFailure) else error
    code = met.code if isinstance(met, OperationFailure) else None
    if isinstance(met, DuplicateKeyError):
        return Conflict("key", "is another document's")
    if code == WRITE_CONFLICT:
        return TransactionConflict("transaction", "lost against others again and again")
    if code == NOT_VALID or isinstance(met, BSONError | DocumentTooLarge | ConfigurationError):
        return ValueError(f"not a document this store keeps: {type(met).__name__}")
    return StoreUnavailable(f"{type(met).__name__} {code or ''}".strip())


@frozen
class Scope:
    """A database, and the transaction a repository takes part in, if any."""

    database: DatabaseOf
    session: AsyncClientSession | None = None
    careful: bool = False
    """Whether an earlier run of this body met a duplicate: look before you write."""
    timeout_s: float = ACT_TIMEOUT_S

    def collection(self, kind: type[Model]) -> AsyncCollection[Document]:
        """Where documents of this kind are."""
        return self.database[+kind]

    @contextlib.contextmanager
    def act(self) -> Iterator[None]:
        """Bounds what happens inside and translates its errors; in a transaction that is `transact`'s to do.

        Raises:
            StoreUnavailable: the store did not answer in time; the act may be done or not.
        """
        if self.session is not None:
            yield
            return
        try:
            with pymongo.timeout(self.timeout_s):
                yield
        except (PyMongoError, BSONError) as exc:
            raise translated(exc) from exc

    async def one(self, kind: type[Model], query: Mapping[str, Any]) -> Document | None:
        """The document, or None."""
        with self.act():
            return await self.collection(kind).find_one(query, session=self.session)

    async def count(
        self,
        kind: type[Model],
        query: Mapping[str, Any],
        *,
        limit: int | None = None,
        hint: Sort | None = None,
    ) -> int:
        """How many documents, up to `limit` where there is one, by the index of these keys."""
        if limit is not None and limit <= 0:
            return 0
        more: dict[str, Any] = {} if hint is None else {"hint": list(hint)}
        more |= {} if limit is None else {"limit": limit}
        with self.act():
            return await self.collection(kind).count_documents(query, session=self.session, **more)

    async def some(
        self,
        kind: type[Model],
        query: Mapping[str, Any],
        *,
        sort: Sort = (),
        limit: int,
        skip: int = 0,
        hint: Sort | None = None,
    ) -> list[Document]:
        """Up to `limit` documents in this order, by the index of these keys."""
        if limit <= 0:
            return []
        with self.act():
            cursor = self.collection(kind).find(
                query, sort=list(sort) or None, limit=limit, skip=skip, session=self.session, hint=hint
            )
            return await cursor.to_list()

    async def insert(self, kind: type[Model], document: Document, *, taken: Sequence[Document] = ()) -> bool:
        """Whether it is new; False when its id is known, or something fits one of the queries `taken`.

        Inside a transaction a duplicate ends this run, and the next, careful one sees what is there.
        """
        if self.careful and await self.one(kind, {"$or": [{"_id": document["_id"]}, *taken]}):
            return False
        try:
            with self.act():
                await self.collection(kind).insert_one(document, session=self.session)
        except Conflict as exc:
            if isinstance(exc.__cause__, DuplicateKeyError):
                return False
            raise
        return True

    async def replace(
        self, kind: type[Model], document: Document, *, version: int, keep: Collection[str] = ()
    ) -> bool:
        """Put the document in the place of this version of it; False when another one is stored, or none.

        `keep` are fields that stay as they were first written.

        Raises:
            Conflict: one of its unique keys is another document's.
        """
        query = {"_id": document["_id"], "version": version}
        fields = {k: v for k, v in document.items() if k != "_id" and k not in keep}
        return await self.change(kind, query, {"$set": fields})

    async def change(
        self,
        kind: type[Model],
        query: Document,
        change: Document | list[Document],
        *,
        upsert: bool = False,
    ) -> bool:
        """Change the one document that fits the query; whether there was one."""
        with self.act():
            done = await self.collection(kind).update_one(query, change, upsert=upsert, session=self.session)
        return done.matched_count == 1

    async def transact(self, body: Callable[[Scope], Awaitable[T]]) -> T:
        """Run `body` in this scope's transaction, or in one of its own.

        Raises:
            TransactionConflict: it lost against others until its time was over; nothing is committed.
            StoreUnavailable: the store did not answer in time; it may be committed or not.
        """
        if self.session is not None:
            return await body(self)
        run = _Run(self, asyncio.get_running_loop().time() + self.timeout_s - ABORT_RESERVE_S)
        for careful in (False, *[True] * DUPLICATE_RUNS):
            with contextlib.suppress(DuplicateKeyError):
                return await run.once(body, careful=careful)
        raise TransactionConflict("transaction", "met the same key again and again")


@define
class _Run:
    """The runs of one body, until they are committed or their time is over."""

    scope: Scope
    deadline: float
    lost: bool = False
    """Whether the last run ended in a lost race."""

    async def once(self, body: Callable[[Scope], Awaitable[T]], *, careful: bool) -> T:
        loop, client = asyncio.get_running_loop(), self.scope.database.client

        async def attempt(session: AsyncClientSession) -> T:
            scope = evolve(self.scope, session=session, careful=careful)
            try:
                async with asyncio.timeout_at(self.deadline):
                    return await body(scope)
            except OperationFailure as exc:
                if not exc.timeout:
                    self.lost = exc.code == WRITE_CONFLICT
                raise

        async with client.start_session() as session:
            try:
                with pymongo.timeout(max(0.0, self.deadline - loop.time())):
                    return await session.with_transaction(
                        attempt,
                        read_concern=ReadConcern("snapshot"),
                        write_concern=WriteConcern("majority", j=True),
                        read_preference=ReadPreference.PRIMARY,
                    )
            except DuplicateKeyError:
                raise
            except (PyMongoError, BSONError, TimeoutError) as exc:
                await self._end(session)
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise asyncio.CancelledError from exc  # the driver met another error while it aborted
                raise self._verdict(exc) from exc
            except asyncio.CancelledError:
                await self._end(session)
                raise

    async def _end(self, session: AsyncClientSession) -> None:
        """See to it that the server does not keep the transaction open, and others locked out, for a minute.

        It is aborted unless it was committed, whatever became of the answers; its key tells which.
        """
        with contextlib.suppress(PyMongoError), pymongo.timeout(ABORT_RESERVE_S):
            await self.scope.database.client.admin.command("killSessions", [session.session_id])

    def _verdict(self, error: PyMongoError | BSONError | TimeoutError) -> Exception:
        if self.lost and (isinstance(error, TimeoutError) or getattr(error, "timeout", False)):
            return TransactionConflict("transaction", "lost against others until its time was over")
        if isinstance(error, TimeoutError):
            return StoreUnavailable("the transaction's time is over")
        return translated(error)
