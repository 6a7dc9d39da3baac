"""Updates waiting for a bot, and the long poll that fetches them.

Rules: https://core.telegram.org/bots/api#getting-updates. Some numbers come from the public server's source.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable

import attrs
import msgspec

from shipping_sandbox.telegram_api.errors import Json, conflict

OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
REMEMBERED = 10_000
MAX_TIMEOUT_S = 50.0
_encode = msgspec.json.Encoder().encode


@attrs.frozen(eq=False)
class Update:
    """One update as its bytes; `lane` names the webhook queue whose order it keeps."""

    update_id: int
    lane: str
    body: bytes
    expires_at: float
    """In the monotonic clock's seconds."""

    def is_late(self) -> bool:
        """Say whether its time to be delivered has run out."""
        return self.expires_at < time.monotonic()


class UpdateQueue:
    """The updates of one bot that nobody has confirmed yet.

    Either `getUpdates` takes them (and confirms by the next offset) or a `listener` delivers them.
    """

    def __init__(self) -> None:
        self.waiting: dict[int, Update] = {}
        self.listener: Callable[[Update], None] | None = None
        self.allowed: list[str] | None = None
        self._next_id = 100_000_000 + secrets.randbelow(800_000_000)
        self.made = 0
        self._known: dict[int, Update] = {}
        self._repeats: list[Update] = []
        self._poll: asyncio.Future[None] | None = None

    def add(self, kind: str, payload: Json, *, lane: str, ttl_s: float) -> int | None:
        """Queue an update and give its id, or None if the bot does not want this kind."""
        if not self.wants(kind):
            return None
        update_id = self._next_id
        self._next_id += 1
        self.made += 1
        body = _encode({"update_id": update_id, kind: payload})
        update = Update(update_id, lane, body, time.monotonic() + ttl_s)
        self.waiting[update_id] = update
        self._remember(update)
        self._announce(update)
        return update_id

    def wants(self, kind: str) -> bool:
        """Say whether updates of this kind are sent to the bot."""
        return kind in self.allowed if self.allowed else kind not in OPT_IN

    def repeat(self, update_id: int) -> bool:
        """Queue a known update once more, confirmed or not; False if it is forgotten or never was."""
        update = self._known.get(update_id)
        if update is None:
            return False
        if self.listener is None:
            self._repeats.append(update)
        self._announce(update)
        return True

    def drop(self, update_ids: Iterable[int]) -> None:
        """Forget these updates: they are confirmed."""
        for update_id in update_ids:
            self.waiting.pop(update_id, None)

    def clear(self) -> None:
        """Forget everything that waits."""
        self.waiting.clear()
        self._repeats.clear()

    def forget(self) -> None:
        """Forget also what was already delivered, so that nothing of it can be repeated."""
        self.clear()
        self._known.clear()
        self.made = 0

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[bytes]:
        """Give waiting updates, after waiting for the first one if there is none.

        Everything below `offset` is confirmed and gone; a negative one counts from the end.

        Raises:
            ApiError: 409, another poll or a webhook took over.
        """
        self.interrupt(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        self._confirm(offset)
        ready = self._ready(limit)
        if not ready and timeout_s > 0:
            await self._sleep(min(timeout_s, MAX_TIMEOUT_S))
            ready = self._ready(limit)
        return ready

    def interrupt(self, reason: str) -> None:
        """End a running poll with a 409 that gives this reason."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(conflict(reason))

    def wake(self) -> None:
        """Let a running poll answer now."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    async def _sleep(self, timeout_s: float) -> None:
        poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            await asyncio.wait_for(poll, timeout_s)
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.drop(list(self.waiting)[:offset])
            return
        below = []
        for update_id in self.waiting:
            if update_id >= offset:
                break
            below.append(update_id)
        self.drop(below)

    def _ready(self, limit: int) -> list[bytes]:
        ready = [update.body for update in self._repeats]
        self._repeats.clear()
        late = []
        for update in self.waiting.values():
            if len(ready) >= limit:
                break
            if update.is_late():
                late.append(update.update_id)
            else:
                ready.append(update.body)
        self.drop(late)
        return ready

    def _remember(self, update: Update) -> None:
        self._known[update.update_id] = update
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _announce(self, update: Update) -> None:
        if self.listener is not None:
            self.listener(update)
        else:
            self.wake()
