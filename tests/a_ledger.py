"""A busy world of money over any store, and ways to damage its books."""

from __future__ import annotations

import asyncio
import contextlib
import random
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Protocol

from attrs import define, evolve, field

from adapters.memory.clock import MemoryClock
from adapters.memory.notifier import MemoryNotifier
from adapters.memory.payments import MemoryPayments
from builders import ANN, BOB, NOW, a_label, an_invoice, an_order, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.books import Rule
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.invoice import InvoiceState, PaymentStatus
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import Policy
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import InsufficientFunds
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.books import Books
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.shelves import R, Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.resolve_review import ResolveReview
from shipping_core.use_cases.settle_invoice import SettleInvoice
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.settle_refund import carrier_credits
from shipping_core.use_cases.top_up import TopUp


class Kept(Protocol):
    """What every store hands out."""

    @property
    @abstractmethod
    def books(self) -> Books: ...
    @property
    @abstractmethod
    def balances(self) -> BalanceLedger: ...
    @property
    @abstractmethod
    def orders(self) -> OrderRepository: ...
    @property
    @abstractmethod
    def invoices(self) -> InvoiceRepository: ...
    @property
    @abstractmethod
    def files(self) -> LabelDocuments: ...
    @property
    @abstractmethod
    def unit_of_work(self) -> UnitOfWork: ...
    @abstractmethod
    def shelf(self, kind: type[R]) -> Shelf[R]: ...


PAYMENTS = (
    ("25.00", PaymentStatus.PAID),
    ("25.00", PaymentStatus.PAID),
    ("31.00", PaymentStatus.PAID),
    ("10.00", PaymentStatus.UNDERPAID),
    ("25.00", PaymentStatus.MANUAL_ACCEPT),
)
COSTS = ("7.42", "7.00", "9.10", "0")


@define(slots=False)
class BusyWorld:
    """Everything that money does, at random by a seed."""

    store: Kept
    seed: int
    clock: MemoryClock = field(factory=lambda: MemoryClock(NOW))

    def __attrs_post_init__(self) -> None:
        store, clock, self.rng = self.store, self.clock, random.Random(self.seed)
        self.payments = MemoryPayments(clock)
        policy = Policy(Mode.TEST, open_invoices=1000)
        work = store.unit_of_work
        self.settle = SettleOrder(work, store.files, clock)
        self.settle_invoice = SettleInvoice(store.invoices, self.payments, work, MemoryNotifier(), clock)
        self.top_up = TopUp(store.invoices, store.balances, self.payments, work, clock, policy)
        self.review = ResolveReview(store.invoices, work, clock)

    async def lives(self, acts: int, *, at_once: int = 1) -> None:
        """So many things happen, some of them at once."""
        for first in range(0, acts, at_once):
            self.clock.advance(minutes(1))
            await asyncio.gather(*(self.acts(number) for number in range(first, first + at_once)))

    async def acts(self, number: int) -> None:
        """Somebody does something."""
        user = self.rng.choice((ANN, BOB))
        act = self.rng.choice((self.tops_up, self.orders, self.orders, self.is_adjusted))
        with contextlib.suppress(InsufficientFunds):
            await act(user, number)

    async def tops_up(self, user: UserId, number: int) -> None:
        """An invoice, paid in one way or another, or not at all."""
        invoice = await self.top_up(user, InvoiceId(f"inv_w{number}"), usd("25.00"))
        assert invoice.link is not None
        track = invoice.link.track_id
        if self.rng.random() < 0.1:
            return
        amount, status = self.rng.choice(PAYMENTS)
        self.payments.pay(track, usd(amount), status)
        settled = await self.settle_invoice(track, Mode.TEST)
        assert settled is not None
        if track in settled.reviews and self.rng.random() < 0.6:
            decide = self.rng.choice((self.review.close, self._gives))
            await decide(settled.invoice_id, track, actor="eve", reason="seen")
        if self.rng.random() < 0.2:
            self.payments.say(track, PaymentStatus.REFUNDED)
            await self.settle_invoice(track, Mode.TEST)

    async def _gives(self, invoice_id: InvoiceId, track: str, *, actor: str, reason: str) -> None:
        await self.review.credit(invoice_id, track, usd("3.00"), actor=actor, reason=reason)

    async def orders(self, user: UserId, number: int) -> None:
        """An order, and what becomes of it."""
        now = self.clock.now()
        order = an_order(f"ord_w{number}", user_id=user, created_at=now, updated_at=now)
        await self.settle.reserved(order)
        end = self.rng.choice(("waits", "expires", "fails", "bought", "bought", "unknown", "parked"))
        if end == "expires":
            await self.settle.expired(order)
        if end in {"waits", "expires"}:
            return
        claimed = order.claimed(now, carrier_order="c")
        await self.store.orders.save(claimed)
        if end == "fails":
            await self.settle.failed(claimed, "refused")
        elif end == "bought":
            bought = await self.settle.purchased(claimed, a_label(self.rng.choice(COSTS)))
            if self.rng.random() < 0.4:
                await self.is_refunded(bought, number)
        else:
            unknown = claimed.unknown("no answer", now)
            await self.store.orders.save(unknown)
            if end == "parked":
                await self.settle.parked(unknown, "an hour")

    async def is_refunded(self, order: Order, number: int) -> None:
        """All of it goes back, at our loss or to the carrier."""
        now, amount = self.clock.now(), order.refundable
        refund = a_refund(f"ref_w{number}", order, amount.minor)
        kind = self.rng.choice((Kind.REFUND, Kind.REFUND_AT_LOSS))
        if kind is Kind.REFUND:
            order = order.void_requested(now)
            await self.store.orders.save(order)
        at_loss = kind is Kind.REFUND_AT_LOSS
        given = order.given_back(amount, now) if at_loss else order.voided(amount, now)

        async def body(tx: Transaction) -> None:
            await tx.shelf(Refund).add(refund)
            await tx.orders.save(given)
            for line in () if at_loss else carrier_credits(order, refund, now):
                await tx.balances.post(line)
            await tx.balances.credit(
                order.user_id, amount, key=refund.credit_key, mode=order.mode, kind=kind, at=now,
                order_id=order.order_id, refund_id=refund.refund_id,
            )  # fmt: skip

        await self.store.unit_of_work.run(body)

    async def is_adjusted(self, user: UserId, number: int) -> None:
        """An operator's hand, in either mode."""
        mode, at = self.rng.choice(tuple(Mode)), self.clock.now()
        ledger, key = self.store.balances, f"adjust:w{number}"
        if self.rng.random() < 0.6:
            amount = usd("20.00")
            await ledger.credit(user, amount, key=key, mode=mode, kind=Kind.ADJUSTMENT, at=at)
        else:
            await ledger.debit(user, usd("5.00"), key=key, mode=mode, at=at, actor="eve", reason="x")


