"""Keys to the office: made, rotated, revoked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from attrs import frozen

from shipping_core.domain.access import ApiKey, Role, fingerprint_of
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.plain_text import written
from shipping_core.errors import Conflict, InvalidInput, StaleVersion
from shipping_core.ports.clock import Clock, IdSource, SecretSource
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork

PREFIX: Final = "sck_"
HINT: Final = 8
OVERLAP: Final = dt.timedelta(days=1)
LONGEST_OVERLAP: Final = dt.timedelta(days=30)
MOST_KEYS: Final = 1000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")


@frozen
class KeepKeys:
    """Only fingerprints are kept: a key is given out once, when it is made. Each act is audited."""

    keys: Shelf[ApiKey]
    unit_of_work: UnitOfWork
    clock: Clock
    ids: IdSource
    secrets: SecretSource

    async def make(self, name: str, role: Role, *, by: str) -> tuple[ApiKey, str]:
        """A new key, and the secret that nobody will see again.

        Raises:
            InvalidInput: no name for a key.
            Conflict: a key of this name opens already.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput("name", "give 1 to 40 letters, digits, spaces, dots, _ or -")
        secret, now = self.secrets.secret(PREFIX), self.clock.now()
        key = ApiKey(
            self.ids.new("key"), name, role, fingerprint_of(secret), secret[:HINT], now, now, created_by=by
        )
        row = _changed(key, "made", by, before="", after=role.value)

        async def body(tx: Transaction) -> None:
            if await tx.shelf(ApiKey).by_unique(key.unique[0]) is not None:
                raise Conflict("key", f"{name!r} opens already: revoke it first, or choose another name")
            await tx.shelf(ApiKey).add(key)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        return key, secret

    async def rotate(
        self, key_id: str, *, by: str, overlap: dt.timedelta = OVERLAP, version: int | None = None
    ) -> tuple[ApiKey, str]:
        """A new secret for this key; the one before opens for `overlap` yet, and any older one no more.

        Raises:
            NotFound: there is none.
            Conflict: it is revoked, or was changed meanwhile.
            StaleVersion: `version` is not the stored one.
            InvalidInput: the overlap is negative or too long.
        """
        if not dt.timedelta(0) <= overlap <= LONGEST_OVERLAP:
            raise InvalidInput("overlap_minutes", "give 0 to 43200 minutes (30 days)")
        key, now = await self._open(key_id, version), self.clock.now()
        secret = self.secrets.secret(PREFIX)
        rotated = key.changed(
            now,
            fingerprint=fingerprint_of(secret),
            hint=secret[:HINT],
            previous=key.fingerprint,
            previous_until=now + overlap,
        )
        await self._keep(rotated, _changed(rotated, "rotated", by))
        return rotated, secret

    async def revoke(self, key_id: str, *, by: str, reason: str, version: int | None = None) -> ApiKey:
        """It opens nothing from now on.

        Raises:
            NotFound, StaleVersion: as above.
            Conflict: it is revoked already, changed meanwhile, or the caller's own and the last owner's.
            InvalidInput: no reason.
        """
        reason = written("reason", reason)
        key = await self._open(key_id, version)
        if by == f"key:{key.name}" and await self._last_owner(key):
            raise Conflict("key", f"{key_id} is your own and the last owner's: let another owner revoke it")
        revoked = key.changed(self.clock.now(), revoked_at=self.clock.now())
        await self._keep(revoked, _changed(revoked, "revoked", by, reason, key.role.value, "revoked"))
        return revoked

    async def _open(self, key_id: str, version: int | None) -> ApiKey:
        key = await self.keys.get(key_id)
        if version is not None and key.version != version:
            raise StaleVersion("key", key_id)
        if key.revoked_at is not None:
            raise Conflict("key", f"{key_id} is revoked since {key.revoked_at.isoformat(timespec='seconds')}")
        return key

    async def _last_owner(self, key: ApiKey) -> bool:
        owners = {
            k.key_id
            for k in await self.keys.find({}, limit=MOST_KEYS)
            if k.role is Role.OWNER and k.revoked_at is None
        }
        return owners == {key.key_id}

    async def _keep(self, key: ApiKey, row: AuditRow) -> None:
        async def body(tx: Transaction) -> None:
            await tx.shelf(ApiKey).save(key)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)


def _changed(
    key: ApiKey, action: str, by: str, reason: str = "", before: str = "", after: str = ""
) -> AuditRow:
    subject = f"key:{key.key_id}"
    return AuditRow(
        row_id=f"{subject}:{key.version}",
        subject=subject,
        action=action,
        at=key.updated_at,
        before=before,
        after=after,
        actor=by,
        reason=reason,
    )
