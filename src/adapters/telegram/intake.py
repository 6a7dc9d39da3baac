"""How updates get in: nothing is confirmed to Telegram before its effect is stored.

python-telegram-bot's own updater confirms a batch when it asks for the next one, whatever its
handlers have done by then; a crash in between loses what people typed. Here the offset stays at the
lowest unfinished update, and a webhook is answered when its update is finished. Telegram then
repeats what a crash interrupted, and `OnceOnly` keeps repeats from running twice.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from attrs import frozen
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from adapters.telegram.calls import BotCalls, retry_after_s
from adapters.telegram.lanes import UserLanes
from adapters.telegram.once import Handle, OnceOnly, read_update
from shipping_core.errors import GatewayUnavailable

log = logging.getLogger(__name__)

ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
BATCH: Final = 100
"""The most updates one getUpdates returns: https://core.telegram.org/bots/api#getupdates"""

T = TypeVar("T")


@frozen
class Pauses:
    """Every wait of the polling loop, in seconds."""

    poll_s: float = 30.0
    """How long Telegram holds an empty getUpdates."""
    patience_s: float = 0.25
    """How long slow handlers may keep the loop from asking for more."""
    stuck_s: float = 10.0
    """How long a full batch of unfinished updates holds everybody else up before it counts as stuck."""
    first_retry_s: float = 0.5
    longest_retry_s: float = 30.0
    conflict_s: float = 3.0
    explain_every_s: float = 60.0


