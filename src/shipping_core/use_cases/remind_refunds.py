"""Tell customers of labels they have not used, before the last day to ask them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from attrs import frozen

from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Eligibility
from shipping_core.errors import Conflict, GatewayError, StoreUnavailable
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.request_refunds import RequestRefunds
from shipping_core.use_cases.scans import scanned
from shipping_core.use_cases.settle_order import order_changed

A_PAGE = 100
PAGES = 20
"""That many in a round, at most."""


@frozen
class RemindRefunds:
    """Once an order, and only where the carrier has not seen the parcel and nobody has asked for it.

    Nothing is said to customers who were erased.
    """

    requests: RequestRefunds
    shipping: ShippingGateway
    notifier: Notifier

    async def __call__(self) -> int:
        """One round; how many customers were told."""
        windows = self.requests.policy.now.refunds.windows
        named = [code for code in windows if code]
        told = await self._carriers(self._days(""), but=named)
        for code in named:
            told += await self._carriers(self._days(code), only=(code,))
        return told

    def _days(self, carrier_code: str) -> dt.timedelta:
        return dt.timedelta(days=self.requests.policy.now.refunds.window(carrier_code).days)

    async def _carriers(
        self, window: dt.timedelta, *, only: Collection[str] = (), but: Collection[str] = ()
    ) -> int:
        now, rules = self.requests.clock.now(), self.requests.policy.now.refunds
        over = now - window
        until = min(over + rules.remind_before, now - rules.least_age)  # none that is too fresh to be asked
        told = 0
        for _ in range(PAGES):  # past those that stay due, or they would keep all others waiting
            due = await self.requests.orders.to_remind(over, until, only=only, but=but, limit=A_PAGE)
            told += [await self._guarded(order) for order in due].count(True)
            if len(due) < A_PAGE:
                break
            over = due[-1].created_at
        return told

    async def _guarded(self, order: Order) -> bool:
        try:
            return await self._remind(order)
        except (Conflict, GatewayError):
            return False  # somebody else has it, or the carrier does not say: it stays due
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - one bad order must not keep the others waiting
            await self.notifier.alarm(exc)
            return False

    async def _remind(self, order: Order) -> bool:
        judged, _ = await self.requests.judged(order)
        done = order.reminded(self.requests.clock.now())
        gone = await self.requests.erased(order.user_id)
        if gone or not judged.ok or await scanned(self.shipping, order):
            await self.requests.orders.save(done)
            return False
        letter, row = _letter(judged), order_changed(done, order)

        async def body(tx: Transaction) -> None:
            await tx.orders.save(done)
            await tx.outbox.put(letter)
            await tx.audit.put(row)

        await self.requests.unit_of_work.run(body)
        self.requests.bell.ring()
        return True


def _letter(judged: Eligibility) -> Letter:
    order = judged.order
    return Letter(
        f"{order.order_id}:{Word.REFUND_CLOSING.value}",
        order.user_id,
        Word.REFUND_CLOSING,
        order.updated_at,
        order_id=order.order_id,
        facts={"until": judged.until.isoformat()},
    )
