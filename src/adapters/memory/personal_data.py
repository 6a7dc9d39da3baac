"""Blanks what is personal, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve, frozen

from adapters.memory.database import View
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import KeptLetter
from adapters.memory.shelves import MemoryShelf
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import TO_COME, LetterState
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund
from shipping_core.errors import Conflict
from shipping_core.ports.personal_data import PersonalData

Kept = TypeVar("Kept", Template, Contact, ParcelPreset)


@frozen
class MemoryPersonalData(PersonalData):
    """Over the same tables as everything else."""

    view: View

    async def erase(self, user_id: UserId) -> None:
        self.view.put("sessions", user_id, None)
        await self._clear(Template, user_id)
        await self._clear(Contact, user_id)
        await self._clear(ParcelPreset, user_id)
        letters: list[KeptLetter] = list(self.view.scan("letters"))
        for kept in letters:
            if kept.letter.user_id == user_id:
                blank = evolve(kept, letter=evolve(kept.letter, facts={}))
                if kept.state in TO_COME:
                    blank = evolve(blank, state=LetterState.DEAD, reason="erased", owner="", held_until=None)
                self.view.put("letters", kept.letter.letter_id, blank)
        for refund in list(self.view.scan("Refund")):
            if refund.user_id == user_id and refund.telling:
                await MemoryShelf(self.view, Refund).save(refund.forgotten())
        mine = [order for order in self._named() if order.user_id == user_id]
        await self._forget(order for order in mine if not order.under_way)
        if any(order.under_way for order in mine):
            raise Conflict("order", f"of {user_id} is under way")

    async def forget_addresses(self, before: dt.datetime, *, limit: int = 100) -> int:
        old = [o for o in self._named() if not o.under_way and o.updated_at < before]
        oldest = sorted(old, key=lambda o: (o.updated_at, o.order_id))[: max(0, limit)]
        await self._forget(oldest)
        return len(oldest)

    def _named(self) -> list[Order]:
        return [order for order in self.view.scan("orders") if not order.addresses_gone]

    async def _forget(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self.view.put("documents", order.order_id, None)
            await MemoryOrders(self.view).save(order.forgotten())

    async def _clear(self, kind: type[Kept], user_id: UserId) -> None:
        shelf = MemoryShelf(self.view, kind)
        for record in self.view.scan(kind.__name__):
            if record.user_id == user_id:
                await shelf.remove(record)
