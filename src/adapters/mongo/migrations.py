"""The database's schema version, and the steps that led to it.

Each step may be repeated: one that was interrupted before its version was marked simply runs again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from attrs import frozen
from odmantic import Model
from pymongo import UpdateOne

from adapters.mongo import indexes
from adapters.mongo.documents import CORE, WORDS, MetaDocument, lacking, words_now
from adapters.mongo.errors import StoreRefused
from adapters.mongo.scope import DatabaseOf, Document

log = logging.getLogger(__name__)
SCHEMA = "schema"
AT_ONCE = 500


@frozen
class Migration:
    """One step to `version`; `step` changes the database, `planned` says in words what it would change."""

    version: int
    title: str
    step: Callable[[DatabaseOf], Awaitable[None]]
    planned: Callable[[DatabaseOf], Awaitable[list[str]]]


async def _complete(database: DatabaseOf) -> None:
    """New collections and schemas first, so that from then on nobody adds what lacks something."""
    await indexes.ensure(database)
    await indexes.fit(database)
    for kind, model in CORE.items():
        changes: list[UpdateOne] = []
        async for document in database[+model].find(_incomplete(model), sort=[("_id", 1)]):
            only = {"_id": document["_id"], **_incomplete(model)}
            changes.append(UpdateOne(only, {"$set": lacking(document, kind)}))
            if len(changes) == AT_ONCE:
                await database[+model].bulk_write(changes)
                changes = []
        if changes:
            await database[+model].bulk_write(changes)


async def _found_anew(database: DatabaseOf) -> None:
    """Whatever is new since the step before, and everything under the words it is looked for by now."""
    await _complete(database)
    for kind in WORDS:
        collection, changes = database[+CORE[kind]], list[UpdateOne]()
        async for found in _misplaced(database, kind):
            same = {"_id": found["_id"], "words": found["words"]}
            changes.append(UpdateOne(same, {"$set": {"words": words_now(found, kind)}}))
            if len(changes) == AT_ONCE:
                await collection.bulk_write(changes)
                changes = []
        if changes:
            await collection.bulk_write(changes)


async def _to_find_anew(database: DatabaseOf) -> list[str]:
    if await stored_version(database) < 2:
        return []  # the steps before leave nothing else to do
    found = await _incompleteness(database)
    for kind in WORDS:
        count = sum([1 async for _ in _misplaced(database, kind)])
        found += [f"words of {count} documents of {+CORE[kind]}"] if count else []
    return found


async def _misplaced(database: DatabaseOf, kind: type) -> AsyncIterator[Document]:
    """What is kept under other words than it is looked for by."""
    async for found in database[+CORE[kind]].find({"words": {"$exists": True}}, sort=[("_id", 1)]):
        if found["words"] != words_now(found, kind):
            yield found


async def _incompleteness(database: DatabaseOf) -> list[str]:
    if await stored_version(database) == 0:
        return []  # the first step makes it whole
    found = await indexes.missing(database)
    found += [f"schema of {+kind}" for kind in await indexes.unfit(database)]
    for model in CORE.values():
        count = await database[+model].count_documents(_incomplete(model))
        found += [f"{count} documents of {+model}"] if count else []
    return found


def _incomplete(model: type[Model]) -> Document:
    names = model.model_fields.keys() - {model.__primary_field__}
    return {"$or": [{name: {"$exists": False}} for name in sorted(names)]}


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "collections, schemas and indexes", indexes.ensure, indexes.missing),
    Migration(2, "what the office needs to know of everything", _complete, _incompleteness),
    Migration(3, "everything under the words it is looked for by", _found_anew, _to_find_anew),
)


async def stored_version(database: DatabaseOf) -> int:
    """The version the database is at; 0 for a new one."""
    found = await database[+MetaDocument].find_one({"_id": SCHEMA})
    return 0 if found is None else MetaDocument.model_validate_doc(found).version


async def migrate(
    database: DatabaseOf, *, steps: Sequence[Migration] = MIGRATIONS, dry_run: bool = False
) -> list[str]:
    """Bring the database to the newest version; what was done, or with `dry_run` what would be done.

    Raises:
        StoreRefused: the database is of a newer program.
    """
    at, newest = await stored_version(database), steps[-1].version
    if at > newest:
        raise StoreRefused(
            f"the database is at schema {at} and this program knows {newest}: run the newer program."
        )
    done: list[str] = []
    for migration in steps:
        if migration.version <= at:
            continue
        planned = await migration.planned(database)
        done += [f"{migration.version}: {what}" for what in planned] or [f"{migration.version}: its mark"]
        if not dry_run:
            await migration.step(database)
            await _mark(database, migration.version)
            log.info("the database is at schema %d now: %s", migration.version, migration.title)
    return done


async def _mark(database: DatabaseOf, version: int) -> None:
    await database[+MetaDocument].update_one(
        {"_id": SCHEMA}, {"$max": {"version": version}, "$currentDate": {"at": True}}, upsert=True
    )
