"""Ask for labels' money back: one or many, each judged alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from shipping_core.domain.ids import OrderId, RefundId, UserId
from shipping_core.domain.letter import Word
from shipping_core.domain.order import Order
from shipping_core.domain.policy import Rules
from shipping_core.domain.refund import (
    Asked,
    Eligibility,
    Refund,
    RefundState,
    Verdict,
    eligibility,
    live_word,
)
from shipping_core.errors import Conflict, InvalidInput, NotFound, TransactionConflict
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.settle_refund import refund_changed, refund_letter

MOST_AT_ONCE = 50
CUSTOMER = "customer"
LOOKED_AT = 500
"""Of a customer's last orders, when labels are offered to be asked back."""
LONGEST_WORD = 64
_BETWEEN = re.compile(r"[\s,;]+")


def labels_named(text: str) -> tuple[str, ...]:
    """The words of a text, each once whatever its case."""
    named: dict[str, str] = {}
    for word in _BETWEEN.split(text):
        if word:
            named.setdefault(word.casefold(), word[:LONGEST_WORD])
    return tuple(named.values())


@frozen
class RequestRefunds:
    """Judges labels by the rules, and keeps a wish for each that may be asked back."""

    users: UserRepository
    orders: OrderRepository
    refunds: Shelf[Refund]
    unit_of_work: UnitOfWork
    policy: Rules
    clock: Clock
    ids: IdSource
    bell: Bell = field(factory=Bell)

    async def __call__(
        self, user_id: UserId, labels: str | Iterable[str], *, requested_by: str = CUSTOMER
    ) -> Sequence[Asked]:
        """Ask for these labels of one customer: order numbers or tracking numbers, in a text or one by one.

        A label that is named twice is answered once. What is not this customer's is unknown to us. An
        operator may ask in the customer's name, who then hears of it by letter.

        Raises:
            InvalidInput: no label is named, or more than `MOST_AT_ONCE`; or an operator asks for somebody who
                was erased.
        """
        words = labels_named(labels if isinstance(labels, str) else " ".join(labels))
        if not words:
            raise InvalidInput("labels", "name at least one order number or tracking number")
        if len(words) > MOST_AT_ONCE:
            raise InvalidInput("labels", f"ask for at most {MOST_AT_ONCE} labels at once")
        if requested_by != CUSTOMER and await self.erased(user_id):
            raise InvalidInput("user_id", "was erased: nobody is there to be given anything back")
        found = await self._found(user_id, words)
        asked, seen = [], set[OrderId]()
        for word in words:
            order = found.get(word)
            if order is None:
                asked.append(Asked(word))
            elif order.order_id not in seen:
                seen.add(order.order_id)
                asked.append(await self._ask(word, order, requested_by))
        return asked

    async def erased(self, user_id: UserId) -> bool:
        """Whether this customer was erased, and has not come back."""
        try:
            return (await self.users.get(user_id)).erased_at is not None
        except NotFound:
            return False

    async def judged(self, order: Order) -> tuple[Eligibility, Refund | None]:
        """One label against the rules, and the refund of it that is under way."""
        live = await self.refunds.by_unique(live_word(order.order_id))
        return self._judge(order, asked=live is not None), live

    async def paid(self, order: Order) -> Refund | None:
        """The refund that gave an order's money back."""
        if order.refunded is None:
            return None
        made = await self.refunds.find({"order_id": order.order_id}, limit=LOOKED_AT)
        return next((refund for refund in made if refund.state is RefundState.PROCESSED), None)

    async def offered(self, user_id: UserId) -> Sequence[Eligibility]:
        """A customer's labels that may be asked back, or cancelled at once; the nearest last day first."""
        now = self.clock.now()
        since = now - self.policy.now.refunds.longest
        recent = await self.orders.of_user(user_id, limit=LOOKED_AT)
        orders = [order for order in recent if order.created_at > since]
        ids = tuple(order.order_id for order in orders)
        refunds = await self.refunds.find({"order_id": ids}, limit=10 * LOOKED_AT) if ids else ()
        live = {refund.order_id for refund in refunds if refund.live}
        judged = [self._judge(order, asked=order.order_id in live) for order in orders]
        wanted = [j for j in judged if j.verdict in {Verdict.ELIGIBLE, Verdict.FRESH}]
        return sorted(wanted, key=lambda j: (j.until, j.order.order_id))

    def _judge(self, order: Order, *, asked: bool) -> Eligibility:
        return eligibility(order, self.policy.now.refunds, self.clock.now(), asked=asked)

    async def _found(self, user_id: UserId, words: Sequence[str]) -> dict[str, Order]:
        numbers = {variant for word in words for variant in (word, word.upper())}
        orders = await self.orders.by_tracking(user_id, numbers)
        by_number = await self._by_number(orders)
        found = {word: by_number[word.casefold()] for word in words if word.casefold() in by_number}
        for word in words:
            order = None if word in found else await self._numbered(user_id, word)
            if order is not None:
                found[word] = order
        return found

    async def _by_number(self, orders: Iterable[Order]) -> dict[str, Order]:
        """By tracking number; carriers give some out again: then the first that may be asked back."""
        same: dict[str, list[Order]] = {}
        for order in orders:
            if order.label is not None:
                same.setdefault(order.label.tracking_number.casefold(), []).append(order)
        return {number: await self._meant(found) for number, found in same.items()}

    async def _meant(self, orders: Sequence[Order]) -> Order:
        if len(orders) > 1:
            for order in orders:
                if (await self.judged(order))[0].ok:
                    return order
        return orders[-1]

    async def _numbered(self, user_id: UserId, word: str) -> Order | None:
        if not word.casefold().startswith("ord_"):
            return None
        try:
            order = await self.orders.get(OrderId(word.casefold()))
        except NotFound:
            return None
        return order if order.user_id == user_id else None

    async def _ask(self, word: str, order: Order, requested_by: str) -> Asked:
        now, rules, refund_id = self.clock.now(), self.policy.now.refunds, RefundId(self.ids.new("ref"))

        async def body(tx: Transaction) -> Asked:
            fresh, asked = await with_live(tx, order.order_id)
            judged = eligibility(fresh, rules, now, asked=asked)
            if not judged.ok:
                return Asked(word, fresh, refused=judged)
            refund = wish(fresh, refund_id, now, requested_by)
            await tx.shelf(Refund).add(refund)
            if requested_by != CUSTOMER:
                await tx.outbox.put(refund_letter(refund, Word.REFUND_REQUESTED))
            await tx.audit.put(refund_changed(refund, None, actor=requested_by))
            return Asked(word, fresh, refund)

        try:
            asked = await self.unit_of_work.run(body)
        except TransactionConflict:
            raise
        except Conflict:
            return Asked(word, order, refused=eligibility(order, rules, now, asked=True))
        self.bell.ring()
        return asked


async def with_live(tx: Transaction, order_id: OrderId) -> tuple[Order, bool]:
    """An order, and whether a refund of it is under way; to be followed by adding one.

    What is to be unique is read first: whoever adds it then commits only where no other refund has come, or
    come and gone, since; so what the order says is still so.
    """
    live = await tx.shelf(Refund).by_unique(live_word(order_id))
    return await tx.orders.get(order_id), live is not None


def wish(order: Order, refund_id: RefundId, now: dt.datetime, requested_by: str) -> Refund:
    """A refund of all that is left of the price paid."""
    return Refund(
        refund_id=refund_id,
        order_id=order.order_id,
        user_id=order.user_id,
        mode=order.mode,
        carrier_code=order.rate.carrier_code,
        price=order.refundable,
        amount=order.refundable,
        created_at=now,
        updated_at=now,
        requested_by=requested_by,
        tracking_number=order.label.tracking_number if order.label else "",
    )
