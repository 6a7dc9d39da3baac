"""The bot itself: made, greeted, and its errors at start told apart."""

from __future__ import annotations

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from adapters.telegram.commands import register_commands
from adapters.telegram.request import AiohttpRequest
from shipping_core.errors import GatewayRefused, GatewayUnavailable

__all__ = ["InvalidToken", "TelegramError", "make_bot", "open_bot"]


def make_bot(token: str, base_url: str, request: AiohttpRequest) -> Bot:
    """A bot whose calls all go through `request`; `base_url` ends in `/bot`."""
    return Bot(token, base_url=base_url, request=request, get_updates_request=request)


async def open_bot(bot: Bot) -> None:
    """Make sure Telegram knows this bot, and offer its commands.

    Raises:
        GatewayRefused: the token is not Telegram's.
        GatewayUnavailable: Telegram does not answer as it should.
    """
    try:
        await bot.initialize()
        await register_commands(bot)
    except InvalidToken:
        raise GatewayRefused("getMe", code="unauthorized") from None
    except TelegramError as exc:
        raise GatewayUnavailable("getMe", type(exc).__name__) from None
