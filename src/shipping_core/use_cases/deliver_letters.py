"""Bring letters to customers until they arrived: at least once, each customer's in order."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt

from attrs import frozen

from shipping_core.conversation import screens as sc
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.letter import Delivery, Letter, LetterState, Word
from shipping_core.domain.order import Order
from shipping_core.errors import (
    Conflict,
    GatewayError,
    GatewayRefused,
    OperatorNeeded,
    ShippingError,
    StoreUnavailable,
)
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.send_label import SendLabel

LEASE_S = 120.0
"""A worker that died with a letter in its hands is waited for this long."""
FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=15)
GIVE_UP_AFTER = dt.timedelta(days=3)
NOT_TAKEN = "the messenger did not take it"
OUT_OF_REACH = "the customer is out of reach"


@frozen
class DeliverLetters:
    """Claims letters, tells the conversation what happened, and brings the words. Any number may run."""

    outbox: Outbox
    orders: OrderRepository
    invoices: InvoiceRepository
    send_label: SendLabel
    converse: Converse
    notifier: Notifier
    facts: GatherFacts
    clock: Clock
    worker: str = "worker"

    async def __call__(self) -> int:
        """One round: the oldest letter of each of some customers; how many were in hand."""
        letters = await self.outbox.claim(self.worker, self.clock.now(), lease_s=LEASE_S)
        await asyncio.gather(*(self._one(letter) for letter in letters))
        return len(letters)

    async def _one(self, letter: Letter) -> None:
        with contextlib.suppress(StoreUnavailable):  # its claim ends by itself, and it is tried again
            await self._tried(letter)

    async def _tried(self, letter: Letter) -> None:
        reason = NOT_TAKEN
        try:
            delivery = await self._brought(letter)
        except StoreUnavailable:
            raise
        except (Conflict, GatewayError) as exc:
            delivery, reason = Delivery.FAILED, _why(exc)
        except ShippingError as exc:
            await self._give_up(letter, exc)
            return
        except Exception as exc:  # noqa: BLE001 - one bad letter must not stop the others
            await self.notifier.alarm(exc)
            delivery, reason = Delivery.FAILED, _why(exc)
        await self._ended(letter, delivery, reason)

    async def _ended(self, letter: Letter, delivery: Delivery, reason: str) -> None:
        if delivery is Delivery.ARRIVED:
            await self.outbox.mark(letter.letter_id, self.worker, LetterState.SENT)
            return
        if delivery is Delivery.UNREACHABLE:
            await self.outbox.mark(
                letter.letter_id, self.worker, LetterState.UNREACHABLE, reason=OUT_OF_REACH
            )
            return
        now = self.clock.now()
        age = now - letter.created_at
        if age >= GIVE_UP_AFTER:
            await self._give_up(letter, OperatorNeeded(f"{letter.letter_id} did not arrive"))
            return
        pause = min(max(FIRST_PAUSE, age), LONGEST_PAUSE)
        await self.outbox.postpone(letter.letter_id, self.worker, now + pause, reason=reason)

    async def _give_up(self, letter: Letter, why: ShippingError) -> None:
        await self.outbox.mark(letter.letter_id, self.worker, LetterState.DEAD, reason=str(why))
        await self.notifier.alarm(why)

    async def _brought(self, letter: Letter) -> Delivery:
        order = await self.orders.get(letter.order_id) if letter.order_id is not None else None
        invoice = await self.invoices.get(letter.invoice_id) if letter.invoice_id is not None else None
        if order is not None and letter.word is Word.BOUGHT:
            return await self._label(letter, order)
        placed = await self._told_the_conversation(letter, order, invoice)
        if placed and letter.word is Word.NOT_BOUGHT:
            return Delivery.ARRIVED  # the card says so
        return await self._say(letter, sc.News(letter.word, order, invoice, letter.facts, letter.refund_id))

    async def _label(self, letter: Letter, order: Order) -> Delivery:
        await self.converse.settled(order)
        try:
            document = await self.send_label.document(order)
        except GatewayRefused as exc:  # it is nowhere to be had any more: an operator has to help
            await self.notifier.alarm(exc)
            return await self._say(letter, sc.News(letter.word, order, None, {"reason": "no_document"}))
        except GatewayError:
            if self.clock.now() - letter.created_at < FIRST_PAUSE:
                await self._promise(letter)
            raise
        screen = sc.LabelCaption(order)
        facts = await self.facts(letter.user_id, screen)
        return await self.notifier.deliver(letter.user_id, screen, facts, document)

    async def _promise(self, letter: Letter) -> None:
        screen = sc.Remark()
        facts = await self.facts(letter.user_id, screen)
        await self.notifier.tell(letter.user_id, screen, facts, sc.Note("label_later"))

    async def _told_the_conversation(
        self, letter: Letter, order: Order | None, invoice: Invoice | None
    ) -> bool:
        if order is not None:
            return await self.converse.settled(order)
        if invoice is not None and letter.word is Word.CREDITED:
            return await self.converse.paid(invoice)
        return False

    async def _say(self, letter: Letter, screen: sc.Screen) -> Delivery:
        return await self.notifier.deliver(letter.user_id, screen, await self.facts(letter.user_id, screen))


def _why(error: Exception) -> str:
    """What went wrong, without the error's own text: it may quote a person's data."""
    operation = getattr(error, "operation", "")
    return f"{type(error).__name__} in {operation}" if operation else type(error).__name__
