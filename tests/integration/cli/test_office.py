"""The office at a terminal, beside a bot that runs on the same store."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from integration.cli.processes import TURN_S, Place, environment, sees, shipbot
from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody

SHIPBOT = str(Path(sys.executable).with_name("shipbot"))
Record = Callable[[str, tuple[str, float]], None]


@define
class Terminal:
    """Somebody's terminal, with the bot's own settings."""

    env: dict[str, str]
    folder: Path

    async def __call__(self, *words: str, login: str = "ola") -> tuple[int, str, str]:
        """Run a command; its exit code and what it printed."""
        env = {**self.env, "LOGNAME": login}
        process = await asyncio.create_subprocess_exec(
            SHIPBOT, *words, env=env, cwd=self.folder, stdout=PIPE, stderr=PIPE, stdin=PIPE
        )
        out, err = await process.communicate(b"")
        assert "Traceback" not in err.decode(), err.decode()
        return process.returncode or 0, out.decode(), err.decode()

    async def tells(self, *words: str, login: str = "ola") -> Any:
        """The same with --json, which must succeed."""
        code, out, err = await self(*words, "--json", login=login)
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
async def terminal(place: Place, tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal beside a running bot with a store of its own."""
    env = environment(place.url, MONGO_URL=f"embedded:{tmp_path / 'data'}")
    async with shipbot("run", env=env, cwd=tmp_path) as bot:
        await bot.says("shipbot runs")
        yield Terminal(env, tmp_path)


async def test_given_a_customer_when_helped_at_a_terminal_then_the_chat_and_the_audit_say_so(
    terminal: Terminal, chat: Chat
) -> None:
    await chat.writes("/start")
    await sees(chat, "$50.00")
    user = str(chat.user)
    await terminal.tells("users", "adjust", user, "12.50", "--reason", "Sorry for the wait.")
    await sees(chat, "Sorry for the wait.")
    short = await terminal("users", "adjust", user, "--reason", "All of it.", "--", "-62.51")
    big = await terminal.tells("users", "adjust", user, "150.00", "--reason", "A prize.")
    own = await terminal("approvals", "grant", big["approval_id"], "--reason", "Mine.")
    granted = await terminal.tells("approvals", "grant", big["approval_id"], "--reason", "Yes.", login="pia")
    await sees(chat, "A prize.")
    await terminal.tells("users", "block", user, "--reason", "Chargebacks.")
    twice = await terminal("users", "block", user, "--reason", "Again.")
    await sees(chat, "Chargebacks.")
    await chat.writes(an_order(somebody()))
    await sees(chat, "You cannot order or top up at the moment: Chargebacks.")
    shown = await terminal.tells("users", "show", user)
    audit = (await terminal.tells("audit", "list", "--subject", f"user:{user}", "--oldest-first"))["items"]

    assert short[0] == own[0] == twice[0] == 1
    assert "InsufficientFunds" in short[2]
    assert "somebody else than cli:ola" in own[2]
    assert "blocked already" in twice[2]
    assert (granted["state"], granted["decided_by"]) == ("granted", "cli:pia")
    assert shown["balances"]["test"]["available"]["minor"] == 5000 + 1250 + 15000
    assert [(row["action"], row["actor"]) for row in audit] == [
        ("balance_changed", "cli:ola"), ("balance_changed", "cli:ola"), ("blocked", "cli:ola"),
    ]  # fmt: skip


async def test_given_maintenance_at_a_terminal_when_two_seconds_have_passed_then_the_running_bot_follows(
    terminal: Terminal, chat: Chat, record_property: Record
) -> None:
    await chat.writes("/start")
    await sees(chat, "Shipping labels")
    words = ("--reason", "New shelves.", "--en", "Back at noon & <open>.", "--ru", "Вернёмся в полдень.")
    code, _, err = await terminal("settings", "maintenance", "on", *words)
    begun = time.monotonic()
    assert code == 0, err
    while True:
        await chat.writes(an_order(somebody()))
        while not chat.said("Back at noon & <open>.") and not chat.offers("cheapest"):
            await asyncio.sleep(TURN_S)
            await chat.glances()
        if chat.said("Back at noon & <open>."):
            break
        await chat.writes("/start")
        await chat.writes("/cancel")
    followed = time.monotonic() - begun
    record_property("figure", ("settings: seconds until another process followed", round(followed, 1)))
    over, _, err = await terminal("settings", "maintenance", "off", "--reason", "Done.")
    assert over == 0, err
    await sees(chat, "We are back")
    wrong = await terminal("settings", "mode", "production", "--confirm", "yes", "--reason", "Go.")
    unready = await terminal("settings", "mode", "production", "--confirm", "PRODUCTION", "--reason", "Go.")

    limit = await terminal.tells("settings", "set", "topup_most", "250.00", "--reason", "Careful.")
    absurd = await terminal("settings", "set", "topup_most", "0.50", "--reason", "Careless.")
    back = await terminal.tells("settings", "set", "topup_most", "default", "--reason", "As before.")
    books = await terminal("check-ledger")

    assert (limit["topup_most"]["minor"], absurd[0], back["topup_most"]) == (25_000, 1, None)
    assert "topup_most" in absurd[2]
    said = [
        "the books agree with everything they belong to",
        "no row of the audit was changed since it was sealed",
    ]
    assert (books[0], books[1].splitlines()) == (0, said)
    assert followed < 20  # the bound itself is the job's pause of one second; this machine is shared
    assert wrong[0] == unready[0] == 1
    assert "type PRODUCTION" in wrong[2]
    assert "RESALE_PERMISSION_CONFIRMED" in unready[2]


