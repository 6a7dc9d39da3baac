"""Hold the money, buy the label once, capture or release."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from attrs import frozen

from shipping_core.domain.ids import OrderId, RateId, UserId
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Quote, Rate
from shipping_core.errors import (
    Conflict,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    StoreUnavailable,
)
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shipping import Bought, Prepared, Purchase, ShippingGateway
from shipping_core.use_cases.admission import Admission
from shipping_core.use_cases.settle_order import SettleOrder

T = TypeVar("T")

SEND_WITHIN_S = 5.0
"""A worker that slept this long after its claim must not buy any more; recovery looks the order up."""

RECORD_TRIES = 5
"""How often an outcome is recorded anew after a look-up changed the order, or the store stumbled."""

RECORD_PAUSE_S = 0.5
"""Before the first of these, doubling each time."""


@frozen
class BuyLabel:
    """Sells one label. The same order id again never buys again: it answers with the order as it stands."""

    orders: OrderRepository
    shipping: ShippingGateway
    settle: SettleOrder
    clock: Clock
    worker: str = "worker"
    """Who claims: a name no other process has."""
    admission: Admission | None = None
    """Who may buy; without one, anybody may."""

    async def __call__(
        self,
        *,
        user_id: UserId,
        order_id: OrderId,
        quote: Quote,
        rate_id: RateId,
        kept_as_entered: tuple[str, ...] = (),
    ) -> Order:
        """The order, purchased; or, when the id is known, as it stands.

        Raises:
            NotFound: the quote or the order is somebody else's, or has no such rate.
            QuoteExpired: the price is too old, or of a mode that was switched off; nothing was held.
            SalesClosed: this customer cannot buy now; nothing was held.
            InsufficientFunds: nothing was held.
            GatewayRefused, GatewayUnavailable: nothing was bought, and the money is free again.
            OutcomeUnknown: it may have been bought; the money stays held until `ReconcileOrders` knows.
            Conflict: another order used this quote, or the store would not commit; nothing was bought.
            StoreUnavailable: nothing was bought; whether the money is held is not known. Ask again.
        """
        try:
            order = await self.orders.get(order_id)
        except NotFound:
            order = self._new_order(user_id, order_id, quote, rate_id, kept_as_entered)
            if self.admission is not None:
                await self.admission.check_purchase(user_id, order.mode)
            return await self._sell(order)
        if order.user_id != user_id:
            raise NotFound("order", order_id)
        return order

    def _new_order(
        self, user_id: UserId, order_id: OrderId, quote: Quote, rate_id: RateId, kept: tuple[str, ...]
    ) -> Order:
        rate: Rate | None = quote.rate(rate_id)
        if quote.user_id != user_id or rate is None:
            raise NotFound("rate", rate_id)
        now = self.clock.now()
        if quote.expired(now):
            raise QuoteExpired
        return Order(
            order_id=order_id,
            user_id=user_id,
            mode=quote.mode,
            shipment=quote.shipment,
            rate=rate,
            quote_id=quote.quote_id,
            reference=quote.reference,
            price=rate.price,
            created_at=now,
            updated_at=now,
            kept_as_entered=kept,
            good_until=quote.expires_at,
        )

    async def drive_on(self, order: Order) -> Order:
        """Buy what was reserved, by a worker that went on no further; as it stands, if one has.

        Raises:
            GatewayRefused, GatewayUnavailable, OutcomeUnknown: as above.
        """
        return await self._prepare_and_buy(order, by_letter=True)

    async def _sell(self, order: Order) -> Order:
        try:
            await self.settle.reserved(order)
        except Conflict as conflict:
            return await self._lost_race(order, conflict)
        return await self._prepare_and_buy(order, by_letter=False)

    async def _prepare_and_buy(self, order: Order, *, by_letter: bool) -> Order:
        purchase = Purchase(order.reference, order.rate, order.shipment, order.mode)
        try:
            prepared = await self.shipping.prepare(purchase)
        except GatewayError as exc:
            code = exc.code or "not_prepared"
            try:
                await self.settle.failed(order, code, by_letter=by_letter)
            except Conflict:
                return await self.orders.get(order.order_id)
            raise (
                GatewayUnavailable(exc.operation, exc.reason) if isinstance(exc, OutcomeUnknown) else exc
            ) from exc
        return await self._claim_and_buy(order, prepared, by_letter=by_letter)

    async def _lost_race(self, order: Order, conflict: Conflict) -> Order:
        """Somebody made this order first, or the quote was already used by another one."""
        try:
            known = await self.orders.get(order.order_id)
        except NotFound:
            raise conflict from None
        if known.user_id != order.user_id:
            raise NotFound("order", order.order_id)
        return known

    async def _claim_and_buy(self, order: Order, prepared: Prepared, *, by_letter: bool) -> Order:
        claimed = order.claimed(self.clock.now(), carrier_order=prepared.carrier_order, by=self.worker)
        claimed_at = self.clock.monotonic_s()
        try:
            await self.orders.save(claimed)
        except Conflict:
            return await self.orders.get(order.order_id)
        except StoreUnavailable as exc:
            raise OutcomeUnknown("buy", "the claim was not confirmed") from exc
        if self.clock.monotonic_s() - claimed_at >= SEND_WITHIN_S:
            raise OutcomeUnknown("buy", "slept after the claim")
        try:
            bought = await self.shipping.buy(prepared)
        except (GatewayRefused, GatewayUnavailable) as exc:
            reason = exc.code or "refused"

            async def free(order: Order) -> Order:
                return await self.settle.failed(order, reason, by_letter=by_letter or order.in_doubt)

            await _finish(self._recorded(claimed, free))
            raise
        except OutcomeUnknown as exc:
            await _finish(self._mark_unknown(claimed, exc.reason))
            raise
        return await _finish(self._record(claimed, bought))

    async def _record(self, order: Order, bought: Bought) -> Order:
        if bought.document is not None:
            # The file can be asked for again; a store that fails here must not hide the purchase.
            with contextlib.suppress(StoreUnavailable):
                await self.settle.documents.put(order.order_id, bought.document, self.clock.now())
        return await self._recorded(order, lambda order: self.settle.purchased(order, bought.label))

    async def _mark_unknown(self, order: Order, reason: str) -> None:
        with contextlib.suppress(Conflict, StoreUnavailable):  # a look-up marks it too
            await self.orders.save(order.unknown(reason, self.clock.now()))

    async def _recorded(self, order: Order, act: Callable[[Order], Awaitable[Order]]) -> Order:
        """The outcome, recorded, even where a slow answer finds that a look-up has changed the order.

        Raises:
            OutcomeUnknown: the store would not commit; a look-up will find what the carrier did.
        """
        for attempt in range(RECORD_TRIES):
            try:
                return await act(order)
            except Conflict:
                pass
            except StoreUnavailable:
                await asyncio.sleep(RECORD_PAUSE_S * 2**attempt)
            try:
                order = await self.orders.get(order.order_id)
            except StoreUnavailable:
                continue
            if not order.undecided:
                return order
        raise OutcomeUnknown("buy", "answered, but not recorded")


async def _finish(work: Coroutine[None, None, T]) -> T:
    """Let `work` end even when the caller is cancelled meanwhile: the carrier has already acted."""
    task = asyncio.create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError from task.exception()
    return task.result()
