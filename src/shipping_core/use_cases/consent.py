"""Some acts need a second person: asked for here, granted or refused by somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from attrs import field, frozen

from shipping_core.domain.access import Act, Approval, ApprovalState
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import UserId
from shipping_core.domain.money import Money
from shipping_core.domain.plain_text import written
from shipping_core.domain.policy import Rules
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork

WAITS_FOR = dt.timedelta(days=3)
SYSTEM = "system"
UNDECIDED = "nobody decided in time"

Performs = Callable[[Approval], Awaitable[object]]
"""Does the act of a granted approval; saves the approval, as it is given, in the transaction of the act."""


@frozen
class Consent:
    """Asks for a second person's consent, and does the act when it is given."""

    approvals: Shelf[Approval]
    unit_of_work: UnitOfWork
    policy: Rules
    clock: Clock
    ids: IdSource
    performers: dict[Act, Performs] = field(factory=dict)
    """Filled by whoever wires the acts; each is called with an approval that is granted already."""

    def needed(self, act: Act, amount: Money | None = None) -> bool:
        """Whether the policy wants a second person for it."""
        rules = self.policy.now.second_person
        if act is Act.PRODUCTION:
            return rules.production
        above = rules.credit_above if act is Act.CREDIT else rules.override_above
        return above is not None and amount is not None and amount > above

    async def ask(
        self,
        act: Act,
        facts: Mapping[str, str],
        *,
        by: str,
        why: str,
        amount: Money | None = None,
        user_id: UserId | None = None,
    ) -> Approval:
        """Keep the wish. One for the very same act that nobody decided in its time is refused by this.

        Raises:
            Conflict: the very same act waits already.
        """
        now = self.clock.now()
        approval = Approval(
            self.ids.new("apr"),
            act,
            facts,
            by,
            why,
            now,
            now,
            now + WAITS_FOR,
            amount=amount,
            user_id=user_id,
        )
        row = approval_changed(approval)

        async def body(tx: Transaction) -> None:
            for word in approval.unique:
                rival = await tx.shelf(Approval).by_unique(word)
                if rival is not None and rival.expired(now):
                    await save_decision(tx, rival.decided(ApprovalState.REFUSED, SYSTEM, UNDECIDED, now))
            await tx.shelf(Approval).add(approval)
            await tx.audit.put(row)

        await self.unit_of_work.run(body)
        return approval

    async def grant(self, approval_id: str, *, actor: str, reason: str) -> Approval:
        """Do it, as of now.

        Raises:
            NotFound: there is none.
            Conflict: decided before, expired, or `actor` is who asked for it.
            InvalidInput: no reason.
            ShippingError: what the act itself raises; it then still waits.
        """
        reason = written("reason", reason)
        approval = await self.approvals.get(approval_id)
        granted = approval.decided(ApprovalState.GRANTED, actor, reason, self.clock.now())
        await self.performers[approval.act](granted)
        return granted

    async def refuse(self, approval_id: str, *, actor: str, reason: str) -> Approval:
        """It will not be done.

        Raises:
            NotFound: there is none.
            Conflict: decided before; whoever asked may refuse, and so may anybody after its time.
            InvalidInput: no reason.
        """
        reason = written("reason", reason)
        approval = await self.approvals.get(approval_id)
        refused = approval.decided(ApprovalState.REFUSED, actor, reason, self.clock.now())

        async def body(tx: Transaction) -> None:
            await save_decision(tx, refused)

        await self.unit_of_work.run(body)
        return refused


async def save_decision(tx: Transaction, decided: Approval) -> None:
    """Keep a decision in the transaction of the act it allows, with its own audit row."""
    await tx.shelf(Approval).save(decided)
    await tx.audit.put(approval_changed(decided))


def approval_changed(approval: Approval) -> AuditRow:
    """What happened to it."""
    subject = f"approval:{approval.approval_id}"
    return AuditRow(
        row_id=f"{subject}:{approval.version}",
        subject=subject,
        action=f"{approval.act.value}_{approval.state.value}",
        at=approval.updated_at,
        before="" if approval.version == 1 else ApprovalState.WAITING.value,
        after=approval.state.value,
        actor=approval.decided_by or approval.asked_by,
        reason=approval.decided_why or approval.asked_why,
    )
