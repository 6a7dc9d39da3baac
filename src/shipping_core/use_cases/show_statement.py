"""A customer's money, movement by movement."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation.desk_screens import Statement
from shipping_core.domain.ids import UserId
from shipping_core.domain.policy import Rules
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.notifier import Notifier
from shipping_core.use_cases.gather_facts import GatherFacts

PAGE = 10


@frozen
class ShowStatement:
    """Pages of the present mode, newest first."""

    balances: BalanceLedger
    policy: Rules
    notifier: Notifier
    facts: GatherFacts

    async def __call__(self, user_id: UserId, number: int = 0) -> None:
        """Tell one page; `number` counts from 0."""
        mode, page = self.policy.now.mode, max(0, number)
        lines = await self.balances.statement(user_id, mode, skip=page * PAGE, limit=PAGE + 1)
        screen = Statement(mode, tuple(lines[:PAGE]), page, len(lines) > PAGE)
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen))
