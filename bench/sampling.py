"""Where a process spends its processor time: a sample of the stack for every millisecond it computes.

Unlike a tracing profiler this costs nothing per call, so small functions are not made to look dear.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from attrs import Factory, define

EVERY_S = 0.001

AREAS = (
    ("sentences, money, dates", ("/babel/", "/gettext.py", "adapters/telegram/texts.py")),
    (
        "rendering",
        tuple(
            f"adapters/telegram/{name}.py"
            for name in ("screens", "pages", "blocks", "phrases", "keys", "buttons", "html_text", "messages")
        ),
    ),
    (
        "HTTP to Telegram",
        ("/aiohttp/", "/yarl/", "/multidict/", "adapters/telegram/request.py", "adapters/telegram/calls.py"),
    ),
    ("reading updates (PTB)", ("site-packages/telegram/",)),
    (
        "polling and lanes",
        tuple(f"adapters/telegram/{name}.py" for name in ("intake", "lanes", "once")),
    ),
    (
        "outgoing queue and cards",
        tuple(f"adapters/telegram/{name}.py" for name in ("outlet", "sender", "cards", "pacing")),
    ),
    ("handlers", ("adapters/telegram/",)),
    ("reader", ("adapters/reader/",)),
    ("MongoDB driver", ("/pymongo/", "/bson/")),
    ("documents (odmantic, codec)", ("/odmantic/", "/pydantic/", "adapters/mongo/", "conversation/codec.py")),
    ("conversation and store", ("shipping_core/", "adapters/memory/", "adapters/system/")),
)
"""The innermost frame that belongs to one of these decides; what belongs to none is the event loop's."""
LOOP = "event loop"
ALWAYS = 0.95
"""A function that is on nearly every stack says nothing."""


@define
class Sampler:
    """Counts stacks from SIGCONT on, until `write`."""

    areas: Counter[str] = Factory(Counter)
    inside: Counter[str] = Factory(Counter)
    below: Counter[str] = Factory(Counter)

    def install(self) -> None:
        """Begin when the process is woken."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.signal(signal.SIGCONT, lambda *_: signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S))

    def write(self, path: Path) -> None:
        """Stop, and keep the counts."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        path.write_text(json.dumps({"areas": self.areas, "inside": self.inside, "below": self.below}))

    def _sample(self, _: int, frame: FrameType | None) -> None:
        names = []
        area = ""
        while frame is not None:
            code = frame.f_code
            names.append(f"{_short(code.co_filename)}:{code.co_qualname}")
            area = area or _area(code.co_filename)
            frame = frame.f_back
        self.areas[area or LOOP] += 1
        self.inside[names[0]] += 1
        self.below.update(set(names))


def _area(filename: str) -> str:
    return next((name for name, places in AREAS if any(place in filename for place in places)), "")


def _short(filename: str) -> str:
    for root in ("/site-packages/", "/src/", "/lib/python3."):
        filename = filename.rpartition(root)[2]
    return filename


def report(found: dict[str, Any], cpu_ms: float, top: int = 25) -> str:
    """Shares of the processor time, and the same in microseconds per update."""
    total = sum(found["areas"].values()) or 1
    parts = []
    for title, counts, most in (
        ("where an update's time goes", found["areas"], 20),
        ("functions, with what they call", found["below"], top),
        ("functions, by themselves", found["inside"], top),
    ):
        lines = [f"{title:70}{'share':>8}{'us/update':>12}"]
        for name, count in Counter(counts).most_common():
            if len(lines) > most:
                break
            if count < ALWAYS * total:
                lines.append(f"  {name:68}{count / total:>8.1%}{1e3 * cpu_ms * count / total:>12.1f}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
