"""Get to know a new customer."""

from __future__ import annotations

import contextlib
import datetime as dt

from attrs import frozen

from shipping_core.domain.ids import UserId
from shipping_core.domain.ledger import WELCOME, Kind
from shipping_core.domain.plain_text import one_line
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
        """The user's language, which is theirs if they chose one before. Kept once and credited once.

        Somebody who was erased and comes back is a new customer, but for a block, the welcome credit and the
        day they first joined, which the figures of that day have counted.
        """
        now = self.clock.now()
        added = await self.users.add(User(user_id, now, language))
        if self.policy.now.welcome_credit.minor:
            await self._welcomed(user_id, now)
        if added:
            return language
        user = await self.users.get(user_id)
        if user.erased_at is None:
            return user.language
        with contextlib.suppress(Conflict):  # another message of theirs was first
            await self.users.save(user.changed(erased_at=None))
        await self.users.speak(user_id, language)
        return language

    async def seen(self, user_id: UserId, at: dt.datetime, name: str, username: str) -> None:
        """They were here, and are called so."""
        await self.users.seen(user_id, at, name=one_line(name), username=one_line(username))

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
                reason=WELCOME,
            )
        except TransactionConflict:
            raise
        except Conflict:
            return  # welcomed long ago, with what was usual then

    async def speak(self, user_id: UserId, language: str) -> None:
        """They chose this language; it outlives their session."""
        await self.users.speak(user_id, language)
