"""Callbacks that are not from whom they say they are."""

from __future__ import annotations

from attrs import define, field

from shipping_core.domain.alert import AlertKind
from shipping_core.ports.clock import Clock
from shipping_core.use_cases.raise_alert import RaiseAlert

HOUR_S = 3600.0


@define
class WatchDoors:
    """Counts them in memory, so that a flood of them costs the store nothing."""

    alert: RaiseAlert
    clock: Clock
    _counted: dict[str, tuple[float, int]] = field(factory=dict, init=False)
    """Door -> when it was told of last, and how many came since."""

    async def refused(self, door: str) -> None:
        """One more at this door; the first is told at once, later ones together once an hour."""
        now_s = self.clock.monotonic_s()
        told_s, count = self._counted.get(door, (now_s - HOUR_S, 0))
        due = now_s - told_s >= HOUR_S
        self._counted[door] = (now_s, 0) if due else (told_s, count + 1)
        if due:
            text = f"Callbacks of {door} without its proof since the last word about it: {count + 1}"
            await self.alert(AlertKind.WEBHOOK_REFUSED, door, text)
