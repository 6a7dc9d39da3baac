"""Where label files are kept, so that they can be sent again."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.ids import OrderId

KEPT_FOR = dt.timedelta(days=180)


class LabelDocuments(Protocol):
    """Keeps one PDF per order, for `KEPT_FOR` after it was put."""

    @abstractmethod
    async def put(self, order_id: OrderId, content: bytes, at: dt.datetime) -> None:
        """Keep the file; the same order again replaces it."""

    @abstractmethod
    async def get(self, order_id: OrderId) -> bytes | None:
        """The file, or None."""
