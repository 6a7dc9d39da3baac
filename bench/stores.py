"""What the hot acts cost on MongoDB: our adapter against odmantic's own engine on Motor, in one run.

    python -m bench.stores [--acts 400] [--runs 3] [--tasks 1 20] [--json]

A private server is started in a temporary folder. Each act is done on many users; rounds alternate and
medians are printed: trust the ratios before the absolute figures. odmantic does what its documentation
says: `find_one`, `save`, `engine.transaction()`; it checks no version and guards no balance, so it does less.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from motor.motor_asyncio import AsyncIOMotorClient
from odmantic import AIOEngine, Field, Model
from pymongo.errors import PyMongoError

from adapters.mongo.documents import SessionDocument, to_document
from adapters.mongo.embedded import embedded_server
from adapters.mongo.store import Store, open_store
from builders import NOW, a_draft, a_session, an_order, usd
from shipping_core.conversation import states as st
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.ports.unit_of_work import Transaction

USERS = 200
DATABASE = "bench"
Act = Callable[[int], Awaitable[object]]


class NaiveBalance(Model):
    """A balance, as a program on odmantic's engine would keep it."""

    user_id: str = Field(primary_field=True)
    available: int
    held: int = 0


class NaiveTransfer(Model):
    """A transfer, likewise."""

    key: str = Field(primary_field=True)
    user_id: str
    minor: int


class NaiveOrder(Model):
    """An order, likewise."""

    order_id: str = Field(primary_field=True)
    user_id: str
    shipment: dict[str, Any]
    rate: dict[str, Any]
    state: str = "reserved"


def user(number: int) -> UserId:
    """One of the users."""
    return UserId(f"user-{number % USERS}")


@define
class Ours:
    """The adapter as the program uses it."""

    store: Store
    numbers: itertools.count[int] = field(factory=itertools.count)

    async def step(self, number: int) -> None:
        """An ordinary step: load the session, save its next version."""
        session = await self.store.sessions.load(user(number))
        assert session is not None
        await self.store.sessions.save(session.after(st.Reviewing(), session.draft, NOW))

    async def hold(self, number: int) -> None:
        """A cent is promised."""
        order = an_order(f"ord_h{next(self.numbers)}")
        await self.store.balances.hold(
            user(number), usd("0.01"), key=order.hold_key, mode=Mode.TEST, order_id=order.order_id, at=NOW
        )

    async def rush(self, _: int) -> None:
        """A cent is promised, by the same user every time."""
        await self.hold(0)

    async def order(self, number: int) -> None:
        """An order is kept and a cent promised, in one transaction."""
        name = f"ord_o{next(self.numbers)}"
        order = an_order(name, user_id=user(number), reference=name, price=usd("0.01"))

        async def body(tx: Transaction) -> None:
            await tx.orders.add(order)
            await tx.balances.hold(
                order.user_id,
                order.price,
                key=order.hold_key,
                mode=order.mode,
                order_id=order.order_id,
                at=NOW,
            )

        await self.store.unit_of_work.run(body)


@define
class Engine:
    """odmantic's engine on Motor."""

    engine: AIOEngine
    numbers: itertools.count[int] = field(factory=itertools.count)

    async def step(self, number: int) -> None:
        """The same document, found and saved."""
        found = await self.engine.find_one(SessionDocument, SessionDocument.user_id == user(number))
        assert found is not None
        found.version += 1
        await self.engine.save(found)

    async def hold(self, number: int) -> None:
        """Read the balance, change it, save it with its transfer; again when the transaction lost."""
        await self._retried(self._hold, number)

    async def rush(self, _: int) -> None:
        """The same user every time."""
        await self._retried(self._hold, 0)

    async def order(self, number: int) -> None:
        """The same with an order."""
        await self._retried(self._order, number)

    async def _hold(self, tx: Any, number: int) -> None:
        await tx.save(NaiveTransfer(key=f"h{next(self.numbers)}", user_id=user(number), minor=1))  # type: ignore[call-arg]
        balance = await tx.find_one(NaiveBalance, NaiveBalance.user_id == user(number))
        balance.available -= 1
        balance.held += 1
        await tx.save(balance)

    async def _order(self, tx: Any, number: int) -> None:
        plain = to_document(an_order("ord_x"), number=1)
        await tx.save(
            NaiveOrder(  # type: ignore[call-arg]
                order_id=f"o{next(self.numbers)}",
                user_id=user(number),
                shipment=plain["shipment"],
                rate=plain["rate"],
            )
        )
        await self._hold(tx, number)

    async def _retried(self, act: Callable[[Any, int], Awaitable[None]], number: int) -> None:
        while True:
            try:
                async with self.engine.transaction() as tx:
                    await act(tx, number)
                    await tx.commit()
            except PyMongoError as exc:
                if not exc.has_error_label("TransientTransactionError"):
                    raise
                await asyncio.sleep(0.002)
            else:
                return


