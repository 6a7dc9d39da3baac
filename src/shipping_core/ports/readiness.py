"""Whether this installation may work in a mode."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from shipping_core.domain.ids import Mode


class Readiness(Protocol):
    """Knows what the environment has: keys, permissions, a store that keeps."""

    @abstractmethod
    def problems(self, mode: Mode) -> Sequence[str]:
        """What keeps us from working in this mode, a sentence each that names the setting."""
