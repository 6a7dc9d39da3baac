"""What operators must know, remembered across processes."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.alert import Alert, AlertKind


class Alerts(Protocol):
    """Keeps one alert a kind and subject, and says when it is to be told."""

    @abstractmethod
    async def note(
        self, kind: AlertKind, subject: str, text: str, at: dt.datetime, *, quiet: dt.timedelta
    ) -> Alert | None:
        """It came up (again). The alert where it is to be told now; None where it was told within `quiet`.

        Of many callers at once, one is told to tell.
        """