@frozen
class Result:
    """One round: acts a second, the middle and the slow end of one act, and our own processor's time."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


async def one_round(act: Act, acts: int, tasks: int) -> Result:
    """Do the act so many times by so many tasks; the first tenth warms up."""
    for number in range(acts // 10):
        await act(number)
    numbers, took = iter(range(acts)), []

    async def lane() -> None:
        for number in numbers:
            began = time.perf_counter()
            await act(number)
            took.append(time.perf_counter() - began)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(tasks)))
    whole, cpu = time.perf_counter() - began, time.process_time() - cpu
    took.sort()
    return Result(acts / whole, 1e3 * took[acts // 2], 1e3 * took[acts * 99 // 100], 1e3 * cpu / acts)


async def fill(store: Store, engine: AIOEngine) -> None:
    """Every user has a session and money."""
    for number in range(USERS):
        await store.sessions.save(a_session(st.Reviewing(), user_id=user(number), draft=a_draft()))
        await store.balances.credit(
            user(number), usd("100000"), key=f"t:{number}", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW
        )
    await engine.save_all([NaiveBalance(user_id=user(n), available=10**9) for n in range(USERS)])  # type: ignore[call-arg]
    sessions = store.scope.collection(SessionDocument)
    await engine.get_collection(SessionDocument).insert_many(await sessions.find().to_list())
    for kind in (NaiveTransfer, NaiveOrder):
        await engine.database.create_collection(+kind)


async def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Every act by both, alternating."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_server(Path(folder)) as url, open_store(url, DATABASE) as store:
            motor: Any = AsyncIOMotorClient(url, w="majority", tz_aware=True, maxPoolSize=20)
            engine = AIOEngine(motor, "bench_engine")
            await fill(store, engine)
            both: dict[str, Any] = {"ours": Ours(store), "engine": Engine(engine)}
            for act, tasks in itertools.product(("step", "hold", "order", "rush"), options.tasks):
                results: dict[str, list[Result]] = {name: [] for name in both}
                for _ in range(options.runs):
                    for name, contender in both.items():
                        acts = options.acts * (1 if tasks == 1 or act == "rush" else 3)
                        results[name].append(await one_round(getattr(contender, act), acts, tasks))
                rows += [_row(act, tasks, name, found) for name, found in results.items()]
            motor.close()
    return rows


def _row(act: str, tasks: int, name: str, found: list[Result]) -> dict[str, Any]:
    middle = {
        key: statistics.median(getattr(result, key) for result in found)
        for key in ("per_s", "p50_ms", "p99_ms", "cpu_ms")
    }
    return {"act": act, "tasks": tasks, "who": name, **middle}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--acts", type=int, default=400)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tasks", type=int, nargs="*", default=[1, 20])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(measure(options))
    if options.json:
        print(json.dumps(rows))
        return
    print(
        f"{'act':6} {'tasks':>5} {'':8} {'acts/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'CPU ms':>7} {'ratio':>6}"
    )
    for ours, engine in zip(rows[::2], rows[1::2], strict=True):
        for row in (ours, engine):
            ratio = f"{ours['per_s'] / engine['per_s']:6.2f}" if row is ours else ""
            print(
                f"{row['act']:6} {row['tasks']:5} {row['who']:8} {row['per_s']:8.0f} {row['p50_ms']:7.2f} "
                f"{row['p99_ms']:7.2f} {row['cpu_ms']:7.2f} {ratio}"
            )


if __name__ == "__main__":
    main()
