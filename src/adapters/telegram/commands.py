"""The commands Telegram offers in its menu, in each language."""

from __future__ import annotations

from collections.abc import Mapping

from telegram import Bot, BotCommand

from adapters.telegram.texts import DEFAULT, LANGUAGES, Texts


def commands(language: str) -> Mapping[str, str]:
    """Each command with its line in the menu."""
    _ = Texts(language).gettext
    return {
        "start": _("menu and balance"),
        "new": _("new order"),
        "orders": _("your orders, labels and tracking"),
        "refund": _("money back for labels you do not use"),
        "quote": _("quick price from two ZIP codes"),
        "templates": _("orders to be written again"),
        "addresses": _("address book"),
        "parcels": _("parcels you send often"),
        "statement": _("what came in and what was paid"),
        "language": _("language"),
        "help": _("how it works"),
        "contact": _("reach a person"),
        "cancel": _("cancel the order you are writing"),
    }


async def register_commands(bot: Bot) -> None:
    """Offer the commands: one list per language, and English for everybody else.

    Raises:
        telegram.error.TelegramError: Telegram said no, or nothing.
    """
    for language in LANGUAGES:
        listed = [BotCommand(name, text) for name, text in commands(language).items()]
        await bot.set_my_commands(listed, language_code=None if language == DEFAULT else language)
