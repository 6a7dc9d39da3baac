"""Get to know a new customer."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.domain.ids import UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.policy import Rules
from shipping_core.domain.user import User
from shipping_core.errors import Conflict, TransactionConflict
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.clock import Clock
from shipping_core.ports.users import UserRepository


@frozen
class Welcome:
    """Keeps a new user, with the welcome credit where the policy gives one."""

    users: UserRepository
    balances: BalanceLedger
    clock: Clock
    policy: Rules

    async def __call__(self, user_id: UserId, language: str) -> str:
        """The user's language, which is theirs if they chose one before. Kept once and credited once."""
        now = self.clock.now()
        added = await self.users.add(User(user_id, now, language))
        if self.policy.now.welcome_credit.minor:
            await self._welcomed(user_id, now)
        return language if added else (await self.users.get(user_id)).language

    async def _welcomed(self, user_id: UserId, now: dt.datetime) -> None:
        try:
            await self.balances.credit(
                user_id,
                self.policy.now.welcome_credit,
                key=f"adjust:{self.policy.now.mode.value}:welcome:{user_id}",
                mode=self.policy.now.mode,
                kind=Kind.ADJUSTMENT,
                at=now,
                actor="operator",
                reason="welcome credit",
            )
        except TransactionConflict:
            raise
        except Conflict:
            return  # welcomed long ago, with what was usual then

    async def speak(self, user_id: UserId, language: str) -> None:
        """They chose this language; it outlives their session."""
        await self.users.speak(user_id, language)