class PollingIntake:
    """Fetches updates and hands each to `handle` in its user's lane.

    Delivery is at least once across crashes. While one handler is stuck, other users' updates are
    still fetched, about four times a second; only when full batches hold nothing but known updates for
    `stuck_s` does the offset move past the stuck ones, which then rest on this process's memory alone.
    """

    def __init__(
        self,
        calls: BotCalls,
        lanes: UserLanes,
        handle: Handle,
        *,
        bot: Bot | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._calls = calls
        self._bot = bot
        self._pauses = pauses or Pauses()
        self._once = OnceOnly(lanes, handle, rest_s=self._pauses.first_retry_s)
        self._stopping = asyncio.Event()
        self._pending: dict[int, Update] = {}
        self._let_go: set[int] = set()
        self._newest = 0
        self._offset = 0
        self._failures = 0
        self._explained_at: float | None = None
        self._blocked_since: float | None = None

    async def run(self, grace_s: float = 10.0) -> None:
        """Take updates until `stop` is called, then finish what has begun, for at most `grace_s`.

        Raises:
            InvalidToken: Telegram refused the bot's token.
        """
        delete_webhook = functools.partial(self._calls.call, "deleteWebhook", {"drop_pending_updates": False})
        while not self._stopping.is_set():
            if await self._insist(delete_webhook) is not None:
                break
        while not self._stopping.is_set():
            hold_s = 0.0 if self._pending else self._pauses.poll_s
            batch = await self._insist(functools.partial(self._fetch, hold_s))
            if batch is not None:
                await self._take(batch)
        await self._finish(grace_s)

    def stop(self) -> None:
        """Ask `run` to end; it returns once running handlers have finished."""
        self._stopping.set()

    async def _fetch(self, hold_s: float) -> list[Any]:
        params = {"offset": self._offset, "timeout": int(hold_s), "allowed_updates": ALLOWED_UPDATES}
        result = await self._calls.call("getUpdates", params, read_s=hold_s + 10)
        if not isinstance(result, list):
            raise NetworkError("unreadable answer")
        return result

    async def _take(self, batch: list[Any]) -> None:
        fresh = [update for data in batch if (update := self._unknown(data)) is not None]
        self._pending.update((update.update_id, update) for update in fresh)
        self._newest = max((data["update_id"] for data in batch), default=self._newest)
        begun = {known: self._once.begin(update) for known, update in self._pending.items()}
        await self._settle([begun[update.update_id] for update in fresh], list(begun.values()))
        self._forget_finished()
        self._judge_stuck(blocked=not fresh and len(batch) >= BATCH)
        self._offset = self._next_offset(batch)

    def _unknown(self, data: Any) -> Update | None:
        update = read_update(data, self._bot)
        if update is None or update.update_id in self._pending or self._once.is_finished(update.update_id):
            return None
        return update

    async def _settle(
        self, fresh: list[asyncio.Future[Any] | None], known: list[asyncio.Future[Any] | None]
    ) -> None:
        """Give handlers a moment; without it a slow one would make the loop spin."""
        until = asyncio.ALL_COMPLETED if fresh else asyncio.FIRST_COMPLETED
        outcomes = [outcome for outcome in fresh or known if outcome is not None]
        if outcomes:
            await asyncio.wait(outcomes, timeout=self._pauses.patience_s, return_when=until)
        elif self._pending:
            await self._rest(self._pauses.patience_s)

    def _forget_finished(self) -> None:
        for update_id in [known for known in self._pending if self._once.is_finished(known)]:
            del self._pending[update_id]
            self._let_go.discard(update_id)

    def _judge_stuck(self, *, blocked: bool) -> None:
        """A burst fills a batch for a moment; only one that stays full holds stuck updates."""
        now = asyncio.get_running_loop().time()
        if not blocked:
            self._blocked_since = None
        elif self._blocked_since is None:
            self._blocked_since = now
        elif now - self._blocked_since >= self._pauses.stuck_s:
            self._let_go_of_stuck()

    def _let_go_of_stuck(self) -> None:
        stuck = self._pending.keys() - self._let_go
        if stuck:
            log.error("%d updates are stuck; going on without confirmation", len(stuck))
            self._let_go |= stuck

    def _next_offset(self, batch: list[Any]) -> int:
        held = self._pending.keys() - self._let_go
        if held:
            return min(held)
        # After an empty answer nothing older waits. Without an offset we also see the random new
        # start that ids may take after a quiet week: https://core.telegram.org/bots/api#update
        return self._newest + 1 if batch else 0

    async def _insist(self, act: Callable[[], Awaitable[T]]) -> T | None:
        """The act's result; None when it failed (after a rest) or `stop` came first."""
        doing = asyncio.ensure_future(act())
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((doing, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                return None
            result = doing.result()
        except InvalidToken as error:
            raise InvalidToken("Telegram refused the bot's token") from error
        except TelegramError as error:
            await self._recover(error)
            return None
        finally:
            for task in (doing, stopped):
                task.cancel()
        self._failures = 0
        return result

    async def _recover(self, error: TelegramError) -> None:
        pauses = self._pauses
        self._failures += 1
        if isinstance(error, Conflict):
            self._explain(error)
            pause_s = min(pauses.conflict_s * 2 ** min(self._failures - 1, 10), pauses.longest_retry_s)
        elif isinstance(error, RetryAfter):
            pause_s = retry_after_s(error)
        else:
            log.warning("getUpdates failed: %s", error)
            pause_s = min(pauses.first_retry_s * 2 ** min(self._failures - 1, 10), pauses.longest_retry_s)
        await self._rest(pause_s * random.uniform(1.0, 1.5))  # noqa: S311 -- jitter, not a secret

    def _explain(self, error: Conflict) -> None:
        now = asyncio.get_running_loop().time()
        if self._explained_at is not None and now - self._explained_at < self._pauses.explain_every_s:
            return
        self._explained_at = now
        cause = (
            "a webhook is set for this bot"
            if "webhook" in str(error).lower()
            else "another process polls with the same TELEGRAM_BOT_TOKEN"
        )
        log.error("Telegram reports a conflict; likely cause: %s", cause)

    async def _rest(self, pause_s: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), pause_s)
        except TimeoutError:
            return

    async def _finish(self, grace_s: float) -> None:
        if running := self._once.running():
            await asyncio.wait(running, timeout=grace_s)
        if not self._newest:
            return
        self._forget_finished()
        held = self._pending.keys() - self._let_go
        confirmed = min(held) if held else self._newest + 1
        try:
            await self._calls.call("getUpdates", {"offset": confirmed, "timeout": 0, "limit": 1})
        except TelegramError as error:
            log.warning("the last updates stay unconfirmed and will come again: %s", error)


class WebhookIntake:
    """Takes updates from the web server; `accept` returns when the update's effect is stored."""

    def __init__(
        self,
        calls: BotCalls,
        lanes: UserLanes,
        handle: Handle,
        *,
        bot: Bot | None = None,
        wait_s: float = 20.0,
        max_bytes: int = 512 * 1024,
    ) -> None:
        self._calls = calls
        self._bot = bot
        self._once = OnceOnly(lanes, handle)
        self._wait_s = wait_s
        self._max_bytes = max_bytes

    async def set_webhook(self, url: str, secret: str) -> None:
        """Ask Telegram to deliver to `url`, with `secret` in its header; waiting updates are kept.

        Raises:
            TelegramError: Telegram said no, or nothing.
        """
        params = {"url": url, "secret_token": secret, "allowed_updates": ALLOWED_UPDATES}
        await self._calls.call("setWebhook", {**params, "drop_pending_updates": False})

    async def accept(self, body: bytes) -> bool:
        """True when the update is stored, or was before; False when `body` is no update at all.

        Raises:
            GatewayUnavailable: not stored, or not in time; Telegram will deliver it again.
        """
        update = self._parse(body)
        if update is None:
            return False
        outcome = self._once.begin(update)
        if outcome is not None:
            await asyncio.wait((outcome,), timeout=self._wait_s)
            await asyncio.sleep(0)
        if not self._once.is_finished(update.update_id):
            raise GatewayUnavailable("telegram update", "not stored in time")
        return True

    async def drain(self, grace_s: float) -> None:
        """Wait for running handlers, for at most `grace_s`."""
        if running := self._once.running():
            await asyncio.wait(running, timeout=grace_s)

    def _parse(self, body: bytes) -> Update | None:
        if len(body) > self._max_bytes:
            return None
        try:
            return read_update(json.loads(body), self._bot)
        except (ValueError, RecursionError):
            return None
