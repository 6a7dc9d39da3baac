"""Storage adapters with one safety rule taken out of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from adapters.memory.balances import MemoryBalances
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryOutbox
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.ledger import Balance, Transfer
from shipping_core.domain.letter import Letter, LetterState
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from world.store import WorldDatabase


@define
class ForgetfulDatabase(WorldDatabase):
    """Acknowledges writes that a crash can still take back, as a primary does under w:1."""

    _late: list[tuple[str, Any, Any]] = field(factory=list, init=False)

    def put(self, table: str, key: Any, document: Any) -> None:
        self._late.append((table, key, self.get(table, key)))
        del self._late[:-6]
        WorldDatabase.put(self, table, key, document)

    def crashed(self) -> None:
        for table, key, before in reversed(self._late):
            if before is None:
                self._tables[table].pop(key, None)
            else:
                self._tables[table][key] = before
        self._late.clear()


@frozen
class CarelessOrders(MemoryOrders):
    """Saves over whatever is there."""

    async def save(self, order: Order) -> None:
        self.view.put("orders", order.order_id, order)


@frozen
class GenerousBalances(MemoryBalances):
    """Holds what is not there."""

    async def hold(
        self, user_id: UserId, amount: Money, *, key: str, mode: Mode, order_id: OrderId, at: dt.datetime
    ) -> Balance:
        before = self.view.get("balances", (mode, user_id)) or Balance()
        self.view.put("balances", (mode, user_id), evolve(before, available=before.available + amount))
        held = await MemoryBalances.hold(self, user_id, amount, key=key, mode=mode, order_id=order_id, at=at)
        fixed = evolve(held, available=held.available - amount)
        self.view.put("balances", (mode, user_id), fixed)
        return fixed


@frozen
class ForgivingBalances(MemoryBalances):
    """Resolves a hold as often as it is asked to."""

    def _resolve(self, user_id: UserId, hold_key: str, transfer: Transfer) -> None:
        self._post(user_id, transfer)

    def _known(self, transfer: Transfer) -> bool:
        return False


@frozen
class ForgetfulBalances(MemoryBalances):
    """Knows no key again."""

    def _known(self, transfer: Transfer) -> bool:
        return False


@frozen
class HastyOutbox(MemoryOutbox):
    """Gives out the newest letter first."""

    def _rows(self, state: LetterState | None = None) -> list[Any]:
        rows = MemoryOutbox._rows(self, state)
        return rows[::-1] if state is LetterState.WAITING else rows


@frozen
class SharedOutbox(MemoryOutbox):
    """Gives a letter to everybody who asks."""

    async def claim(
        self, owner: str, now: dt.datetime, *, lease_s: float, limit: int = 20
    ) -> Sequence[Letter]:
        return await MemoryOutbox.claim(self, owner, now, lease_s=0.0, limit=limit)
