"""Forget whom parcels went to, when nobody needs it any more."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.ports.clock import Clock
from shipping_core.ports.personal_data import PersonalData

KEPT_FOR = dt.timedelta(days=180)


@frozen
class ForgetAddresses:
    """People and streets in orders go 180 days after the order ended; ZIPs and money stay."""

    personal_data: PersonalData
    clock: Clock

    async def __call__(self) -> int:
        """One round of some orders; how many were changed."""
        return await self.personal_data.forget_addresses(self.clock.now() - KEPT_FOR)
