"""Counts the commands a process sends to MongoDB; SIGUSR1 has it write the count down.

Used by both bots that `bench.stateful` compares, so that it burdens both alike.
"""

import json
import signal
from collections import Counter
from pathlib import Path

from pymongo import monitoring


class Commands(monitoring.CommandListener):
    """Every command counts as one round trip, whatever it is for."""

    def __init__(self, output: str) -> None:
        self._output = Path(output)
        self._counts: Counter[str] = Counter()
        signal.signal(signal.SIGUSR1, self._write)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self._counts[event.command_name] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Counted when it began."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Counted when it began."""

    def _write(self, *_: object) -> None:
        beside = self._output.with_suffix(".new")
        beside.write_text(json.dumps(self._counts))
        beside.replace(self._output)
