"""What the database itself enforces: indexes with their options, and a schema for every document.

The schemas follow from the odmantic models, and are narrowed where a wrong value would cost money: amounts
are whole numbers, and states, kinds and modes are words we know.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen
from odmantic import EmbeddedModel, Model
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure

from adapters.mongo import documents as docs
from adapters.mongo.errors import StoreRefused
from adapters.mongo.scope import DatabaseOf, Document
from shipping_core.conversation.session import SESSION_TTL
from shipping_core.domain.access import Act, ApprovalState, Role
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.broadcast import BroadcastState, CopyState
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.ledger import Kind
from shipping_core.domain.letter import LetterState, Word
from shipping_core.domain.listing import FOUND_BY, LISTED
from shipping_core.domain.money import EXPONENTS, LIMIT_MINOR
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import RefundState
from shipping_core.ports import answers
from shipping_core.ports.documents import KEPT_FOR

Keys = tuple[tuple[str, int], ...]
SET = docs.SET
A_TIME = {"$gt": docs.LONG_AGO}
INDEX_CONFLICTS = {85, 86}
"""IndexOptionsConflict and IndexKeySpecsConflict."""


@frozen
class Index:
    """One index of one kind of document; `only` restricts it to documents that fit."""

    kind: type[Model]
    name: str
    keys: Keys
    unique: bool = False
    only: Mapping[str, Any] = field(factory=dict)
    expires_after: dt.timedelta | None = None

    def options(self) -> Document:
        """Everything about it that changes what it does, as the server lists it."""
        made: Document = {"key": list(self.keys)}
        if self.unique:
            made["unique"] = True
        if self.only:
            made["partialFilterExpression"] = dict(self.only)
        if self.expires_after is not None:
            made["expireAfterSeconds"] = int(self.expires_after.total_seconds())
        return made

    def model(self) -> IndexModel:
        """It, as the driver wants it described."""
        options = self.options()
        return IndexModel(options.pop("key"), name=self.name, **options)


def list_keys(lead: str, sort: str) -> Keys:
    """The index that lists what is led by this field, or by none, in this order."""
    return *(((lead, 1),) if lead else ()), (sort, 1), ("_id", 1)


def _lists() -> Iterator[Index]:
    """An index for each line of the table of lists; what has no value to be filtered by is not in it."""
    for listed in LISTED.values():
        kind = docs.CORE[listed.kind]
        for sort in listed.sorts:
            words = ("words",) if listed.words and sort == listed.time else ()
            for lead in ("", *listed.filters_of(sort), *words):
                only = {lead: SET} if lead and _nullable(kind, lead) else {}
                yield Index(kind, f"list_{lead}_{sort}".replace(".", "_"), list_keys(lead, sort), only=only)


def _nullable(kind: type[Model], name: str) -> bool:
    hint = kind.model_fields[name.partition(".")[0]].annotation
    return types.NoneType in typing.get_args(hint)


_OWN = (
    Index(docs.OrderDocument, "reference", (("reference", 1),), unique=True),
    Index(docs.OrderDocument, "of_user", (("user_id", 1), ("created_at", -1), ("number", -1))),
    Index(docs.OrderDocument, "in_states", (("state", 1), ("updated_at", 1), ("_id", 1))),
    Index(docs.OrderDocument, "to_watch", (("watch_at", 1), ("_id", 1)), only={"watch_at": A_TIME}),
    Index(
        docs.OrderDocument,
        "by_tracking",
        (("user_id", 1), ("label.tracking_number", 1)),
        only={"label.tracking_number": SET},
    ),
    Index(
        docs.OrderDocument,
        "to_remind",
        (("created_at", 1), ("_id", 1), ("rate.carrier_code", 1)),
        only={"state": OrderState.PURCHASED.value, "closing_told": False},
    ),
    Index(docs.OrderDocument, "named", (("updated_at", 1), ("_id", 1)), only={"addresses_gone": False}),
    Index(
        docs.BalanceDocument, "with_money", (("_id.mode", 1), ("_id.user", 1)), only={"available": {"$gt": 0}}
    ),
    Index(docs.TransferDocument, "resolves", (("resolves", 1),), unique=True, only={"resolves": SET}),
    Index(docs.TransferDocument, "source", (("source", 1), ("created_at", 1), ("number", 1))),
    Index(docs.TransferDocument, "target", (("target", 1), ("created_at", 1), ("number", 1))),
    Index(
        docs.SessionDocument,
        "spent",
        (("last_updated", 1),),
        only={"spent": True},
        expires_after=SESSION_TTL,
    ),
    Index(docs.SessionDocument, "unanswered", (("waits", 1), ("last_updated", 1), ("_id", 1))),
    Index(docs.FileDocument, "kept", (("kept_at", 1),), expires_after=KEPT_FOR),
    Index(
        docs.InvoiceDocument,
        "link",
        (("mode", 1), ("links.track_id", 1)),
        unique=True,
        only={"links.track_id": SET},
    ),
    Index(docs.InvoiceDocument, "of_user", (("user_id", 1), ("mode", 1), ("created_at", -1), ("_id", -1))),
    Index(docs.InvoiceDocument, "to_ask", (("ask_at", 1), ("_id", 1)), only={"ask_at": A_TIME}),
    Index(docs.InvoiceDocument, "in_review", (("updated_at", 1), ("_id", 1)), only={"in_review": True}),
    Index(docs.NoticeDocument, "pending", (("at", 1), ("number", 1)), only={"outcome": ""}),
    Index(docs.LetterDocument, "oldest", (("state", 1), ("user_id", 1), ("created_at", 1), ("number", 1))),
    Index(docs.LetterDocument, "ended", (("state", 1), ("created_at", -1), ("number", -1))),
    Index(
        docs.LetterDocument,
        "claimed_for",
        (("claimed_for", 1),),
        unique=True,
        only={"claimed_for": SET},
    ),
    Index(docs.GuessesDocument, "forgotten", (("until", 1),), expires_after=dt.timedelta(minutes=1)),
    Index(docs.AnswerDocument, "kept", (("begun_at", 1),), expires_after=answers.KEPT_FOR),
    Index(docs.AuditDocument, "kept", (("number", 1),)),
    Index(docs.AuditDocument, "subject", (("subject", 1), ("at", 1), ("number", 1))),
    Index(docs.CountDocument, "of_time", tuple((f"_id.{n}", 1) for n in ("mode", "code", "at"))),
    *(
        Index(model, "unique", (("unique", 1),), unique=True, only={"unique": SET})
        for kind, model in docs.CORE.items()
        if kind.__name__ in FOUND_BY
    ),
    *(
        Index(model, f"by_{'_'.join(names)}", (*((n, 1) for n in names), ("updated_at", 1), ("_id", 1)))
        for kind, model in docs.CORE.items()
        for names in FOUND_BY.get(kind.__name__, ())
    ),
)
INDEXES = (
    *_OWN,
    *(made for made in _lists() if (made.kind, made.keys) not in {(i.kind, i.keys) for i in _OWN}),
)

INTEGER: Document = {"bsonType": ["int", "long"]}
WHOLE: Document = {**INTEGER, "minimum": 0}
MONEY: Document = {
    "bsonType": "object",
    "required": ["minor", "currency"],
    "properties": {"minor": INTEGER, "currency": {"enum": sorted(EXPONENTS)}},
}
MOVED: Document = {
    **MONEY,
    "properties": {**MONEY["properties"], "minor": {**INTEGER, "minimum": 1, "maximum": LIMIT_MINOR}},
}


def _or_null(schema: Document) -> Document:
    return {**schema, "bsonType": [schema["bsonType"], "null"]}


def _words(kind: type[Enum]) -> Document:
    return {"enum": [word.value for word in kind]}


def _priced(*amounts: str) -> Document:
    return {"bsonType": "object", "properties": dict.fromkeys(amounts, MONEY)}


MODE, LABEL = _words(Mode), _or_null(_priced("cost"))
NARROWED: dict[type[Model], Document] = {
    docs.OrderDocument: {
        "mode": MODE,
        "state": _words(OrderState),
        "version": WHOLE,
        "price": MONEY,
        "charged": _or_null(MONEY),
        "rate": _priced("price", "cost"),
        "label": LABEL,
        "stray": LABEL,
        "refunded": _or_null(MONEY),
    },
    docs.RefundDocument: {
        "mode": MODE,
        "state": _words(RefundState),
        "version": WHOLE,
        "price": MONEY,
        "amount": MONEY,
    },
    docs.ApprovalDocument: {"state": _words(ApprovalState), "act": _words(Act), "version": WHOLE},
    docs.ApiKeyDocument: {"role": _words(Role), "version": WHOLE},
    docs.BroadcastDocument: {"state": _words(BroadcastState), "version": WHOLE},
    docs.CopyDocument: {"state": _words(CopyState)},
    docs.AlertDocument: {"kind": _words(AlertKind)},
    docs.TransferDocument: {"mode": MODE, "kind": _words(Kind), "amount": MOVED},
    docs.BalanceDocument: {"currency": {"enum": sorted(EXPONENTS)}, "held": WHOLE, "version": WHOLE},
    docs.InvoiceDocument: {
        "mode": MODE,
        "state": _words(InvoiceState),
        "version": WHOLE,
        "amount": MONEY,
        "suspended": {"bsonType": "object", "additionalProperties": MONEY},
    },
    docs.LetterDocument: {"state": _words(LetterState), "word": _words(Word)},
    docs.LeaseDocument: {"fence": WHOLE},
}
"""What the models cannot say."""

BSON_TYPES: dict[Any, str | list[str]] = {
    bool: "bool",
    str: "string",
    int: ["int", "long"],
    bytes: "binData",
    dt.datetime: "date",
    dict: "object",
    list: "array",
}


def schema(kind: type[Model]) -> Document:
    """The `$jsonSchema` of a kind of document."""
    properties = {name: _schema_of(hint) for name, hint in _fields(kind)}
    return {
        "bsonType": "object",
        "required": sorted(properties),
        "additionalProperties": False,
        "properties": {**properties, **NARROWED.get(kind, {})},
    }


def _fields(kind: type[Model] | type[EmbeddedModel]) -> Iterator[tuple[str, Any]]:
    primary = getattr(kind, "__primary_field__", None)
    for name, info in kind.model_fields.items():
        yield ("_id" if name == primary else name), info.annotation


def _schema_of(hint: Any) -> Document:
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        (only,) = (arg for arg in typing.get_args(hint) if arg is not types.NoneType)
        found = _schema_of(only)["bsonType"]
        return {"bsonType": [*([found] if isinstance(found, str) else found), "null"]}
    if isinstance(hint, type) and issubclass(hint, EmbeddedModel):
        parts = {name: _schema_of(part) for name, part in _fields(hint)}
        return {
            "bsonType": "object",
            "required": sorted(parts),
            "additionalProperties": False,
            "properties": parts,
        }
    plain = typing.get_origin(hint) or hint  # odmantic puts subclasses of its own in the place of some
    return {"bsonType": next(name for base, name in BSON_TYPES.items() if issubclass(plain, base))}


async def missing(database: DatabaseOf) -> list[str]:
    """What `ensure` would make, in words."""
    there = set(await database.list_collection_names())
    found = [f"collection {+kind}" for kind in docs.DOCUMENTS if +kind not in there]
    for kind in docs.DOCUMENTS:
        names = await _listed(database, kind) if +kind in there else {}
        found += [
            f"index {index.name} of {+kind}"
            for index in INDEXES
            if index.kind is kind and index.name not in names
        ]
    return found


async def unfit(database: DatabaseOf) -> list[type[Model]]:
    """The kinds whose collection has another schema than this program's."""
    schemas = {
        c["name"]: c.get("options", {}).get("validator", {}) async for c in await database.list_collections()
    }
    return [
        k for k in docs.DOCUMENTS if schemas.get(+k, {"$jsonSchema": schema(k)}) != {"$jsonSchema": schema(k)}
    ]


