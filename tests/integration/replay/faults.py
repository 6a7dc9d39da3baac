"""Bots that do wrong on purpose; the load test must see each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
from attrs import evolve, frozen
from dependency_injector import providers

from adapters.memory.balances import MemoryBalances
from adapters.memory.stores import MemoryDocuments, MemoryTransaction, MemoryUnitOfWork
from shipping_bot.container import Container
from shipping_core.domain.ids import OrderId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.shipment import Shipment
from shipping_core.ports.shipping import Bought, Offers, Prepared, ShippingGateway
from shipping_core.ports.unit_of_work import Transaction

T = TypeVar("T")


class _Around:
    """A gateway that does as the real one does, but for what a subclass changes."""

    def __init__(self, inner: ShippingGateway) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class BuysTwice(_Around):
    """Repeats a purchase, as a careless retry does."""

    async def buy(self, prepared: Prepared) -> Bought:
        await self._inner.buy(prepared)
        return await self._inner.buy(prepared)


class SwapsAddresses(_Around):
    """Sends every parcel back to its sender."""

    async def rates(self, shipment: Shipment, **more: Any) -> Offers:
        swapped = evolve(shipment, sender=shipment.recipient, recipient=shipment.sender)
        return await self._inner.rates(swapped, **more)


class MixesCustomers(_Around):
    """Takes everybody's parcel to the first one's recipient."""

    first: Shipment | None = None

    async def rates(self, shipment: Shipment, **more: Any) -> Offers:
        self.first = self.first or shipment
        return await self._inner.rates(evolve(shipment, recipient=self.first.recipient), **more)


class LeakyBalances(MemoryBalances):
    """Never ends a hold."""

    async def capture(self, user_id: Any, amount: Any, **more: Any) -> Balance:
        return Balance()

    async def release(self, user_id: Any, **more: Any) -> Balance:
        return Balance()


@frozen
class _Leaking(MemoryTransaction):
    @property
    def balances(self) -> MemoryBalances:
        return LeakyBalances(self.view)


class LeakyUnitOfWork(MemoryUnitOfWork):
    """Transactions whose ledger leaks."""

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.transact(lambda view: body(_Leaking(view)))


class OneFileForAll(MemoryDocuments):
    """Hands the first label to everybody."""

    async def get(self, order_id: OrderId) -> bytes | None:
        first = next(iter(self.view.scan("documents")), None)
        return first if first is not None else await super().get(order_id)


def gateway(kind: type[_Around]) -> Callable[[Container], None]:
    """Put this around the real gateway."""

    def plant(container: Container) -> None:
        container.shipping.override(providers.Object(kind(container.shipping())))

    return plant


def leak(container: Container) -> None:
    """Let holds leak."""
    container.unit_of_work.override(providers.Singleton(LeakyUnitOfWork, database=container.database))


def one_file(container: Container) -> None:
    """Send everybody the same label."""
    container.documents.override(providers.Singleton(OneFileForAll, view=container.database))


def rival(container: Container) -> None:
    """Let somebody else poll with the same token for a moment, in the middle of it all."""
    telegram = container.settings().telegram
    task = asyncio.get_running_loop().create_task(_poll(telegram.api_base_url, str(telegram.bot_token)))
    _rivals.add(task)
    task.add_done_callback(_rivals.discard)


POLLS = 40
"""Only a poll that meets one of ours under way disturbs it."""
_rivals: set[asyncio.Task[None]] = set()


async def _poll(url: str, token: str) -> None:
    stats = f"{url}/sandbox/telegram/bots/{token.partition(':')[0]}/stats"
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.get(stats) as answer:
                if answer.status == 200 and (await answer.json())["updates"]:
                    break
            await asyncio.sleep(0.01)
        for _ in range(POLLS):
            async with http.post(f"{url}/bot{token}/getUpdates", json={"timeout": 0}):
                await asyncio.sleep(0.005)
