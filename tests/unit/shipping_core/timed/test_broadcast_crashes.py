"""A worker that sends a broadcast dies before or after any call: nobody reads it twice or is forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from attrs import define, evolve

from a_broadcast import Station, a_station
from adapters.memory.shelves import MemoryShelf
from shipping_core.domain.broadcast import BroadcastState, Copy, CopyState
from shipping_core.use_cases.send_broadcasts import CHUNK, LEASE_S, SendBroadcasts
from world.points import Crash

CROWD = tuple(f"u{n:03}" for n in range(CHUNK + 3))


@define
class Fate:
    """Counts the moments of a process; from the `at`th on it is dead."""

    at: int
    passed: int = 0

    def moment(self) -> None:
        """One more.

        Raises:
            Crash: it was one too many.
        """
        self.passed += 1
        if self.passed >= self.at:
            raise Crash


class Mortal:
    """A port as a mortal process sees it: it may die before each call and after it."""

    def __init__(self, port: Any, fate: Fate) -> None:
        self._port, self._fate = port, fate

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)

        async def mortal(*args: Any, **more: Any) -> Any:
            self._fate.moment()
            await asyncio.sleep(0)
            self._fate.moment()
            answer = await call(*args, **more)
            self._fate.moment()
            return answer

        return mortal


def mortal(send: SendBroadcasts, fate: Fate) -> SendBroadcasts:
    ports = ("broadcasts", "copies", "segments", "leases", "unit_of_work", "notifier")
    dying: dict[str, Any] = {name: Mortal(getattr(send, name), fate) for name in ports}
    return evolve(send, worker="w0", **dying)


async def died_at(moment: int) -> tuple[Station, bool]:
    """Whether anybody died, and the station when somebody else has done the rest."""
    made = await a_station(*CROWD, per_s=0)
    await made.started()
    fate = Fate(moment)
    doomed = mortal(made.send, fate)
    with contextlib.suppress(Crash):
        while await doomed():
            pass
    await asyncio.gather(*doomed._running, return_exceptions=True)
    await asyncio.sleep(LEASE_S + 1)
    await made.sent()
    return made, fate.passed >= moment


async def test_given_a_worker_that_dies_at_any_moment_when_another_goes_on_then_each_reads_it_once(
    record_property: Callable[[str, object], None],
) -> None:
    deaths = uncertain_ever = 0
    for moment in range(1, 10_000):
        made, died = await died_at(moment)
        copies: list[Copy] = list(made.shop.database.scan("Copy"))
        uncertain = {c.user_id for c in copies if c.state is CopyState.SENDING}
        readers = [user for user, _ in made.read]

        assert len(readers) == len(set(readers)), "somebody read it twice"
        assert set(CROWD) - uncertain <= set(readers), "somebody was forgotten"
        assert len(uncertain) <= CHUNK
        (broadcast,) = made.shop.database.scan("Broadcast")
        assert broadcast.state is BroadcastState.DONE
        if not died:
            break
        deaths += 1
        uncertain_ever += len(uncertain)

    assert (uncertain, sorted(readers)) == (set(), list(CROWD))
    assert uncertain_ever > 0, "no death left anything uncertain: this test is blind"
    assert deaths > 3 * 3 * len(CROWD), "it did not die at every moment"
    record_property("figure", ("deaths while broadcasting", deaths))


async def test_given_a_sender_that_ignores_claims_when_it_dies_then_the_readers_above_would_see_it() -> None:
    class Unclaimed(MemoryShelf[Copy]):
        async def add(self, record: Copy) -> None:
            self.view.put("Copy", record.record_id, record)

    made = await a_station(*CROWD, per_s=0)
    made.send = evolve(made.send, copies=Unclaimed(made.shop.database, Copy))
    await made.started()
    with contextlib.suppress(Crash):
        await mortal(made.send, Fate(150))()
    await asyncio.sleep(LEASE_S + 1)
    await made.sent()
    readers = [user for user, _ in made.read]

    assert len(readers) > len(set(readers))