async def fit(database: DatabaseOf) -> None:
    """Give the collections this program's schemas; what is in them is not looked at."""
    for kind in await unfit(database):
        await database.command("collMod", +kind, validator={"$jsonSchema": schema(kind)})


async def ensure(database: DatabaseOf) -> None:
    """Make the collections, schemas and indexes that are not there.

    Raises:
        StoreRefused: an index cannot be made because of what is there.
    """
    there = set(await database.list_collection_names())
    for kind in docs.DOCUMENTS:
        if +kind not in there:
            try:
                await database.create_collection(+kind, validator={"$jsonSchema": schema(kind)})
            except CollectionInvalid:
                continue  # another program of ours was first
            except OperationFailure as exc:
                if exc.code != 48:  # NamespaceExists
                    raise
    for kind in docs.DOCUMENTS:
        ours = [index for index in INDEXES if index.kind is kind]
        try:
            if ours:
                await database[+kind].create_indexes([index.model() for index in ours])
        except OperationFailure:
            for index in ours:
                await _make(database, index)


async def _make(database: DatabaseOf, index: Index) -> None:
    """One alone, to know which it is that cannot be made."""
    try:
        await database[+index.kind].create_indexes([index.model()])
    except DuplicateKeyError as exc:
        raise StoreRefused(
            f"unique index {index.name} of {+index.kind} cannot be made: remove the duplicates it met."
        ) from exc
    except OperationFailure as exc:
        if exc.code not in INDEX_CONFLICTS:
            raise
        raise _differs(index) from exc


