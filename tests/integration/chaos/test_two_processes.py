"""Two bots with one token on one database: one takes updates, the other stands by."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from attrs import frozen
from click.testing import CliRunner

from integration.chaos.balancer import balancer
from integration.cli.processes import Bot, Place, environment, free_port, has_label, sees, shipbot
from integration.journeys.chat import Chat
from integration.journeys.orders import an_order
from integration.journeys.shop import logging_kept
from integration.mongo.servers import ReplicaSet
from shipping_bot.cli import main
from shipping_bot.poller import TERM_S
from shipping_bot.replay.by_processes import replay_by_processes
from shipping_bot.sandbox import sandbox

SECRET = "invented-Secret_1"
POLLS, STANDS_BY = "polling, with fence", "standing by to take over"
pytestmark = pytest.mark.timeout(300)


@frozen
class Twins:
    """A place, and what two bots need to work in it together."""

    place: Place
    env: dict[str, str]
    folder: Path

    def chat(self, user: int) -> Chat:
        """A customer's."""
        return Chat(self.place, user)


@pytest.fixture
async def twins(mongo: ReplicaSet, tmp_path: Path) -> AsyncIterator[Twins]:
    async with sandbox() as running, aiohttp.ClientSession() as http:
        env = environment(
            running.url, STORE="mongo", MONGO_URL=mongo.url, MONGO_DATABASE=f"twins_{free_port()}"
        )
        yield Twins(Place(running.url, http), env, tmp_path)


async def took_over(bot: Bot) -> float:
    """How long it takes from now until this one polls."""
    begun = time.monotonic()
    await bot.says(POLLS)
    return time.monotonic() - begun


async def test_given_two_pollers_when_one_is_asked_to_end_then_the_other_goes_on_at_once_without_a_conflict(
    twins: Twins,
) -> None:
    async with shipbot("run", env=twins.env, cwd=twins.folder) as first:
        await first.says(POLLS)
        async with shipbot("run", env=twins.env, cwd=twins.folder) as second:
            await second.says(STANDS_BY)
            chat = twins.chat(8101)
            await chat.writes("/start")
            await sees(chat, "Balance $50.00")
            first.process.send_signal(signal.SIGTERM)
            assert await first.ends() == 0
            waited_s = await took_over(second)
            await chat.writes(an_order("Rosa Alder"))
            await sees(chat, "cheapest")

            assert waited_s < 3.0
            assert "onflict" not in first.log + second.log


async def test_given_two_pollers_when_one_is_killed_half_way_then_nothing_is_lost_or_done_twice() -> None:
    with logging_kept():
        outcome = await replay_by_processes(
            users=16, path="steps", version="v2", processes=2, kill_half_way=True
        )

    assert outcome.violations == ()
    assert outcome.evidence.conflicts == 0
    assert outcome.takeover_s is not None
    assert outcome.takeover_s < TERM_S + 2.0
    assert len(outcome.evidence.carrier["purchases"]) == 16


async def test_given_two_bots_behind_one_webhook_when_one_is_killed_then_the_other_gets_what_it_left(
    twins: Twins,
) -> None:
    ports = [free_port(), free_port()]
    async with balancer(ports) as port:
        hook = {
            "WEBHOOK_BASE_URL": f"http://127.0.0.1:{port}",
            "TELEGRAM_WEBHOOK_SECRET": "invented-Secret_1",
        }
        first, second = ({**twins.env, **hook, "HTTP_PORT": str(one)} for one in ports)
        mode = ("run", "--mode", "webhook")
        async with (
            shipbot(*mode, env=first, cwd=twins.folder) as doomed,
            shipbot(*mode, env=second, cwd=twins.folder) as survivor,
        ):
            await asyncio.gather(doomed.says("shipbot runs"), survivor.says("shipbot runs"))
            chats = [twins.chat(8200 + n) for n in range(6)]
            for n, chat in enumerate(chats):
                await chat.writes(an_order(f"Rosa Birch{chr(ord('a') + n)}"))
            await asyncio.gather(*(sees(chat, "cheapest") for chat in chats))
            for chat in chats:
                await chat.taps("cheapest")
            doomed.process.kill()
            await asyncio.gather(*(sees(chat, "Buy for") for chat in chats))
            for chat in chats:
                await chat.taps("Buy for")
            words = await asyncio.gather(*(has_label(chat) for chat in chats))
            ledger = await twins.place.get("/sandbox/shipstation/ledger")

            assert [f"rosa birch{chr(ord('a') + n)}" in text for n, text in enumerate(words)] == [True] * 6
            assert len(ledger["purchases"]) == 6
            assert set(ledger["purchase_posts_by_reference"].values()) == {1}
            assert "Traceback" not in survivor.log


@pytest.mark.parametrize(
    "wrong",
    ["--kill-half-way", "--kill-half-way --processes 1", "--processes 2 --think 1"],
)
def test_given_nobody_to_go_on_when_a_kill_is_asked_for_then_the_usage_is_wrong(wrong: str) -> None:
    assert CliRunner().invoke(main, ["replay", *wrong.split()]).exit_code == 2


def test_given_one_process_of_its_own_when_replayed_then_the_figures_say_so() -> None:
    with logging_kept():
        asked = ["replay", "--users", "3", "--path", "paste", "--processes", "1", "--json"]
        result = CliRunner().invoke(main, asked)
    figures = json.loads(result.stdout)

    assert result.exit_code == 0, result.output
    assert (figures["processes"], figures["takeover_s"], figures["labels"]) == (1, None, 3)
    assert (figures["errors"], figures["conflicts"]) == (0, 0)
