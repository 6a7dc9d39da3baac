"""What becomes of a refund: decided by operators, or taken back by the customer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from shipping_core.domain.access import Act, Approval, Performed
from shipping_core.domain.ids import RefundId, UserId
from shipping_core.domain.letter import Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.plain_text import written
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import Conflict, InvalidInput, NotFound, ShippingError, StaleVersion
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.request_refunds import CUSTOMER, MOST_AT_ONCE

S = RefundState
T = TypeVar("T")
TEXT_LIMIT = 500
"""Code points of a note or a reason."""


@frozen
class Outcome(Generic[T]):
    """What an act came to for one of many."""

    refund_id: RefundId
    result: T | None = None
    error: ShippingError | None = None


@frozen
class DecideRefund:
    """Each act is audited, told to the customer by letter, and counts once. Notes are audited without their
    words, which go when a person is erased.

    Every act raises NotFound for a refund that is not there, InvalidInput for a text or amount that cannot
    be used, StaleVersion where it is not at `version`, and Conflict where the refund is elsewhere: the text
    says where it stands, who decided and when.
    """

    refunds: Shelf[Refund]
    drive: DriveRefunds
    consent: Consent

    async def approve(
        self,
        refund_id: RefundId,
        *,
        actor: str,
        note: str = "",
        amount: Money | None = None,
        amount_reason: str = "",
        version: int | None = None,
    ) -> Refund:
        """The label is voided at once; the refund as far as it went. Less than the price needs a reason.

        Whoever asked in the customer's name does not approve what needs a second person; for that the label's
        price counts, not what is given back of it.
        """
        note, why_less = _text("note", note), _text("amount_reason", amount_reason)
        now = self.drive.settle.clock.now()

        paid = (await self._order(refund_id)).charged

        def approved(refund: Refund) -> Refund:
            given = _amount(refund, amount, why_less)
            if refund.requested_by == actor and self.consent.needed(Act.OVERRIDE, paid or refund.price):
                raise Conflict("refund", f"{refund_id} needs somebody else than {actor}")
            why = why_less if given < refund.price else ""
            return refund.decided(
                S.APPROVED, actor, note, now, note=note or refund.note, amount=given, amount_reason=why
            )

        row = "with a note" if note else ""
        decided = await self._change(refund_id, version, approved, Word.REFUND_APPROVED, actor, row)
        return await self.drive.on(decided)

    async def reject(
        self, refund_id: RefundId, *, actor: str, reason: str, version: int | None = None
    ) -> Refund:
        """The customer hears why."""
        why, now = _reason(reason), self.drive.settle.clock.now()

        def rejected(refund: Refund) -> Refund:
            return refund.decided(S.REJECTED, actor, why, now)

        return await self._change(refund_id, version, rejected, Word.REFUND_REJECTED, actor, why)

    async def cancel(self, user_id: UserId, refund_id: RefundId) -> Refund:
        """The customer no longer wants it, which can be said until it is decided; NotFound for others."""
        now = self.drive.settle.clock.now()

        def cancelled(refund: Refund) -> Refund:
            if refund.user_id != user_id:
                raise NotFound("refund", refund_id)
            return refund.decided(S.CANCELLED, CUSTOMER, "", now)

        return await self._change(refund_id, None, cancelled, Word.REFUND_CANCELLED, CUSTOMER, "")

    async def note(self, refund_id: RefundId, note: str, *, actor: str, version: int | None = None) -> Refund:
        """A word to the customer, at any time; an empty one takes the last one back."""
        said, now = _text("note", note), self.drive.settle.clock.now()

        def noted(refund: Refund) -> Refund:
            return refund.noted(said, now)

        word = Word.REFUND_NOTED if said else None
        return await self._change(refund_id, version, noted, word, actor, "a note", action="noted")

    async def retry(self, refund_id: RefundId, *, actor: str, reason: str = "") -> Refund:
        """Ask a carrier that keeps the label once more; the refund as far as it went."""
        refund = await self.refunds.get(refund_id)
        return await self.drive.once_more(refund, actor=actor, reason=_text("reason", reason))

    async def override(
        self, refund_id: RefundId, *, actor: str, reason: str, consent: Approval | None = None
    ) -> Performed:
        """Give the money back at our own loss, although the carrier keeps the label, or has not told for an
        hour whether it does.

        Above a set amount, with all that was given back of the label before, a second person has to consent:
        then it waits for that, and nothing else is done.
        """
        why = _reason(reason)
        refund = await self.refunds.get(refund_id)
        refund.decided(S.PROCESSED, actor, why, self.drive.settle.clock.now())
        if refund.state is S.VOID_OK:
            raise Conflict("refund", f"{refund_id}: the carrier took the label back, the money is on its way")
        order = await self._order(refund_id)
        given = refund.amount if order.refunded is None else refund.amount + order.refunded
        if consent is None and self.consent.needed(Act.OVERRIDE, given):
            facts = {"refund_id": refund_id}
            return Performed(
                await self.consent.ask(
                    Act.OVERRIDE, facts, by=actor, why=why, amount=refund.amount, user_id=refund.user_id
                )
            )
        await self.drive.settle.given_at_loss(refund, actor=actor, reason=why, consent=consent)
        return Performed()

    async def override_as_granted(self, granted: Approval) -> Performed:
        """What a second person has consented to."""
        refund_id = RefundId(granted.facts["refund_id"])
        return await self.override(
            refund_id, actor=granted.asked_by, reason=granted.asked_why, consent=granted
        )

    async def each(
        self, refund_ids: Sequence[RefundId], act: Callable[[RefundId], Awaitable[T]]
    ) -> Sequence[Outcome[T]]:
        """Do one act to many, each by itself: what came of it for every one of them, in their order.

        Raises:
            InvalidInput: more than `MOST_AT_ONCE`, or none.
        """
        ids = tuple(dict.fromkeys(refund_ids))
        if not 0 < len(ids) <= MOST_AT_ONCE:
            raise InvalidInput("ids", f"name 1 to {MOST_AT_ONCE} refunds")

        async def one(refund_id: RefundId) -> Outcome[T]:
            try:
                return Outcome(refund_id, await act(refund_id))
            except ShippingError as exc:
                return Outcome(refund_id, error=exc)

        return await asyncio.gather(*(one(refund_id) for refund_id in ids))

    async def _order(self, refund_id: RefundId) -> Order:
        refund = await self.refunds.get(refund_id)
        return await self.drive.orders.get(refund.order_id)

    async def _change(
        self,
        refund_id: RefundId,
        version: int | None,
        change: Callable[[Refund], Refund],
        word: Word | None,
        actor: str,
        reason: str,
        *,
        action: str = "",
    ) -> Refund:
        def checked(before: Refund) -> Refund:
            if version not in {None, before.version}:
                raise StaleVersion("refund", f"{before.standing}: read version {before.version} of it first")
            return change(before)

        return await self.drive.settle.changed(
            refund_id, checked, word=word, action=action, actor=actor, reason=reason
        )


def _amount(refund: Refund, amount: Money | None, why: str) -> Money:
    given = refund.price if amount is None else amount
    if given.currency != refund.price.currency or not 0 < given.minor <= refund.price.minor:
        raise InvalidInput("amount", f"between 0.01 and {refund.price}, what is left of the price paid")
    if given < refund.price and not why:
        raise InvalidInput("amount_reason", "say why less than the price is given back")
    return given


def _text(name: str, text: str) -> str:
    return written(name, text, most=TEXT_LIMIT) if text.strip() else ""


def _reason(text: str) -> str:
    return written("reason", text, most=TEXT_LIMIT)