async def verify(database: DatabaseOf) -> None:
    """Look whether everything is there and as it must be.

    Raises:
        StoreRefused: something is missing or different.
    """
    for kind in await unfit(database):
        raise StoreRefused(
            f"the schema of {+kind} is not this program's: run the one that fits, or mend it by collMod."
        )
    for kind in docs.DOCUMENTS:
        found = await _listed(database, kind)
        ours = {index.name: index for index in INDEXES if index.kind is kind}
        for index in ours.values():
            if found.get(index.name) != index.options():
                raise _differs(index)
        for name, options in found.items():
            if name not in ours and options.keys() & {"unique", "expireAfterSeconds"}:
                raise StoreRefused(f"index {name} of {+kind} is not this program's: drop it and start again.")


async def _listed(database: DatabaseOf, kind: type[Model]) -> dict[str, Document]:
    wanted = ("unique", "partialFilterExpression", "expireAfterSeconds", "sparse", "hidden", "collation")
    return {
        index["name"]: {
            "key": list(index["key"].items()),
            **{k: _aware(index[k]) for k in wanted if index.get(k)},
        }
        async for index in await database[+kind].list_indexes()
        if index["name"] != "_id_"
    }


def _aware(listed: Any) -> Any:
    """The same with its times in UTC: the driver lists indexes with naive ones."""
    if isinstance(listed, Mapping):
        return {key: _aware(value) for key, value in listed.items()}
    return listed.replace(tzinfo=dt.UTC) if isinstance(listed, dt.datetime) else listed


def _differs(index: Index) -> StoreRefused:
    return StoreRefused(
        f"index {index.name} of {+index.kind} is missing or different: drop what is there and start again."
    )
