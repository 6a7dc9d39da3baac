"""What a part that dies in the middle leaves behind: nothing."""

from __future__ import annotations

import asyncio

import pytest
from dependency_injector import providers

from adapters.telegram.bot import InvalidToken
from shipping_bot import lifecycle
from shipping_bot.container import Container
from shipping_bot.lifecycle import StartError
from shipping_bot.sandbox import sandbox, sandbox_settings


class RevokedIntake:
    """An intake whose token Telegram takes back while it runs."""

    async def run(self, _grace_s: float) -> None:
        raise InvalidToken("revoked")

    def stop(self) -> None:
        """Nothing to stop."""


async def test_given_a_token_revoked_while_running_when_it_ends_then_it_says_so_and_nothing_runs_on() -> None:
    async with sandbox(parts="telegram") as running:
        container = Container(settings=sandbox_settings(running.url))
        container.polling.override(providers.Object(RevokedIntake()))
        before = asyncio.all_tasks()
        with pytest.raises(StartError, match="TELEGRAM_BOT_TOKEN"):
            await lifecycle.run(container, stop=asyncio.Event(), poll_grace_s=5)
        left = {task.get_name() for task in asyncio.all_tasks() - before}

    assert left & {"http", "reconcile", "intake"} == set()
