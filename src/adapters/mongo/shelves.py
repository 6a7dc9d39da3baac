"""Records of any kind, each saved under its version; a unique index over `unique` keeps rivals out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Generic

from attrs import frozen
from odmantic import Model
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import CORE, from_document, to_document
from adapters.mongo.scope import Document, Scope
from shipping_core.conversation.codec import dump
from shipping_core.domain.listing import check_found_by
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.shelves import R, Shelf


@frozen
class MongoShelf(Shelf[R], Generic[R]):
    """One kind of records."""

    scope: Scope
    kind: type[R]

    async def add(self, record: R) -> None:
        taken: list[Document] = [{"unique": {"$in": list(record.unique)}}] if record.unique else []
        if not await self.scope.insert(self._model, to_document(record), taken=taken):
            raise Conflict(self._name, record.record_id)

    async def get(self, record_id: str) -> R:
        found = await self.scope.one(self._model, {"_id": record_id})
        if found is None:
            raise NotFound(self._name, record_id)
        return from_document(found, self.kind)

    async def save(self, record: R) -> None:
        if self.scope.careful and record.unique:
            rival = {"_id": {"$ne": record.record_id}, "unique": {"$in": list(record.unique)}}
            if await self.scope.one(self._model, rival):
                raise Conflict(self._name, record.record_id)
        try:
            replaced = await self.scope.replace(self._model, to_document(record), version=record.version - 1)
        except Conflict as exc:
            if isinstance(exc.__cause__, DuplicateKeyError):
                raise Conflict(self._name, record.record_id) from exc
            raise
        await self._was(record, done=replaced)

    async def remove(self, record: R) -> None:
        with self.scope.act():
            done = await self.scope.collection(self._model).delete_one(
                {"_id": record.record_id, "version": record.version}, session=self.scope.session
            )
        await self._was(record, done=done.deleted_count == 1)

    async def by_unique(self, word: str) -> R | None:
        found = await self.scope.one(self._model, {"unique": word}) if word else None
        return None if found is None else from_document(found, self.kind)

    async def find(
        self,
        where: Mapping[str, object],
        *,
        changed_before: dt.datetime | None = None,
        limit: int = 100,
    ) -> Sequence[R]:
        query = self._query(where, changed_before)
        found = await self.scope.some(self._model, query, sort=[("updated_at", 1), ("_id", 1)], limit=limit)
        return [from_document(document, self.kind) for document in found]

    async def count(self, where: Mapping[str, object], *, changed_before: dt.datetime | None = None) -> int:
        query = self._query(where, changed_before)
        with self.scope.act():
            return await self.scope.collection(self._model).count_documents(query, session=self.scope.session)

    def _query(self, where: Mapping[str, object], changed_before: dt.datetime | None) -> Document:
        check_found_by(self._name, where)
        query: Document = {name: _wanted(value) for name, value in where.items()}
        if changed_before is not None:
            query["updated_at"] = {"$lt": changed_before}
        return query

    @property
    def _name(self) -> str:
        return self.kind.__name__

    @property
    def _model(self) -> type[Model]:
        return CORE[self.kind]

    async def _was(self, record: R, *, done: bool) -> None:
        if not done:
            await self.get(record.record_id)
            raise Conflict(self._name, record.record_id)


def _wanted(value: object) -> object:
    return {"$in": dump(value)} if isinstance(value, tuple) else dump(value)