async def test_given_orders_when_listed_then_pages_words_and_tables_show_them_and_nothing_dangerous(
    terminal: Terminal, chat: Chat
) -> None:
    people = [somebody(), somebody()]
    for person in people:
        await chat.writes(an_order(person))
        await sees(chat, "cheapest")
        await chat.chooses()
        await sees(chat, "Buy")
        await chat.taps("Buy")
        await sees(chat, "Your label is ready.")
        await chat.writes("/start")
    first = await terminal.tells("orders", "list", "--limit", "1")
    table, more = (await terminal("orders", "list", "--limit", "1"))[1:]
    place = more.split("--after ")[1].strip().strip("'")
    second = await terminal.tells("orders", "list", "--limit", "1", "--after", place)
    found = await terminal.tells("orders", "list", "--words", people[0])
    label = first["items"][0]["label"]["tracking_number"]
    stats = await terminal.tells("stats", "--zone", "America/New_York")
    many = ("ref_a", "ref_b", "ref_a")
    approved = await terminal("refunds", "approve", *many)
    rejected = await terminal("refunds", "reject", *many, "--reason", "Used.", "--json")
    refused = [
        await terminal("orders", "show", "ord_nobody"),
        await terminal("refunds", "approve", "ref_nobody"),
        await terminal("refunds", "approve", "ref_a", "ref_b", "--amount", "1.00", "--because", "x"),
        await terminal("users", "adjust", str(chat.user), "lots", "--reason", "x"),
        await terminal("orders", "list", "--after", "nonsense"),
        await terminal("stats", "--zone", "Moon/Base"),
        await terminal("stats", "--first", "2030-02-02", "--last", "2030-02-01"),
        await terminal("users", "erase", str(chat.user), "--reason", "x"),
    ]

    assert (approved[0], rejected[0]) == (1, 1)
    assert approved[1].splitlines() == [f"{one}: NotFound: Refund {one}" for one in many[:2]]
    assert json.loads(rejected[1]) == {one: f"NotFound: Refund {one}" for one in many[:2]}
    assert label in table
    assert [*first["items"], *second["items"]] != first["items"] * 2
    assert [o["shipment"]["recipient"]["name"] for o in found["items"]] == [people[0]]
    assert sum(figures["labels"] for _, figures in stats["days"]) == 2
    assert [code for code, _, _ in refused] == [1, 1, 2, 2, 2, 2, 2, 1]
    assert all(err.strip() for _, _, err in refused)


async def test_given_keys_at_a_terminal_when_made_and_revoked_then_the_secret_is_shown_once_and_opens(
    terminal: Terminal,
) -> None:
    made = await terminal.tells("keys", "make", "panel", "viewer")
    rotated = await terminal.tells("keys", "rotate", made["key_id"], "--overlap-hours", "0")
    listed = (await terminal("keys", "list", "--json"))[1]
    revoked = await terminal.tells("keys", "revoke", made["key_id"], "--reason", "Lost.")

    assert made["key"].startswith("sck_")
    assert rotated["key"] != made["key"]
    assert made["key"] not in listed
    assert rotated["key"] not in listed
    assert "fingerprint" not in listed
    assert revoked["revoked_at"]


async def test_given_the_other_acts_of_the_office_when_done_at_a_terminal_then_they_count_and_are_audited(
    terminal: Terminal, chat: Chat
) -> None:
    await chat.writes("/start")
    await sees(chat, "$50.00")
    user, because = str(chat.user), ("--reason", "Agreed.")
    await terminal.tells("users", "limit", user, "--orders-a-day", "3", "--topup-most", "250.00", *because)
    await terminal.tells("users", "language", user, "ru", *because)
    await sees(chat, "Баланс")
    [line] = await terminal.tells("users", "statement", user)
    shown = (await terminal.tells("users", "show", user))["user"]
    texts = ("--en", "Hello <b>all</b>", "--ru", "Привет <b>всем</b>")
    draft = await terminal.tells("broadcasts", "create", *texts)
    bid = draft["broadcast"]["broadcast_id"]
    preview = await terminal.tells("broadcasts", "preview", bid, user)
    await sees(chat, "Привет")
    started = await terminal.tells("broadcasts", "start", bid)
    stopped = await terminal("broadcasts", "resume", bid)
    await terminal.tells("settings", "markup", '[{"percent": "5", "min": "0.30"}]', *because)
    absurd = await terminal("settings", "markup", '[{"min": "3", "cap": "1"}]', *because)
    await terminal.tells("settings", "refunds", "--window", "ups", "14", "their site", *because)
    await terminal.tells("settings", "second-person", "--credit-above", "never", *because)
    policy = await terminal.tells("settings", "show")
    nobody = await terminal("alerts", "take-on", "error:nowhere")
    audit = (await terminal.tells("audit", "list", "--limit", "200"))["items"]

    assert (line["after"]["minor"], shown["limits"]["orders_a_day"]) == (5000, 3)
    assert (draft["users"], preview["delivery"], started["broadcast"]["total"]) == (1, "arrived", 1)
    assert stopped[0] == absurd[0] == nobody[0] == 1
    assert policy["markup"]["rules"][0]["percent"] == "5"
    assert policy["refunds"]["windows"].keys() == {"", "ups"}
    assert policy["second_person"]["credit_above"] is None
    assert policy["second_person"]["override_above"]["minor"] == 5000
    assert {row["actor"] for row in audit if row["reason"] == "Agreed."} == {"cli:ola"}
