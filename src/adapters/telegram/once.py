"""An update is handled once, however often Telegram delivers it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from attrs import define
from telegram import Bot, Update

from adapters.telegram.lanes import UserLanes
from shipping_core.errors import StoreUnavailable

log = logging.getLogger(__name__)

REMEMBERED: Final = 10_000
"""Finished ids kept here; the core deduplicates older ones by its own store."""

GIVE_UP_AFTER: Final = 10
"""Failed runs of one update before it counts as poison and is let go."""

LONGEST_REST_S: Final = 30.0

OF_A_TAPPED_MESSAGE: Final = ("message_id", "date", "chat")
NOBODY_ASKS_FOR: Final = frozenset({"entities", "reply_to_message", "reply_markup"})

Handle = Callable[[Update], Awaitable[Any]]
"""Handles one update; when it returns, its effect is stored, and when it raises, it is not."""


@define
class _Failing:
    times: int
    not_before: float


class OnceOnly:
    """Runs updates through the lanes, each id once; a failed one may run again after a rest.

    The first rest is `rest_s`, each further one twice as long, up to half a minute. After ten
    failures the update is logged and let go, so that one bad update cannot block its chat for ever;
    but never while it is the store that fails.
    """

    def __init__(
        self, lanes: UserLanes, handle: Handle, *, rest_s: float = 0.5, remembered: int = REMEMBERED
    ) -> None:
        self._lanes = lanes
        self._handle = handle
        self._rest_s = rest_s
        self._remembered = remembered
        self._running: dict[int, asyncio.Future[Any]] = {}
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._failing: OrderedDict[int, _Failing] = OrderedDict()

    def is_finished(self, update_id: int) -> bool:
        """Whether the update's effect is stored, or it was let go."""
        return update_id in self._finished

    def running(self) -> tuple[asyncio.Future[Any], ...]:
        """The outcomes of all updates that run or wait in a lane now."""
        return tuple(self._running.values())

    def begin(self, update: Update) -> asyncio.Future[Any] | None:
        """The outcome to wait for: of a new run, or of the one already under way.

        None when there is nothing to wait for: the update is finished, or it failed and rests.
        Do not cancel the outcome, others may wait for it too.
        """
        known = self._running.get(update.update_id)
        if known is not None or self.is_finished(update.update_id) or self._rests(update.update_id):
            return known
        outcome = self._lanes.offer(update, self._handle_coroutine(update))
        self._running[update.update_id] = outcome
        outcome.add_done_callback(lambda done: self._ended(update.update_id, done))
        return outcome

    async def _handle_coroutine(self, update: Update) -> None:
        await self._handle(update)

    def _rests(self, update_id: int) -> bool:
        failing = self._failing.get(update_id)
        return failing is not None and failing.not_before > asyncio.get_running_loop().time()

    def _ended(self, update_id: int, outcome: asyncio.Future[Any]) -> None:
        del self._running[update_id]
        if outcome.cancelled():
            self._failed(update_id, None)
        elif error := outcome.exception():
            self._failed(update_id, error)
        else:
            self._finish(update_id)

    def _failed(self, update_id: int, error: BaseException | None) -> None:
        before = self._failing.pop(update_id, None)
        times = before.times + 1 if before else 1
        if times >= GIVE_UP_AFTER and not isinstance(error, StoreUnavailable):
            log.error("an update failed for the last time", exc_info=error, extra={"update_id": update_id})
            self._finish(update_id)
            return
        log.warning("an update failed and will run again", exc_info=error, extra={"update_id": update_id})
        rest_s = min(self._rest_s * 2 ** min(times - 1, 10), LONGEST_REST_S)
        self._failing[update_id] = _Failing(times, asyncio.get_running_loop().time() + rest_s)
        _trim(self._failing, self._remembered)

    def _finish(self, update_id: int) -> None:
        self._failing.pop(update_id, None)
        self._finished[update_id] = None
        _trim(self._finished, self._remembered)


def read_update(data: object, bot: Bot | None) -> Update | None:
    """An update from its JSON object; None, and an error in the log, when it cannot be read.

    Of a tapped message only its id, date and chat are there; of a written one neither entities nor the
    message it answers.
    """
    if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
        return None
    update_id = int(data["update_id"])
    try:
        return Update.de_json(_asked_for(data), bot)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        kind = type(error).__name__  # the error's text could quote the update
    log.error("an update cannot be read: %s", kind, extra={"update_id": update_id})
    return Update(update_id)


def _asked_for(data: dict[str, Any]) -> dict[str, Any]:
    """The update without what no handler asks for: a keyboard's objects take longer than all the rest."""
    kept = dict(data)
    if query := data.get("callback_query"):
        tapped = query.get("message") or {}
        card = {name: tapped[name] for name in OF_A_TAPPED_MESSAGE if name in tapped}
        kept["callback_query"] = {**query, "message": card or None}
    for kind in ("message", "edited_message"):
        if written := data.get(kind):
            kept[kind] = {name: value for name, value in written.items() if name not in NOBODY_ASKS_FOR}
    return kept


def _trim(table: OrderedDict[int, Any], size: int) -> None:
    while len(table) > size:
        table.popitem(last=False)
