"""One user's updates strictly in order, different users side by side.

A lane is a queue that exists only while a user has work. Its head runs in a task of its own; when
that task ends the next one starts. A global slot is taken only by a lane's head, so a user who
floods the bot fills their own lane and nobody else's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Final

from attrs import define, field
from telegram import Update
from telegram.ext import BaseUpdateProcessor

log = logging.getLogger(__name__)

NO_LIMIT: Final = 1_000_000
"""The base class counts waiting updates as running ones; the real limit is taken further inside."""


@define(eq=False)
class _Work:
    coroutine: Awaitable[Any]
    outcome: asyncio.Future[Any]


@define(eq=False)
class _Lane:
    waiting: deque[_Work] = field(factory=deque)
    flooded: bool = False


class UserLanes(BaseUpdateProcessor):
    """Runs at most `slots` handlers at once in all, and at most one for each user, in arrival order.

    At most `backlog` updates wait for one user; further ones are dropped, and `on_flood` is called
    with the first dropped update of each flood, so that the user can be told once.
    """

    __slots__ = ("_backlog", "_lanes", "_on_flood", "_slots", "_tasks")

    def __init__(
        self, slots: int = 64, backlog: int = 100, on_flood: Callable[[Update], None] | None = None
    ) -> None:
        super().__init__(NO_LIMIT)
        self._slots = asyncio.Semaphore(slots)
        self._backlog = backlog
        self._on_flood = on_flood
        self._lanes: dict[Hashable, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """How many users have work now."""
        return len(self._lanes)

    def offer(self, update: Update, coroutine: Awaitable[Any]) -> asyncio.Future[Any]:
        """Queue an update's handler and return its outcome; a dropped one's outcome is None at once.

        Cancelling the outcome before the handler's turn removes it from the lane; afterwards the
        handler goes on in peace, since half a handler helps nobody.
        """
        key = lane_key(update)
        lane = self._lanes.get(key)
        if lane is not None and len(lane.waiting) >= self._backlog:
            return self._drop(lane, update, coroutine)
        return self._queue(key, coroutine)

    def submit(self, user_id: int, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        """Queue work of our own behind the user's updates; it is never dropped."""
        return self._queue(user_id, coroutine)

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """python-telegram-bot's way in; returns when the handler has ended, or raises what it raised."""
        if isinstance(update, Update):
            await self.offer(update, coroutine)
        else:
            await coroutine

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Cancel whatever still runs or waits."""
        for lane in self._lanes.values():
            for work in lane.waiting:
                work.outcome.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no lane has work; False when some still had after `timeout_s`."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._tasks:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await asyncio.wait(self._tasks, timeout=left)
        return True

    def _queue(self, key: Hashable, coroutine: Awaitable[Any]) -> asyncio.Future[Any]:
        work = _Work(coroutine, asyncio.get_running_loop().create_future())
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
            self._start(key, lane, work)
        else:
            lane.waiting.append(work)
        return work.outcome

    def _drop(self, lane: _Lane, update: Update, coroutine: Awaitable[Any]) -> asyncio.Future[Any]:
        _close(coroutine)
        if not lane.flooded:
            lane.flooded = True
            log.warning("a user floods the bot; updates are dropped", extra={"update_id": update.update_id})
            if self._on_flood is not None:
                self._on_flood(update)
        outcome = asyncio.get_running_loop().create_future()
        outcome.set_result(None)
        return outcome

    def _start(self, key: Hashable, lane: _Lane, work: _Work) -> None:
        # A task for each piece of work keeps context variables of one update out of the next.
        task = asyncio.get_running_loop().create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(key, lane, work, ended))

    async def _run(self, work: _Work) -> None:
        async with self._slots:
            result = await work.coroutine
        if not work.outcome.done():
            work.outcome.set_result(result)

    def _ended(self, key: Hashable, lane: _Lane, work: _Work, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            _close(work.coroutine)  # it may have been cancelled before its slot came
            work.outcome.cancel()
        elif error := task.exception():
            if work.outcome.done():
                log.error("a handler failed after its caller had left", exc_info=error)
            else:
                work.outcome.set_exception(error)
        self._next(key, lane)

    def _next(self, key: Hashable, lane: _Lane) -> None:
        while lane.waiting:
            work = lane.waiting.popleft()
            if not work.outcome.cancelled():
                self._start(key, lane, work)
                return
            _close(work.coroutine)
        del self._lanes[key]


def lane_key(update: Update) -> Hashable:
    """Whose turn an update waits for: its user, else its chat, else nobody's but its own."""
    if user := update.effective_user:
        return user.id
    if chat := update.effective_chat:
        return ("chat", chat.id)
    return ("update", update.update_id)


def _close(coroutine: Awaitable[Any]) -> None:
    if isinstance(coroutine, Coroutine):
        coroutine.close()