def a_refund(refund_id: str, order: Order, minor: int, state: RefundState = RefundState.PROCESSED) -> Refund:
    """A refund of this order."""
    amount = evolve(order.price, minor=minor)
    ids = RefundId(refund_id), order.order_id, order.user_id, order.mode
    return Refund(*ids, "usps", order.price, amount, NOW, NOW, state)


async def funded(store: Kept, minor: str = "7.42") -> Order:
    """An order whose price is held."""
    await store.balances.credit(ANN, usd("50.00"), key="adjust:d", mode=T, kind=Kind.ADJUSTMENT, at=NOW)
    order = an_order("ord_d", price=usd(minor))
    await SettleOrder(store.unit_of_work, store.files, MemoryClock(NOW)).reserved(order)
    return order


async def a_sale(store: Kept) -> Order:
    """An order that was bought as it must be."""
    claimed = (await funded(store)).claimed(NOW, carrier_order="c")
    await store.orders.save(claimed)
    settle = SettleOrder(store.unit_of_work, store.files, MemoryClock(NOW))
    return await settle.purchased(claimed, a_label())


Found = set[tuple[Rule, str, int, int]]
"""Rule, subject, what is booked and what is stated."""
T = Mode.TEST
LINE = (book.CARRIER_PAYABLE, book.CARRIER_COST, usd("7.42"), T, NOW)


async def a_hold_of_an_ended_order(store: Kept) -> Found:
    await store.orders.save((await funded(store)).failed("lost", NOW))
    return {(Rule.HOLD, "order:ord_d", 742, 0)}


async def an_order_without_a_hold(store: Kept) -> Found:
    await store.orders.add(an_order("ord_d"))
    return {(Rule.HOLD, "order:ord_d", 0, 742)}


async def a_hold_without_an_order(store: Kept) -> Found:
    await store.balances.credit(ANN, usd("9.00"), key="adjust:d", mode=T, kind=Kind.ADJUSTMENT, at=NOW)
    await store.balances.hold(ANN, usd("7.42"), key="hold:x", mode=T, order_id=OrderId("ord_x"), at=NOW)
    return {(Rule.HOLD, "order:ord_x", 742, 0)}


async def a_sale_without_money(store: Kept) -> Found:
    charged = usd("7.42")
    await store.orders.add(
        an_order("ord_d", state=OrderState.PURCHASED, label=a_label("7.00"), charged=charged)
    )
    return {(Rule.CAPTURE, "order:ord_d", 0, 742), (Rule.CARRIER_COST, "order:ord_d", 0, 700)}


async def money_without_a_sale(store: Kept) -> Found:
    order = await funded(store)
    await store.balances.capture(ANN, order.price, key=order.capture_key, hold_key=order.hold_key, at=NOW)
    return {(Rule.HOLD, "order:ord_d", 0, 742), (Rule.CAPTURE, "order:ord_d", 742, 0)}


async def a_cost_booked_twice(store: Kept) -> Found:
    order = await a_sale(store)
    await store.balances.post(Transfer("again", Kind.CARRIER_COST, *LINE, order_id=order.order_id))
    return {(Rule.CARRIER_COST, "order:ord_d", 1484, 742)}


