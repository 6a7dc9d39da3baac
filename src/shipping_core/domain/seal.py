"""A chain of seals over the record of changes: whoever changes or removes a row breaks it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence

from attrs import asdict, frozen

from shipping_core.domain.audit import AuditRow


@frozen
class NumberedRow:
    """A row and its number; numbers grow in the order in which rows were kept."""

    number: int
    row: AuditRow


@frozen
class Seal:
    """So many rows, up to the one numbered `last`, as they were when they were sealed."""

    seal_id: str
    first: int
    """The number of the last row before it."""
    last: int
    rows: int
    hash: str
    """SHA-256 over the hash before it and every row, in hexadecimal."""
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = 1

    @property
    def record_id(self) -> str:
        """As it is kept."""
        return self.seal_id

    @property
    def unique(self) -> tuple[str, ...]:
        """One seal goes on from each row."""
        return (f"after:{self.first}",)

    def holds(self, before: Seal | None, rows: Sequence[NumberedRow]) -> bool:
        """Whether these are just the rows that were sealed, and `before` is the seal before it."""
        return (
            self.first == (before.last if before else 0)
            and len(rows) == self.rows
            and self.hash == chained(before.hash if before else "", (kept.row for kept in rows))
        )


def sealed(before: Seal | None, rows: Sequence[NumberedRow], at: dt.datetime) -> Seal:
    """The next seal of the chain, over at least one row."""
    first, last = before.last if before else 0, rows[-1].number
    made = chained(before.hash if before else "", (kept.row for kept in rows))
    return Seal(f"seal_{last:020d}", first, last, len(rows), made, at, at)


def chained(before: str, rows: Iterable[AuditRow]) -> str:
    """The hash of a chain that goes on with these rows."""
    found = hashlib.sha256(before.encode())
    for row in rows:
        found.update(_line(row))
    return found.hexdigest()


def _line(row: AuditRow) -> bytes:
    """A row as bytes; what is empty is left out, so that a field nobody knew of changes no old seal."""
    said = {name: value for name, value in asdict(row).items() if value}
    said["at"] = row.at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode() + b"\n"
