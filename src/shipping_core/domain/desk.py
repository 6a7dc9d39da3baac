"""What customers keep for the next order: templates, addresses with a nickname, parcels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.draft import Draft, Entry
from shipping_core.domain.ids import UserId

MOST_KEPT = 50
"""Of each kind a user may keep."""
NAME_LIMIT = 40
"""Code points of a name or nickname."""


def _unique(user_id: UserId, name: str) -> tuple[str, ...]:
    return (f"{user_id}:{name.casefold()}",)


@frozen
class Template:
    """An order to be written again: any of the 18 fields, and the service it should go by."""

    template_id: str
    user_id: UserId
    name: str
    draft: Draft
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = 1
    carrier_code: str = ""
    service_code: str = ""
    service: str = ""
    """The service's name, for people."""

    @property
    def record_id(self) -> str:
        """As it is kept; here as in every record."""
        return self.template_id

    @property
    def unique(self) -> tuple[str, ...]:
        """A user's names differ, whatever their case; here as below."""
        return _unique(self.user_id, self.name)

    def changed(self, now: dt.datetime, **changes: object) -> Template:
        """The next version; here as below."""
        made: Template = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


@frozen
class Contact:
    """An address under a nickname. `address` has an entry for each of name, street1, …, as a draft has."""

    contact_id: str
    user_id: UserId
    nickname: str
    address: Mapping[str, Entry]
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = 1
    default_sender: bool = False

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.contact_id

    @property
    def unique(self) -> tuple[str, ...]:
        """Nicknames differ, and there is one default sender."""
        names = _unique(self.user_id, self.nickname)
        return (*names, f"default:{self.user_id}") if self.default_sender else names

    def changed(self, now: dt.datetime, **changes: object) -> Contact:
        """The next version."""
        made: Contact = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


@frozen
class ParcelPreset:
    """A parcel under a name: the entries of weight, length, width and height."""

    preset_id: str
    user_id: UserId
    name: str
    entries: Mapping[str, Entry]
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = 1
    used_at: dt.datetime | None = field(default=None)

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.preset_id

    @property
    def unique(self) -> tuple[str, ...]:
        """A user's names differ."""
        return _unique(self.user_id, self.name)

    def changed(self, now: dt.datetime, **changes: object) -> ParcelPreset:
        """The next version."""
        made: ParcelPreset = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made
