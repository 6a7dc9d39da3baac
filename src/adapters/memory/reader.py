"""A reader for programs: it understands `field: value` lines and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from shipping_core.domain.draft import Entry, Field, Place
from shipping_core.ports.reader import Answer, Reader, Reading


@frozen
class MemoryReader(Reader):
    """Reads lines such as `from.zip: 94117`; ZIPs are known from `places`."""

    places: dict[str, Place] = field(factory=dict)

    def read(self, text: str, *, expecting: Sequence[Field]) -> Reading:  # noqa: ARG002 - lines name their field
        found: dict[Field, Entry] = {}
        unread: list[str] = []
        names = {f.value: f for f in Field}
        for line in text.splitlines():
            name, _, value = line.partition(":")
            which = names.get(name.strip())
            if which is None or not value.strip():
                unread.append(line)
            else:
                found[which] = self._entry(which, value.strip())
        return Reading(found, "\n".join(unread).strip())

    def answer(self, text: str, wanted: Field) -> Answer:
        value = text.strip()
        return Answer(self._entry(wanted, value)) if value else Answer(reason="empty")

    def _entry(self, which: Field, value: str) -> Entry:
        return Entry(value, place=self.places.get(value) if which.what == "zip" else None)
