"""The books' own check, computed by the database in one snapshot of everything.

https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen
from odmantic import Model

from adapters.mongo.documents import (
    BalanceDocument,
    InvoiceDocument,
    OrderDocument,
    RefundDocument,
    TransferDocument,
)
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.books import BOOKED, Difference, Rule
from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.order import UNDECIDED, OrderState
from shipping_core.domain.refund import RefundState
from shipping_core.ports.books import Books

TIMEOUT_S = 240.0
"""A server keeps a snapshot for five minutes."""
Stages = list[Document]


def _where(field: str, *states: str) -> Document:
    return {"$in": [field, list(states)]}


def _minor(path: str, condition: Document | bool = True) -> Document:
    return {"$cond": [condition, {"$ifNull": [path, 0]}, 0]}


CAME = (InvoiceState.CREDITED.value, InvoiceState.REVERSED.value)
SUSPENDED = {"$map": {"input": {"$objectToArray": "$suspended"}, "in": "$$this.v.minor"}}
STATED: Mapping[str, tuple[type[Model], Mapping[Rule, object]]] = {
    "order": (
        OrderDocument,
        {
            Rule.HOLD: _minor("$price.minor", _where("$state", *(s.value for s in UNDECIDED))),
            Rule.CAPTURE: _minor("$charged.minor"),
            Rule.CARRIER_COST: _minor("$label.cost.minor"),
            Rule.CARRIER_CREDIT: _minor("$label.cost.minor", _where("$state", OrderState.VOIDED.value)),
            Rule.GIVEN_BACK: _minor("$refunded.minor"),
        },
    ),
    "invoice": (
        InvoiceDocument,
        {
            Rule.TOPUP: _minor("$amount.minor", _where("$state", *CAME)),
            Rule.REVERSAL: {"$multiply": ["$amount.minor", "$reversals"]},
            Rule.SUSPENSE: {"$sum": SUSPENDED},
        },
    ),
    "refund": (
        RefundDocument,
        {Rule.REFUND: _minor("$amount.minor", _where("$state", RefundState.PROCESSED.value))},
    ),
}
"""By what transfers belong to: who states which sum of each rule."""


def _of_owner(owner: str) -> Stages:
    """The rules about one kind of owner, in one pass over the journal."""
    model, stated = STATED[owner]
    rules = BOOKED[owner]
    kinds = sorted({kind.value for signs in rules.values() for kind in signs})
    sums = {rule: _signed({k.value: s for k, s in signs.items()}) for rule, signs in rules.items()}
    if Rule.SUSPENSE in sums:
        sums[Rule.SUSPENSE] = {"$cond": [{"$eq": [f"${owner}_id", None]}, 0, sums[Rule.SUSPENSE]]}
    journal: Stages = [
        {"$match": {"kind": {"$in": kinds}}},
        {"$project": {"_id": _key(owner, {"$ifNull": [f"${owner}_id", "$_id"]}), **_named("booked", sums)}},
    ]
    theirs: Stages = [{"$project": {"_id": _key(owner, "$_id"), **_named("stated", stated)}}]
    return [*journal, *_compared(tuple(rules), model, theirs)]


def _of_balances() -> Stages:
    """Each balance, and the fold of its transfers."""
    moved = {"$multiply": ["$amount.minor", -1]}
    lines = [{"account": "$source", "minor": moved}, {"account": "$target", "minor": "$amount.minor"}]
    journal: Stages = [
        {"$project": {"mode": 1, "line": lines}},
        {"$unwind": "$line"},
        {"$match": {"line.account": {"$regex": "^user:"}}},
        {"$project": {"_id": {"mode": "$mode", "subject": "$line.account"}, "booked_balance": "$line.minor"}},
    ]
    parts = [
        {"account": {"$concat": ["user:", "$_id.user", f":{part}"]}, "minor": f"${part}"}
        for part in ("available", "held")
    ]
    theirs: Stages = [
        {"$project": {"line": parts}},
        {"$unwind": "$line"},
        {
            "$project": {
                "_id": {"mode": "$_id.mode", "subject": "$line.account"},
                "stated_balance": "$line.minor",
            }
        },
    ]
    return [*journal, *_compared((Rule.BALANCE,), BalanceDocument, theirs)]


def _compared(rules: Sequence[Rule], model: type[Model], theirs: Stages) -> Stages:
    """Both sides of each rule added up by subject, where they differ."""
    pairs = [(f"booked_{rule.value}", f"stated_{rule.value}") for rule in rules]
    return [
        {"$unionWith": {"coll": +model, "pipeline": theirs}},
        {"$group": {"_id": "$_id", **{name: {"$sum": f"${name}"} for pair in pairs for name in pair}}},
        {"$match": {"$expr": {"$or": [{"$ne": [f"${ours}", f"${other}"]} for ours, other in pairs]}}},
        {"$sort": {"_id.mode": 1, "_id.subject": 1}},
    ]


def _key(owner: str, ref: object) -> Document:
    return {"mode": "$mode", "subject": {"$concat": [f"{owner}:", ref]}}


def _named(side: str, sums: Mapping[Rule, object]) -> Document:
    return {f"{side}_{rule.value}": made for rule, made in sums.items()}


def _signed(signs: Mapping[str, int]) -> Document:
    branches = [
        {"case": {"$eq": ["$kind", kind]}, "then": {"$multiply": ["$amount.minor", sign]}}
        for kind, sign in signs.items()
    ]
    return {"$switch": {"branches": branches, "default": 0}}


CHECKS: tuple[tuple[tuple[Rule, ...], Stages], ...] = (
    ((Rule.BALANCE,), _of_balances()),
    *((tuple(rules), _of_owner(owner)) for owner, rules in BOOKED.items()),
)


@frozen
class MongoBooks(Books):
    """One aggregation for each kind of owner."""

    scope: Scope

    async def differences(self, *, limit: int = 100) -> Sequence[Difference]:
        scope, found = evolve(self.scope, timeout_s=TIMEOUT_S), list[Difference]()
        client = scope.database.client
        with scope.act():
            async with client.start_session(snapshot=True) as session:
                for rules, stages in CHECKS:
                    lines = await scope.collection(TransferDocument).aggregate(
                        [*stages, {"$limit": limit}], session=session, allowDiskUse=True
                    )
                    found += [d for line in await lines.to_list() for d in _differences(rules, line)]
        return sorted(found)[:limit]


def _differences(rules: Sequence[Rule], line: Document) -> list[Difference]:
    made = (
        Difference(r.value, **line["_id"], booked=line[f"booked_{r.value}"], stated=line[f"stated_{r.value}"])
        for r in rules
    )
    return [difference for difference in made if difference.booked != difference.stated]
