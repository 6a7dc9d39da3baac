"""The emulated service: its bots, and everything that belongs to each of them."""

import itertools
import re
import secrets
import time
from collections import Counter

import attrs

from shipping_sandbox.telegram_api.chats import Chat
from shipping_sandbox.telegram_api.courier import Courier
from shipping_sandbox.telegram_api.errors import ApiError, Json, not_found
from shipping_sandbox.telegram_api.faults import Faults
from shipping_sandbox.telegram_api.files import FileStore
from shipping_sandbox.telegram_api.limits import SendingLimits
from shipping_sandbox.telegram_api.profile import Profile
from shipping_sandbox.telegram_api.settings import Settings
from shipping_sandbox.telegram_api.updates import UpdateQueue

_TOKEN = re.compile(r"(\d{1,15}):[\w-]+", re.ASCII)


@attrs.frozen
class Webhook:
    """Where a bot wants its updates, and the courier who brings them."""

    url: str
    max_connections: int
    courier: Courier


@attrs.define(eq=False)
class Bot:
    """One bot and its world; ids of messages begin anywhere, so two runs do not look alike."""

    id: int
    settings: Settings
    user: Json = attrs.field(init=False)
    updates: UpdateQueue = attrs.Factory(UpdateQueue)
    profile: Profile = attrs.Factory(Profile)
    webhook: Webhook | None = None
    logged_out: bool = False
    calls: Counter[str] = attrs.Factory(Counter)
    chats: dict[int, Chat] = attrs.Factory(dict)
    files: FileStore = attrs.Factory(FileStore)
    limits: SendingLimits = attrs.field(init=False)
    _callbacks: dict[str, tuple[int, float]] = attrs.Factory(dict)
    _message_ids: "itertools.count[int]" = attrs.Factory(
        lambda: itertools.count(secrets.randbelow(900_000) + 1)
    )

    def __attrs_post_init__(self) -> None:
        self.limits = SendingLimits(self.settings)
        self.user = {
            "id": self.id,
            "is_bot": True,
            "first_name": "Sandbox bot",
            "username": f"sandbox_{self.id}_bot",
        }

    def chat(self, user_id: int) -> Chat:
        """Give a person's chat; it exists for the bot only once `started`."""
        chat = self.chats.get(user_id)
        if chat is None:
            chat = Chat({"id": user_id, "is_bot": False, "first_name": f"User {user_id}"})
            self.chats[user_id] = chat
        return chat

    def begin_message(self, chat: Chat, sender: Json) -> Json:
        """Give the fields every new message has; its number is taken now."""
        return {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": chat.face(),
            "date": int(time.time()),
        }

    def open_callback(self, chat_id: int) -> str:
        """Give the id of a new callback query; it can be answered once, and not for ever."""
        now = time.monotonic()
        for callback_id, (_, opened_at) in list(itertools.islice(self._callbacks.items(), 4)):
            if opened_at + self.settings.callback_ttl_s < now:
                del self._callbacks[callback_id]
        callback_id = str(secrets.randbits(62))
        self._callbacks[callback_id] = (chat_id, now)
        return callback_id

    def close_callback(self, callback_id: str) -> int | None:
        """Give the chat whose query this answers, or None if it is answered, too old or unknown."""
        chat_id, opened_at = self._callbacks.pop(callback_id, (None, 0.0))
        fresh = time.monotonic() - opened_at < self.settings.callback_ttl_s
        return chat_id if fresh else None

    def clear(self) -> None:
        """Forget people, messages and files; the bot, its webhook and its profile stay."""
        old = list(self.chats.values())
        self.chats = {}
        self.files = FileStore()
        self.limits = SendingLimits(self.settings)
        self.updates.forget()
        self.calls.clear()
        self.logged_out = False
        self._callbacks.clear()
        for chat in old:
            chat.wake()


class World:
    """All bots of one emulated service."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.faults = Faults()
        self.bots: dict[int, Bot] = {}
        self.closed = False

    def bot_of(self, token: str) -> Bot:
        """Give the bot of a token, registering it at its first call.

        Raises:
            ApiError: 404 for a malformed token, 401 for one that contains `revoked`.
        """
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise not_found()
        if "revoked" in token:
            raise ApiError(401, "Unauthorized")
        bot_id = int(found[1])
        bot = self.bots.get(bot_id)
        if bot is None:
            bot = self.bots[bot_id] = Bot(bot_id, self.settings)
        return bot

    def close(self) -> None:
        """Let everybody who waits answer now, and deliver nothing more."""
        self.closed = True
        for bot in self.bots.values():
            bot.updates.wake()
            if bot.webhook is not None:
                bot.webhook.courier.stop()
            for chat in bot.chats.values():
                chat.wake()

    def reset(self) -> None:
        """Forget what happened; bots that are connected stay connected."""
        self.faults.waiting.clear()
        for bot in self.bots.values():
            bot.clear()
