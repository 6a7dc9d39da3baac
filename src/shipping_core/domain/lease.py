"""The right to be the only one who does something, for a while."""

from __future__ import annotations

from attrs import frozen


@frozen
class Lease:
    """`owner` has `name` for `term_s` seconds from its last renewal; each new owner has a higher `fence`."""

    name: str
    owner: str
    fence: int
    term_s: float
