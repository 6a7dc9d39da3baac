"""Delivers updates to a webhook: in order within a lane, lanes in parallel, repeating what failed.

The public server's rules (github.com/tdlib/telegram-bot-api): messages of a chat share a lane, callback
queries of a person share another; any 2xx is a delivery; everything else is repeated with growing pauses.
Unlike the real service, the emulator does not close a webhook that answers 410 for a day.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from shipping_sandbox.kit.posting import Answer, Poster
from shipping_sandbox.telegram_api.errors import Json
from shipping_sandbox.telegram_api.settings import Settings
from shipping_sandbox.telegram_api.updates import Update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, not a secret
MAX_RETRY_AFTER_S = 3600.0


class Courier:
    """Brings one bot's updates to its webhook until stopped.

    `delivered` hears the id of each accepted update, `replied` a method call given as the answer's body.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        max_connections: int,
        settings: Settings,
        delivered: Callable[[int], None],
        replied: Callable[[Json], None],
    ) -> None:
        self.last_error: tuple[int, str] | None = None
        self._poster = Poster(url, {SECRET_HEADER: secret} if secret else {})
        self._slots = asyncio.Semaphore(max_connections)
        self._settings = settings
        self._delivered = delivered
        self._replied = replied
        self._lanes: dict[str, deque[Update]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def bring(self, update: Update) -> None:
        """Queue an update behind the others of its lane."""
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[update.lane] = deque([update])
        self._tasks[update.lane] = asyncio.get_running_loop().create_task(self._run(update.lane))

    def stop(self) -> None:
        """Deliver nothing more; what was not accepted keeps waiting in the queue."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._lanes.clear()
        self._poster.close()

    async def _run(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            update = lane[0]
            await self._until_delivered(update)
            self._delivered(update.update_id)
            lane.popleft()
        del self._lanes[name], self._tasks[name]

    async def _until_delivered(self, update: Update) -> None:
        pause_s = self._settings.webhook_pause_s
        while not update.is_late():
            hint_s = await self._try(update)
            if hint_s is None:
                return
            await asyncio.sleep(hint_s or pause_s)
            pause_s = min(pause_s * 2, self._settings.webhook_pause_cap_s)

    async def _try(self, update: Update) -> float | None:
        """Give None for a delivery, else the pause the server asked for (0: none)."""
        try:
            async with self._slots, asyncio.timeout(self._settings.webhook_timeout_s):
                answer = await self._poster.post(update.body)
        except TimeoutError:
            return self._failed("Read timeout expired", 0.0)
        except OSError as lost:
            refused = isinstance(lost, ConnectionRefusedError)
            return self._failed("Connection refused" if refused else f"Connection failed: {lost}", 0.0)
        if 200 <= answer.status < 300:
            self._hear(answer)
            return None
        known = answer.status in {status.value for status in HTTPStatus}
        phrase = HTTPStatus(answer.status).phrase if known else ""
        reason = f"Wrong response from the webhook: {answer.status} {phrase}".rstrip()
        return self._failed(reason, _retry_after_s(answer))

    def _failed(self, reason: str, hint_s: float) -> float:
        self.last_error = (int(time.time()), reason)
        return hint_s

    def _hear(self, answer: Answer) -> None:
        if not answer.body.lstrip().startswith(b"{"):
            return
        try:
            call = msgspec.json.decode(answer.body)
        except msgspec.DecodeError:
            return  # any 2xx is a delivery, whatever its body says
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            self._replied(call)


def _retry_after_s(answer: Answer) -> float:
    hint = answer.headers.get("retry-after", "")
    return min(float(hint), MAX_RETRY_AFTER_S) if hint.isdigit() else 0.0
