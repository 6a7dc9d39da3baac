"""Leases, judged by the server's clock alone."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from pymongo import ReturnDocument

from adapters.mongo.documents import LONG_AGO, LeaseDocument
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.lease import Lease
from shipping_core.ports.leases import Leases

SERVER_NOW = "$$NOW"


def server_later(seconds: float) -> dict[str, Any]:
    """The server's present plus this, in a pipeline."""
    return {"$add": [SERVER_NOW, round(seconds * 1000)]}


@frozen
class MongoLeases(Leases):
    """One document a name: it is taken, renewed or left alone in one step on the server."""

    scope: Scope

    async def take(self, name: str, owner: str, *, term_s: float) -> Lease | None:
        me = {"$literal": owner}
        running = {"$gt": ["$until", SERVER_NOW]}
        mine = {"$and": [{"$eq": ["$owner", me]}, running]}
        fence = {"$ifNull": ["$fence", 0]}
        grant = {
            "owner": {"$cond": [running, "$owner", me]},
            "fence": {"$cond": [running, fence, {"$add": [fence, 1]}]},
            "until": {"$cond": [{"$or": [mine, {"$not": [running]}]}, server_later(term_s), "$until"]},
        }
        with self.scope.act():
            found: Document | None = await self.scope.collection(LeaseDocument).find_one_and_update(
                {"_id": name}, [{"$set": grant}], upsert=True, return_document=ReturnDocument.AFTER
            )
        lease = LeaseDocument.model_validate_doc(found or {})
        return Lease(name, owner, lease.fence, term_s) if lease.owner == owner else None

    async def release(self, lease: Lease) -> None:
        query = {"_id": lease.name, "owner": lease.owner, "fence": lease.fence}
        await self.scope.change(LeaseDocument, query, {"$set": {"until": LONG_AGO}})
