"""An emulated Bot API: bots call it as they call the real one, people and tests act over `/sandbox`."""

from shipping_sandbox.telegram_api.app import TelegramApi
from shipping_sandbox.telegram_api.settings import Settings

__all__ = ["Settings", "TelegramApi"]
