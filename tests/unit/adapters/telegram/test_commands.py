"""Telegram's menu of commands, in every language."""

from __future__ import annotations

import re

import pytest
from attrs import define, field
from telegram import Bot, BotCommand

from adapters.telegram.commands import commands, register_commands
from adapters.telegram.texts import LANGUAGES


@define
class FakeBot:
    """Keeps what it is told to offer, by language."""

    offered: dict[str | None, dict[str, str]] = field(factory=dict)

    async def set_my_commands(self, listed: list[BotCommand], *, language_code: str | None = None) -> bool:
        self.offered[language_code] = {command.command: command.description for command in listed}
        return True


async def test_given_a_bot_when_commands_are_registered_then_everybody_else_gets_the_english_ones() -> None:
    bot = FakeBot()
    await register_commands(cast_bot(bot))

    assert bot.offered == {None: commands("en"), "ru": commands("ru")}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_given_the_commands_when_listed_then_telegram_would_take_each(language: str) -> None:
    listed = commands(language)

    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", name) for name in listed)
    assert all(1 <= len(text) <= 256 for text in listed.values())
    assert listed.keys() == commands("en").keys()
    assert all(bool(re.search("[а-яё]", text)) is (language == "ru") for text in listed.values())


def cast_bot(bot: FakeBot) -> Bot:
    """The fake, where the library's own class is asked for."""
    return bot  # type: ignore[return-value]  # only this one method of the library's class is called
