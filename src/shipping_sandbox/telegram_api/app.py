"""The emulated Bot API as one ASGI application."""

from shipping_sandbox.telegram_api.asgi import Receive, Scope, Send
from shipping_sandbox.telegram_api.bot_api import BotApi
from shipping_sandbox.telegram_api.control import Control
from shipping_sandbox.telegram_api.settings import Settings
from shipping_sandbox.telegram_api.world import World

PATHS = ("/bot", "/file/bot", "/sandbox/telegram/", "/sandbox/faults/telegram")


class TelegramApi:
    """Serves every path that begins with one of `PATHS`; plain ASGI, for a benchmark stands on it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._world = World(settings)
        self._bots = BotApi(self._world)
        self._control = Control(self._world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        path = scope["path"]
        if path.startswith("/bot"):
            await self._bots.call(scope, receive, send)
        elif path.startswith("/file/"):
            await self._bots.download(scope, send)
        else:
            await self._control.handle(scope, receive, send)

    def close(self) -> None:
        """Let long polls answer at once and stop deliveries, so that the server can end."""
        self._world.close()
