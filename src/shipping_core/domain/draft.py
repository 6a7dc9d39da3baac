"""What a customer has written so far: 18 fields and the carrier's box, each with how sure we are of it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen


class Side(enum.Enum):
    """The two ends of a parcel's way."""

    FROM = "from"
    TO = "to"


class Field(enum.Enum):
    """What an order is made of: 18 things, in the order the step-by-step path asks for them, and the box.

    A carrier's own box (flat rate) stands in for the three sides; it is picked, never asked for. `part` is
    `from`, `to` or `parcel`; `what` is the field without it: `name`, `zip`, `weight`. An order is whole
    without its `optional` fields.
    """

    FROM_NAME = "from.name"
    FROM_STREET1 = "from.street1"
    FROM_STREET2 = "from.street2"
    FROM_CITY = "from.city"
    FROM_STATE = "from.state"
    FROM_ZIP = "from.zip"
    FROM_PHONE = "from.phone"
    TO_NAME = "to.name"
    TO_STREET1 = "to.street1"
    TO_STREET2 = "to.street2"
    TO_CITY = "to.city"
    TO_STATE = "to.state"
    TO_ZIP = "to.zip"
    TO_PHONE = "to.phone"
    WEIGHT = "parcel.weight"
    LENGTH = "parcel.length"
    WIDTH = "parcel.width"
    HEIGHT = "parcel.height"
    BOX = "parcel.box"

    def __init__(self, value: str) -> None:
        # Asked for many times in every step, so they are cut out of the value once.
        self.part, _, self.what = value.partition(".")
        self.optional = self.what in {"street2", "phone", "box"}

    __hash__ = object.__hash__  # a member exists once; Enum's own hash runs in Python at every look-up

    @classmethod
    def of(cls, part: str, what: str) -> Field:
        """The field by its two halves."""
        return cls(f"{part}.{what}")


SIZES = (Field.LENGTH, Field.WIDTH, Field.HEIGHT)
STEPS: tuple[Field, ...] = tuple(f for f in Field if f is not Field.BOX)
ADDRESS_PARTS = ("name", "street1", "street2", "city", "state", "zip", "phone")


@frozen
class Place:
    """What a ZIP code stands for: its state and the city names in use there."""

    state: str
    cities: tuple[str, ...]


@frozen
class Entry:
    """One field's value, normalised, and how sure the reader is of it.

    `confidence` is 1 when the customer gave just this field, less when it was read out of a text.
    An optional field that was skipped has an empty `value`. `place` comes with a known ZIP.
    """

    value: str
    confidence: float = 1.0
    place: Place | None = None

    @property
    def doubtful(self) -> bool:
        """Whether the customer should look at it before paying."""
        return self.confidence < SURE


SURE = 0.75
"""Below this a field is highlighted in the card."""


class Trouble(enum.Enum):
    """Why two fields of one address do not fit together."""

    ZIP_UNKNOWN = "zip_unknown"
    ZIP_NOT_IN_STATE = "zip_not_in_state"
    ZIP_NOT_IN_CITY = "zip_not_in_city"


@frozen
class Problem:
    """A contradiction in the draft, found without asking anybody; `hint` is what the ZIP says."""

    trouble: Trouble
    field: Field
    hint: str = ""

    @property
    def blocking(self) -> bool:
        """Whether prices make no sense before it is mended; new ZIPs and city nicknames do not block."""
        return self.trouble is Trouble.ZIP_NOT_IN_STATE


def _one_size(entries: dict[Field, Entry], newest: Mapping[Field, Entry]) -> dict[Field, Entry]:
    box = entries.get(Field.BOX, Entry(""))
    sides_are_newer = Field.BOX not in newest and any(newest[f].value for f in SIZES if f in newest)
    gone = SIZES if box.value and not sides_are_newer else (Field.BOX,)
    return {f: e for f, e in entries.items() if f not in gone}


def _entries(value: Mapping[Field, Entry]) -> dict[Field, Entry]:
    return {f: value[f] for f in Field if f in value}


@frozen
class Draft:
    """An order being written. Every method returns a new draft."""

    entries: Mapping[Field, Entry] = field(factory=dict, converter=_entries)
    kept: frozenset[Side] = frozenset()
    """The sides the customer wants used as entered, against the carrier's advice."""
    default_sender: bool = False
    """Whether the sender is the customer's default one, and not written for this order."""

    def get(self, which: Field) -> str:
        """The field's value, empty when unknown or skipped."""
        entry = self.entries.get(which)
        return entry.value if entry else ""

    def filled(self, found: Mapping[Field, Entry]) -> Draft:
        """With these fields set, replacing what was there; a changed address must be agreed to anew.

        A box and the three sides replace each other: each says how large the parcel is.
        """
        changed = {f.part for f, entry in found.items() if self.get(f) != entry.value}
        kept = frozenset(side for side in self.kept if side.value not in changed)
        entries = _one_size({**self.entries, **found}, found)
        return Draft(entries, kept, self.default_sender and "from" not in changed)

    def keeping(self, side: Side) -> Draft:
        """With the customer's word that this side's address is meant as it stands."""
        return evolve(self, kept=self.kept | {side})

    def skipped(self, which: Field) -> Draft:
        """With an optional field left out on purpose."""
        return self.filled({which: Entry("")})

    def without(self, fields: Iterable[Field]) -> Draft:
        """With these fields forgotten."""
        gone = set(fields)
        return evolve(self, entries={f: e for f, e in self.entries.items() if f not in gone})

    @property
    def empty(self) -> bool:
        """Nothing was written yet; a default sender is not written."""
        return all(self.default_sender and f.part == "from" for f in self.entries)

    @property
    def missing(self) -> tuple[Field, ...]:
        """The required fields still to be asked for, in the order of the steps."""
        return tuple(f for f in self.steps if not f.optional and not self.get(f))

    @property
    def steps(self) -> tuple[Field, ...]:
        """What has to be asked for, known or not; a box has its size."""
        return tuple(f for f in STEPS if f not in SIZES) if self.get(Field.BOX) else STEPS

    @property
    def doubtful(self) -> tuple[Field, ...]:
        """The fields the reader was not sure of."""
        return tuple(f for f, e in self.entries.items() if e.value and e.doubtful)

    @property
    def can_be_estimated(self) -> bool:
        """Both ZIPs and a weight are known: carriers can name a price."""
        return all(self.get(f) for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT))

    def problems(self) -> tuple[Problem, ...]:
        """ZIP against state and city, from what the reader noted beside each ZIP; no call is made."""
        return tuple(p for side in Side for p in self._problems_of(side.value))

    def _problems_of(self, part: str) -> Iterable[Problem]:
        zip_field = Field.of(part, "zip")
        entry = self.entries.get(zip_field)
        if entry is None or not entry.value:
            return
        if entry.place is None:
            yield Problem(Trouble.ZIP_UNKNOWN, zip_field)
            return
        state, city = self.get(Field.of(part, "state")), self.get(Field.of(part, "city"))
        if state and state != entry.place.state:
            yield Problem(Trouble.ZIP_NOT_IN_STATE, zip_field, entry.place.state)
        elif city and city.casefold() not in {c.casefold() for c in entry.place.cities}:
            yield Problem(Trouble.ZIP_NOT_IN_CITY, Field.of(part, "city"), entry.place.cities[0])
