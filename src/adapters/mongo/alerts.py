"""What operators must know: each occurrence is one update of one document, so one caller tells it."""

from __future__ import annotations

import datetime as dt

from attrs import frozen
from pymongo import ReturnDocument

from adapters.mongo.documents import AlertDocument, from_document, to_document
from adapters.mongo.scope import Document, Scope
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.errors import NotFound
from shipping_core.ports.alerts import Alerts


@frozen
class MongoAlerts(Alerts):
    """One alert a kind and subject, among the other records."""

    scope: Scope

    async def note(
        self, kind: AlertKind, subject: str, text: str, at: dt.datetime, *, quiet: dt.timedelta
    ) -> Alert | None:
        new = Alert(kind, subject, text, at, at, told_at=at)
        if await self.scope.insert(AlertDocument, to_document(new)):
            return new
        before = from_document(await self._before(new.record_id, _again(text, at, quiet)), Alert)
        return before.again(text, at, quiet=quiet) if before.due(at, quiet) else None

    async def _before(self, alert_id: str, change: Document) -> Document:
        with self.scope.act():
            found: Document | None = await self.scope.collection(AlertDocument).find_one_and_update(
                {"_id": alert_id},
                [{"$set": change}],
                return_document=ReturnDocument.BEFORE,
                session=self.scope.session,
            )
        if found is None:
            raise NotFound("alert", alert_id)
        return found


def _again(text: str, at: dt.datetime, quiet: dt.timedelta) -> Document:
    """`Alert.again`, as the server does it."""
    due = {
        "$or": [
            {"$ne": ["$seen_by", ""]},
            {"$eq": ["$told_at", None]},
            {"$lte": ["$told_at", at - quiet]},
        ]
    }
    return {
        "text": {"$literal": text},
        "count": {"$add": ["$count", 1]},
        "seen_by": "",
        "told_at": {"$cond": [due, at, "$told_at"]},
        "updated_at": {"$max": ["$updated_at", at]},
        "version": {"$add": ["$version", 1]},
    }
