"""What was typed is not lost and not done twice, whatever happens to the process."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from integration.cli.processes import (
    STATS,
    TURN_S,
    Place,
    environment,
    eventually,
    free_port,
    has_label,
    sees,
    shipbot,
)
from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody

READY = "shipbot runs"
SECRET = "invented-Secret_1"
LEDGER = "/sandbox/shipstation/ledger"


async def bought(chat: Chat) -> None:
    """Paste, choose, tap Buy; without waiting for the label."""
    rosa = somebody()
    await chat.writes(an_order(rosa))
    await sees(chat, "cheapest")
    await chat.taps("cheapest")
    await sees(chat, "Buy for")
    await chat.taps("Buy for")


async def test_given_a_killed_bot_when_started_again_then_the_unfinished_update_is_handled_after_all(
    place: Place, chat: Chat, tmp_path: Path
) -> None:
    async with shipbot("run", env=environment(place.url), cwd=tmp_path) as bot:
        await bot.says(READY)
        await chat.writes("/start")
        await sees(chat, "Balance $50.00")
        fault = {"method": "answerCallbackQuery", "fault": "delay", "delay_s": 30, "count": 1}
        await place.post("/sandbox/faults/telegram", fault)
        await eventually(place, STATS, lambda stats: stats["waiting"] == 0)
        await chat.taps("New order")
        await eventually(place, "/sandbox/faults/telegram", lambda found: found["faults"] == [])
        bot.process.kill()
        assert await bot.ends() == -signal.SIGKILL
    assert (await place.get(STATS))["waiting"] == 1
    async with shipbot("run", env=environment(place.url), cwd=tmp_path):
        await sees(chat, "Paste it all in one message")

        await eventually(place, STATS, lambda stats: stats["waiting"] == 0)


async def test_given_a_redelivered_purchase_when_it_comes_again_then_it_has_no_second_effect(
    place: Place, chat: Chat, tmp_path: Path
) -> None:
    async with shipbot("run", env=environment(place.url), cwd=tmp_path) as bot:
        await bot.says(READY)
        await bought(chat)
        await has_label(chat)
        update_id = (await chat.post("messages", {"text": "/help"}))["update_id"]
        await sees(chat, "How it works")
        for number in range(update_id - 3, update_id + 1):
            await place.post("/sandbox/telegram/bots/default/redeliver", {"update_id": number})
        await chat.writes("/language")
        await sees(chat, "Русский")

        ledger = await place.get(LEDGER)
        assert len(ledger["purchases"]) == 1
        assert set(ledger["purchase_posts_by_reference"].values()) == {1}
        assert len(chat.labels) == 1
        assert sum("How it works" in m.text for m in chat.messages) == 1


async def test_given_sigterm_in_a_slow_purchase_when_ending_then_it_is_finished_and_the_exit_code_is_0(
    place: Place, chat: Chat, tmp_path: Path
) -> None:
    async with shipbot("run", env=environment(place.url), cwd=tmp_path) as bot:
        await bot.says(READY)
        slow = {"operation": "buy_label", "fault": "delay", "delay_s": 1.5}
        async with place.http.post(f"{place.url}/sandbox/faults/shipstation", json=slow) as answer:
            answer.raise_for_status()
        await bought(chat)
        await eventually(place, LEDGER, lambda ledger: ledger["calls"].get("buy_label") == 1)
        assert (await chat.glances()).labels == []
        bot.process.send_signal(signal.SIGTERM)

        assert await bot.ends() == 0, bot.log
        await chat.glances()
        assert len(chat.labels) == 1
        assert "Your label is ready." in chat.text
        assert "Traceback" not in bot.log


async def test_given_a_webhook_with_its_secret_when_ordering_then_a_label_comes_and_strangers_are_turned_away(
    place: Place, chat: Chat, tmp_path: Path
) -> None:
    port = free_port()
    env = environment(
        place.url,
        HTTP_PORT=str(port),
        WEBHOOK_BASE_URL=f"http://127.0.0.1:{port}",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
    )
    async with shipbot("run", "--mode", "webhook", env=env, cwd=tmp_path) as bot:
        await bot.says(READY)
        await bought(chat)
        assert "jane doe" in await has_label(chat)
        strangers = [{}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}]
        url = f"http://127.0.0.1:{port}/api/telegram/webhook"
        for headers in strangers:
            async with place.http.post(url, json={"update_id": 1}, headers=headers) as answer:
                assert answer.status == 401
        async with place.http.get(f"http://127.0.0.1:{port}/health/ready") as answer:
            assert answer.status == 200
        bot.process.send_signal(signal.SIGTERM)

        assert await bot.ends() == 0, bot.log
        assert SECRET not in bot.log


async def test_given_two_bots_with_one_token_when_both_poll_then_the_log_explains_the_conflict(
    place: Place, tmp_path: Path
) -> None:
    words = "another process polls with the same TELEGRAM_BOT_TOKEN"
    env = environment(place.url)
    async with (
        shipbot("run", env=env, cwd=tmp_path) as first,
        shipbot("run", env=env, cwd=tmp_path) as second,
    ):
        told = [asyncio.create_task(bot.says(words)) for bot in (first, second)]
        done, late = await asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

        assert [task.exception() for task in done] == [None] * len(done)


async def test_given_the_sandbox_command_when_it_runs_then_its_chat_page_answers_and_ctrl_c_ends_it(
    tmp_path: Path,
) -> None:
    async with shipbot("sandbox", "--port", "0", env=environment(""), cwd=tmp_path) as bot:
        await bot.says("Stop with Ctrl-C.")
        url = next(line.split()[-1] for line in bot.said if line.startswith("Chat:"))
        async with aiohttp.ClientSession() as http, http.get(url) as page:
            assert page.status == 200
        bot.process.send_signal(signal.SIGINT)

        assert await bot.ends() == 0, bot.log
        assert "Traceback" not in bot.log


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP], ids=["killed", "terminal closed"])
async def test_given_the_sandbox_command_when_it_is_cut_off_then_its_servers_end_as_well(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with shipbot("sandbox", "--port", "0", env=environment(""), cwd=tmp_path) as bot:
        await bot.says("Stop with Ctrl-C.")
        url = next(line.split()[-1] for line in bot.said if line.startswith("Chat:"))
        bot.process.send_signal(how)
        async with aiohttp.ClientSession() as http:
            for _ in range(400):
                try:
                    async with http.get(url):
                        await asyncio.sleep(TURN_S)
                except aiohttp.ClientError:
                    break

            with pytest.raises(aiohttp.ClientError):
                await http.get(url)


async def test_given_a_load_test_with_processes_when_it_is_told_to_end_then_it_takes_them_along(
    tmp_path: Path,
) -> None:
    mark = f"LOAD_TEST_OF={tmp_path}"
    env = {**environment(""), "LOAD_TEST_OF": str(tmp_path)}
    arguments = ("replay", "--users", "100", "--processes", "1")
    async with shipbot(*arguments, env=env, cwd=tmp_path) as bot:
        for _ in range(3000):
            if len(marked(mark)) >= 4:  # itself, a MongoDB, the sandbox, a bot
                break
            await asyncio.sleep(TURN_S)
        bot.process.send_signal(signal.SIGTERM)

        assert await bot.ends() == 1, bot.log
        assert "Traceback" not in bot.log
        for _ in range(250):
            if marked(mark):
                await asyncio.sleep(TURN_S)
        assert marked(mark) == []


def marked(mark: str) -> list[str]:
    """The processes that were started with this in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in place.read_bytes().decode(errors="replace").split("\0"):
                found.append(place.parent.name)
        except OSError:
            continue  # it has just ended, or is not ours to look at
    return found
