"""Where a process may die: before and after every port call and every commit."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence

from attrs import define, field, frozen


class Crash(BaseException):
    """This process is gone. Nobody may catch it but the world."""


@frozen
class Death:
    """Die at the `at`th time that `point` is passed; at any point, where none is named."""

    point: str = ""
    at: int = 1


@define
class CrashPoints:
    """Counts what is passed, and says when somebody has to die there; planned deaths come one by one."""

    planned: list[Death] = field(factory=list)
    passed: dict[str, int] = field(factory=dict, init=False)
    dead: int = field(default=0, init=False)
    """How many planned deaths were died."""
    _times: int = field(default=0, init=False)

    def kills(self, point: str) -> bool:
        """Whether whoever passes here dies here."""
        self.passed[point] = self.passed.get(point, 0) + 1
        if not self.planned:
            return False
        death = self.planned[0]
        if death.point not in {"", point}:
            return False
        self._times += 1
        if self._times < death.at:
            return False
        self.planned.pop(0)
        self._times = 0
        self.dead += 1
        return True


@define
class Trace:
    """What happened, as one number and the last few lines; and what was found to be wrong."""

    time_s: Callable[[], float]
    digest: int = field(default=0, init=False)
    length: int = field(default=0, init=False)
    findings: list[str] = field(factory=list, init=False)
    _told: set[str] = field(factory=set, init=False)
    _last: deque[tuple[float, str, str]] = field(factory=lambda: deque(maxlen=400), init=False)

    def note(self, who: str, what: str) -> None:
        """One more event."""
        now = self.time_s()
        self.digest = zlib.crc32(f"{who} {what}".encode(), (self.digest ^ int(now * 1e6)) & 0xFFFFFFFF)
        self.length += 1
        self._last.append((now, who, what))

    def wrong(self, finding: str) -> None:
        """A rule was broken; the same finding again is told once."""
        if finding not in self._told and len(self._told) < 50:
            self._told.add(finding)
            self.findings.append(f"at {self.time_s():.3f} s: {finding}")
        self.note("checker", finding)

    def tail(self, lines: int = 60) -> Sequence[str]:
        """The newest events, oldest first, for a person to read."""
        return [f"{at:12.3f} {who:10} {what}" for at, who, what in list(self._last)[-lines:]]
