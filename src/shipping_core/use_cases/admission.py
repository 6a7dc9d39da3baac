"""Who may order and top up now."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.order import OrderState
from shipping_core.domain.policy import Rules
from shipping_core.domain.user import Limits, User
from shipping_core.errors import NotFound, QuoteExpired, SalesClosed
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.users import UserRepository

DAY = dt.timedelta(hours=24)
UNSOLD = frozenset({OrderState.FAILED, OrderState.EXPIRED})


@frozen
class Admission:
    """Lets customers in, or says why not. What is under way goes on without asking here."""

    users: UserRepository
    orders: OrderRepository
    policy: Rules
    clock: Clock
    staff: frozenset[UserId] = frozenset()
    """Those of the office: maintenance does not keep them out."""

    async def check(self, user_id: UserId) -> Limits:
        """The user's own limits.

        Raises:
            SalesClosed: blocked, or maintenance.
        """
        user = await self._user(user_id)
        if user is not None and user.blocked:
            raise SalesClosed("blocked", {"why": user.blocked_why})
        maintenance = self.policy.now.maintenance
        if maintenance.on and user_id not in self.staff:
            raise SalesClosed("maintenance", maintenance.message)
        return user.limits if user is not None else Limits()

    async def check_purchase(self, user_id: UserId, mode: Mode) -> None:
        """The same before a purchase in this mode.

        Raises:
            SalesClosed: also where as many labels were bought in 24 hours as the user may.
            QuoteExpired: the price is of the other mode, which was switched off meanwhile.
        """
        limits = await self.check(user_id)
        if mode is not self.policy.now.mode:
            raise QuoteExpired
        most = limits.orders_a_day if limits.orders_a_day is not None else self.policy.now.orders_a_day
        if most is None:
            return
        begun = await self.orders.begun_since(user_id, self.clock.now() - DAY, mode, but=UNSOLD)
        if begun >= most:
            raise SalesClosed("limit", {"most": str(most)})

    async def _user(self, user_id: UserId) -> User | None:
        try:
            return await self.users.get(user_id)
        except NotFound:
            return None
