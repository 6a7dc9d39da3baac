"""Which carriers' labels are not sold for now."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

PAUSED_FOR = dt.timedelta(minutes=15)
"""How long a pause lasts that nobody renews."""


@frozen
class SalesGate:
    """Pauses by carrier, each until a moment; in this process alone, since every process watches."""

    _until: dict[str, dt.datetime] = field(factory=dict, init=False)

    def pause(self, carrier_code: str, until: dt.datetime) -> None:
        """Sell none of this carrier's labels until then."""
        self._until[carrier_code] = until

    def open(self, carrier_code: str) -> None:
        """Sell them again."""
        self._until.pop(carrier_code, None)

    def paused(self, carrier_code: str, now: dt.datetime) -> bool:
        """Whether this carrier's labels are not sold now."""
        until = self._until.get(carrier_code)
        return until is not None and now < until
