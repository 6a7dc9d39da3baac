"""What customers keep for the next order: templates, addresses with a nickname, parcels."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Mapping

from attrs import evolve, field, frozen

from shipping_core.domain.draft import STEPS, Draft, Entry, Field
from shipping_core.domain.ids import UserId
from shipping_core.domain.plain_text import one_line
from shipping_core.errors import InvalidAddress, InvalidInput

MOST_KEPT = 50
"""Of each kind a user may keep."""
NAME_LIMIT = 40
"""Code points of a name or nickname."""
NAME_EMPTY = "write a name"
NAME_TAKEN = "another of yours has this name: write another one"
NAME_TOO_LONG = f"use at most {NAME_LIMIT} characters"


def name_of(text: str) -> str:
    """The name that a text gives, on one line and without characters that nobody sees.

    Raises:
        InvalidInput: nothing is left of it, or it is too long.
    """
    name = one_line(text, limit=NAME_LIMIT + 1)
    if not name:
        raise InvalidInput("name", NAME_EMPTY)
    if len(name) > NAME_LIMIT:
        raise InvalidInput("name", NAME_TOO_LONG)
    return name


def free_name(user_id: UserId, wanted: str, taken: Collection[str]) -> str:
    """`wanted` on one line and short enough, or with the first number that is not among `taken`."""
    tails = itertools.chain([""], (f" {number}" for number in itertools.count(2)))
    names = (one_line(wanted, limit=NAME_LIMIT - len(tail)) + tail for tail in tails)
    return next(name for name in names if name_word(user_id, name) not in taken)


def name_word(user_id: UserId, name: str) -> str:
    """What a name is unique by: its user, whatever its case."""
    return f"{user_id}:{name.casefold()}"


def default_word(user_id: UserId) -> str:
    """What a user's default sender is found by."""
    return f"default:{user_id}"


def part_of(draft: Draft, part: str) -> dict[str, Entry]:
    """Every field of one part (from, to, parcel) by its own name; an empty entry where nothing is.

    A carrier's box is among them only where there is one.
    """
    fields = (f for f in Field if f.part == part and (f in STEPS or f in draft.entries))
    return {f.what: draft.entries.get(f, Entry("")) for f in fields}


def as_part(entries: Mapping[str, Entry], part: str) -> dict[Field, Entry]:
    """The same fields as the `part` of an order."""
    return {Field.of(part, what): entry for what, entry in entries.items()}


def lacking(entries: Mapping[str, Entry], part: str) -> tuple[Field, ...]:
    """The required fields that have no value."""
    return tuple(f for f in Draft(as_part(entries, part)).missing if f.part == part)


def whole(entries: dict[str, Entry], part: str) -> dict[str, Entry]:
    """Themselves, where nothing required is missing.

    Raises:
        InvalidAddress: the first field that is missing, and all that are; `nothing_found` where no field
            has a value.
    """
    if not any(entry.value for entry in entries.values()):
        raise InvalidAddress(part, "nothing_found")
    if missing := [which.value for which in lacking(entries, part)]:
        raise InvalidAddress(missing[0], "missing", missing)
    return entries


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
    """The service's name with its carrier's, for people."""

    @property
    def record_id(self) -> str:
        """As it is kept; here as in every record."""
        return self.template_id

    @property
    def unique(self) -> tuple[str, ...]:
        """A user's names differ, whatever their case; here as below."""
        return (name_word(self.user_id, self.name),)

    def changed(self, now: dt.datetime, **changes: object) -> Template:
        """The next version; here as below."""
        made: Template = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


@frozen
class Contact:
    """An address under a nickname. `address` has an entry for each of name, street1, …, as a draft has.

    All of it is there, or an order that takes it would mix two addresses.
    """

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
        name = name_word(self.user_id, self.nickname)
        return (name, default_word(self.user_id)) if self.default_sender else (name,)

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
        return (name_word(self.user_id, self.name),)

    def changed(self, now: dt.datetime, **changes: object) -> ParcelPreset:
        """The next version."""
        made: ParcelPreset = evolve(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]
        return made


def last_used_first(presets: Iterable[ParcelPreset]) -> list[ParcelPreset]:
    """In the order in which they are offered: those never used come last, the last changed of them first."""
    changed = sorted(presets, key=lambda p: p.updated_at, reverse=True)
    return sorted(changed, key=lambda p: p.used_at.timestamp() if p.used_at else 0.0, reverse=True)
