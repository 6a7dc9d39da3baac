"""Private chats: their messages, who is in them, and the events a watching client waits for."""

import asyncio
import contextlib
import time
from collections import deque

import attrs

from shipping_sandbox.telegram_api.errors import Json

ACTION_SHOWN_S = 5.0
"""How long "typing..." stays without a message (core.telegram.org/bots/api#sendchataction)."""


@attrs.define(eq=False)
class StoredMessage:
    """One message as it stands now; `body` is replaced on a change, never altered."""

    body: Json
    from_bot: bool
    event: int = 0
    deleted: bool = False

    def view(self) -> Json:
        """Give the message object, saying so if it was deleted."""
        return {**self.body, "deleted": True} if self.deleted else self.body


@attrs.define(eq=False)
class Chat:
    """One person's private chat with one bot; its events are numbered from 1."""

    user: Json
    started: bool = False
    blocked: bool = False
    event: int = 0
    messages: dict[int, StoredMessage] = attrs.Factory(dict)
    _recent: dict[int, StoredMessage] = attrs.Factory(dict)
    _answers: deque[tuple[int, Json]] = attrs.Factory(lambda: deque(maxlen=200))
    _action: tuple[float, str] | None = None
    _watchers: list[asyncio.Future[None]] = attrs.Factory(list)

    @property
    def id(self) -> int:
        """Give the chat's id, which is its person's id."""
        return int(self.user["id"])

    def face(self) -> Json:
        """Give the Chat object that messages carry."""
        user = self.user
        face: Json = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        for name in ("last_name", "username"):
            if name in user:
                face[name] = user[name]
        return face

    def live(self, message_id: int) -> StoredMessage | None:
        """Find a message that is there and not deleted."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def put(self, body: Json, *, from_bot: bool) -> StoredMessage:
        """Add a new message."""
        message = StoredMessage(body, from_bot)
        self.messages[body["message_id"]] = message
        if from_bot:
            self._action = None
        self.changed(message)
        return message

    def changed(self, message: StoredMessage) -> None:
        """Tell the watchers that this message is new, edited or deleted."""
        self._tick()
        message.event = self.event
        message_id = message.body["message_id"]
        self._recent.pop(message_id, None)
        self._recent[message_id] = message

    def answered(self, callback_query_id: str, text: str, *, show_alert: bool) -> None:
        """Tell the watchers what a pressed button was answered with."""
        self._tick()
        shown = {"callback_query_id": callback_query_id, "text": text, "show_alert": show_alert}
        self._answers.append((self.event, shown))

    def acting(self, action: str) -> None:
        """Show for a few seconds that the bot is busy."""
        self._action = (time.monotonic() + ACTION_SHOWN_S, action)
        self._tick()

    def state(self, after_event: int) -> Json:
        """Give everything that changed after an event, oldest change first."""
        fresh: list[Json] = []
        for message in reversed(self._recent.values()):
            if message.event <= after_event:
                break
            fresh.append(message.view())
        fresh.reverse()
        acting = self._action is not None and self._action[0] > time.monotonic()
        return {
            "event": self.event,
            "messages": fresh,
            "answers": [answer for event, answer in self._answers if event > after_event],
            "action": self._action[1] if acting and self._action else None,
            "blocked": self.blocked,
        }

    async def wait(self, after_event: int, wait_s: float) -> None:
        """Return when there is an event after this one, or when the time is up."""
        if self.event > after_event or wait_s <= 0:
            return
        watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.append(watcher)
        try:
            await asyncio.wait_for(watcher, wait_s)
        except TimeoutError:
            with contextlib.suppress(ValueError):  # woken in the very moment its time was up
                self._watchers.remove(watcher)

    def wake(self) -> None:
        """Let everybody who waits look again."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    def _tick(self) -> None:
        self.event += 1
        if self._watchers:
            self.wake()