async def a_cost_of_nobodys(store: Kept) -> Found:
    await store.balances.post(Transfer("whose", Kind.CARRIER_COST, *LINE))
    return {(Rule.CARRIER_COST, "order:whose", 742, 0)}


async def a_credited_invoice_without_credit(store: Kept) -> Found:
    await store.invoices.add(an_invoice("inv_d", state=InvoiceState.CREDITED))
    return {(Rule.TOPUP, "invoice:inv_d", 0, 2500)}


async def a_credit_without_an_invoice(store: Kept) -> Found:
    await store.balances.credit(ANN, usd("9.00"), key="topup:x", mode=T, kind=Kind.TOPUP, at=NOW)
    return {(Rule.TOPUP, "invoice:topup:x", 900, 0)}


async def a_credit_in_the_other_mode(store: Kept) -> Found:
    invoice = an_invoice("inv_d", state=InvoiceState.CREDITED)
    await store.invoices.add(invoice)
    await store.balances.credit(
        ANN, invoice.amount, key="topup:d", mode=Mode.PRODUCTION, kind=Kind.TOPUP, at=NOW,
        invoice_id=invoice.invoice_id,
    )  # fmt: skip
    return {(Rule.TOPUP, "invoice:inv_d", 2500, 0), (Rule.TOPUP, "invoice:inv_d", 0, 2500)}


async def a_reversal_that_took_nothing(store: Kept) -> Found:
    invoice = an_invoice("inv_d", state=InvoiceState.REVERSED, reversals=1)
    await store.invoices.add(invoice)
    await store.balances.credit(
        ANN, invoice.amount, key="topup:d", mode=T, kind=Kind.TOPUP, at=NOW, invoice_id=invoice.invoice_id
    )
    return {(Rule.REVERSAL, "invoice:inv_d", 0, 2500)}


async def suspense_that_is_not_there(store: Kept) -> Found:
    await store.invoices.add(an_invoice("inv_d", suspended={"t1": usd("3.00"), "t2": usd("4.00")}))
    return {(Rule.SUSPENSE, "invoice:inv_d", 0, 700)}


async def suspense_that_nobody_waits_for(store: Kept) -> Found:
    await store.invoices.add(an_invoice("inv_d"))
    accounts = book.GATEWAY_CLEARING, book.SUSPENSE
    for key, owner in (("suspense:d", InvoiceId("inv_d")), ("suspense:nobodys", None)):
        await store.balances.post(
            Transfer(key, Kind.SUSPENSE, *accounts, usd("3.00"), T, NOW, invoice_id=owner)
        )
    return {(Rule.SUSPENSE, "invoice:inv_d", 300, 0)}


async def a_processed_refund_without_credit(store: Kept) -> Found:
    await store.shelf(Refund).add(a_refund("ref_d", await a_sale(store), 500))
    return {(Rule.REFUND, "refund:ref_d", 0, 500)}


async def a_refund_credited_before_it_was_processed(store: Kept) -> Found:
    order = await a_sale(store)
    refund = a_refund("ref_d", order, 500, RefundState.VOID_OK)
    await store.shelf(Refund).add(refund)
    await store.orders.save(order.given_back(refund.amount, NOW))
    await store.balances.credit(
        ANN, refund.amount, key=refund.credit_key, mode=T, kind=Kind.REFUND, at=NOW,
        order_id=refund.order_id, refund_id=refund.refund_id,
    )  # fmt: skip
    return {(Rule.REFUND, "refund:ref_d", 500, 0)}


async def an_order_that_gave_back_nothing(store: Kept) -> Found:
    order = await a_sale(store)
    await store.orders.save(order.given_back(usd("5.00"), NOW))
    return {(Rule.GIVEN_BACK, "order:ord_d", 0, 500)}


async def a_label_taken_back_for_nothing(store: Kept) -> Found:
    order = (await a_sale(store)).void_requested(NOW)
    await store.orders.save(order)
    await store.orders.save(evolve(order, state=OrderState.VOIDED, version=order.version + 1))
    return {(Rule.CARRIER_CREDIT, "order:ord_d", 0, 742)}


async def a_carrier_credit_for_a_live_label(store: Kept) -> Found:
    order = await a_sale(store)
    for line in carrier_credits(order, a_refund("ref_d", order, 742), NOW):
        await store.balances.post(line)
    return {(Rule.CARRIER_CREDIT, "order:ord_d", 742, 0)}


DAMAGES: tuple[Callable[[Kept], Awaitable[Found]], ...] = (
    a_hold_of_an_ended_order, an_order_without_a_hold, a_hold_without_an_order, a_sale_without_money,
    money_without_a_sale, a_cost_booked_twice, a_cost_of_nobodys, a_credited_invoice_without_credit,
    a_credit_without_an_invoice, a_credit_in_the_other_mode, a_reversal_that_took_nothing,
    suspense_that_is_not_there, suspense_that_nobody_waits_for, a_processed_refund_without_credit,
    a_refund_credited_before_it_was_processed, an_order_that_gave_back_nothing,
    a_label_taken_back_for_nothing, a_carrier_credit_for_a_live_label,
)  # fmt: skip
