"""One poller at a time: whoever has the lease asks Telegram for updates, the others stand by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from shipping_core.domain.lease import Lease
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.leases import Leases

log = logging.getLogger(__name__)

TERM_S = 15.0
"""How long a dead poller's lease is waited for."""
LOOK_EVERY_S = 0.5
"""How often who stands by looks whether the lease is free: so soon goes on what another one hands over."""
MARGIN_S = 3.0
"""Polling stops this long before a lease that could not be renewed ends, by our own steady clock."""


class Polls(Protocol):
    """Asks Telegram for updates, and hands them on."""

    async def run(self, grace_s: float) -> None:
        """Until stopped; then what has begun is finished, for at most `grace_s`."""

    def stop(self) -> None:
        """Ask `run` to end."""


class LeasedPoller:
    """Polls while it holds the lease. Two pollers of one token would only get Telegram's Conflict."""

    def __init__(
        self,
        leases: Leases,
        polling: Callable[[], Polls],
        *,
        name: str,
        owner: str,
        grace_s: float,
        term_s: float = TERM_S,
        margin_s: float = MARGIN_S,
    ) -> None:
        self._leases = leases
        self._polling = polling
        self._name = name
        self._owner = owner
        self._grace_s = grace_s
        self._term_s = term_s
        self._margin_s = margin_s
        self._stopping = asyncio.Event()
        self._now: Polls | None = None

    def stop(self) -> None:
        """Ask `run` to end; it returns once running handlers have finished."""
        self._stopping.set()
        if self._now is not None:
            self._now.stop()

    async def run(self) -> None:
        """Take the lease, poll while it lasts, and again.

        Raises:
            InvalidToken: Telegram refused the bot's token.
        """
        told = False
        while not self._stopping.is_set():
            asked_at = asyncio.get_running_loop().time()
            lease = await self._take()
            if lease is not None:
                log.info("polling, with fence %d", lease.fence)
                told = False
                await self._poll(lease, asked_at)
                continue
            if not told:
                told = True
                log.warning("another process polls for this bot; standing by to take over")
            await self._rest(min(LOOK_EVERY_S, self._term_s / 3))

    async def _take(self) -> Lease | None:
        try:
            return await self._leases.take(self._name, self._owner, term_s=self._term_s)
        except StoreUnavailable:
            log.warning("the lease of the poller cannot be read: the store does not answer")
            return None

    async def _poll(self, lease: Lease, taken_at: float) -> None:
        intake = self._now = self._polling()
        if self._stopping.is_set():
            intake.stop()
        polling = asyncio.create_task(intake.run(self._grace_s), name="polling")
        renewing = asyncio.create_task(self._renew(lease, taken_at), name="renewing")
        try:
            await asyncio.wait({polling, renewing}, return_when=asyncio.FIRST_COMPLETED)
            intake.stop()
            await polling
        finally:
            self._now = None
            renewing.cancel()
            polling.cancel()
            await asyncio.gather(renewing, polling, return_exceptions=True)
            await self._release(lease)

    async def _renew(self, lease: Lease, taken_at: float) -> None:
        """Return when the lease is lost, or may be so soon."""
        loop = asyncio.get_running_loop()
        good_until = taken_at + self._term_s - self._margin_s
        while (left := good_until - loop.time()) > 0:
            await asyncio.sleep(min(left, self._term_s / 3))
            asked_at = loop.time()
            try:
                async with asyncio.timeout(max(0.1, good_until - asked_at)):
                    renewed = await self._leases.take(self._name, self._owner, term_s=self._term_s)
            except (StoreUnavailable, TimeoutError):
                continue
            if renewed is None or renewed.fence != lease.fence:
                log.warning("the poller's lease went to another process")
                return
            good_until = asked_at + self._term_s - self._margin_s
        log.warning("the poller's lease could not be renewed in time; polling stops")

    async def _release(self, lease: Lease) -> None:
        try:
            await self._leases.release(lease)
        except StoreUnavailable:
            log.warning("the poller's lease ends by itself: the store does not answer")

    async def _rest(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._stopping.wait()
        except TimeoutError:
            return
