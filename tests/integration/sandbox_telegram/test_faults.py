"""Faults on demand, control calls that are wrong, and starting over."""

from typing import Any

import httpx
import pytest

from integration.sandbox_telegram.client import BotSide

FAULTS = "/sandbox/faults/telegram"


@pytest.mark.parametrize(
    ("fault", "happened"),
    [("refuse", 0), ("lose_answer", 1), ("truncated", 1)],
)
async def test_given_a_broken_line_when_sending_then_only_the_chat_knows(
    bot: BotSide, fault: str, happened: int
) -> None:
    ann = bot.person()
    before = (await ann.sees())["event"]
    await ann.says("/start")
    await bot.http.post(FAULTS, json={"method": "sendMessage", "fault": fault})
    with pytest.raises(httpx.RemoteProtocolError):
        await bot.ask("sendMessage", chat_id=1001, text="x")

    assert len((await ann.sees(after_event=before + 1))["messages"]) == happened
    assert (await bot.call("sendMessage", chat_id=1001, text="y"))["text"] == "y"


@pytest.mark.parametrize(
    ("order", "answer", "happened"),
    [
        (
            {"fault": "429", "retry_after": 7},
            {
                "error_code": 429,
                "description": "Too Many Requests: retry after 7",
                "parameters": {"retry_after": 7},
            },
            0,
        ),
        ({"fault": "403"}, {"error_code": 403, "description": "Forbidden: bot was blocked by the user"}, 0),
        ({"fault": "5xx"}, {"error_code": 502, "description": "Bad Gateway"}, 0),
        ({"fault": "5xx_with_effect"}, {"error_code": 502, "description": "Bad Gateway"}, 1),
    ],
    ids=["429", "403", "5xx", "5xx_with_effect"],
)
async def test_given_an_ordered_refusal_when_sending_then_it_comes_as_often_as_ordered(
    bot: BotSide, order: dict[str, Any], answer: dict[str, Any], happened: int
) -> None:
    ann = bot.person()
    await ann.says("/start")
    await bot.http.post(FAULTS, json={"method": "sendmessage", "count": 2, **order})
    refused = [await bot.refusal("sendMessage", chat_id=1001, text="x") for _ in range(2)]
    await bot.call("sendMessage", chat_id=1001, text="y")

    assert refused == [{"ok": False, **answer}] * 2
    assert len((await ann.sees())["messages"]) == 1 + 2 * happened + 1


async def test_given_a_fault_for_one_chat_when_others_are_written_to_then_they_are_spared(
    bot: BotSide,
) -> None:
    await bot.person(1).says("/start")
    await bot.person(2).says("/start")
    await bot.http.post(FAULTS, json={"fault": "403", "chat_id": 2})
    await bot.call("sendMessage", chat_id=1, text="x")
    waiting = (await bot.http.get(FAULTS)).json()["faults"]
    await bot.http.delete(FAULTS)

    assert [(f["chat_id"], f["count"]) for f in waiting] == [(2, 1)]
    assert (await bot.call("sendMessage", chat_id=2, text="x"))["text"] == "x"


async def test_given_a_delay_when_sending_then_the_answer_comes_later_than_the_clients_patience(
    bot: BotSide,
) -> None:
    ann = bot.person()
    await ann.says("/start")
    await bot.http.post(FAULTS, json={"method": "sendMessage", "fault": "delay", "delay_s": 0.2})
    with pytest.raises(httpx.ReadTimeout):
        await bot.http.post(f"/bot{bot.token}/sendMessage", data={"chat_id": 1001, "text": "x"}, timeout=0.05)

    assert (await ann.sees(after_event=1, wait=5))["messages"][0]["text"] == "x"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (FAULTS, {"fault": "gremlins"}, 400),
        (FAULTS, {"fault": "delay", "cuont": 1}, 400),
        ("/sandbox/telegram/settings", {"limits": "perhaps"}, 400),
        ("/sandbox/telegram/bots/999999/users/1/messages", {"text": "x"}, 404),
        ("{bot}/users/1/messages", {"text": " "}, 400),
        ("{bot}/users/1/messages", {"kind": "hologram"}, 400),
        ("{bot}/users/1/taps", {"message_id": 1, "data": "x" * 65}, 400),
        ("{bot}/redeliver", {"update_id": 1}, 404),
        ("{bot}/nonsense", {}, 404),
    ],
    ids=["fault", "field", "setting", "bot", "blank", "kind", "data", "update", "path"],
)
async def test_given_a_wrong_order_when_given_then_the_reason_is_told(
    bot: BotSide, path: str, body: dict[str, Any], status: int
) -> None:
    answer = await bot.http.post(path.format(bot=bot.control), json=body)

    assert answer.status_code == status
    assert answer.json()["error"]


async def test_given_a_used_sandbox_when_reset_then_people_are_gone_and_bots_stay(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    await bot.http.post("/sandbox/telegram/reset")
    bots = (await bot.http.get("/sandbox/telegram/bots")).json()["bots"]
    stats = (await bot.http.get(f"{bot.control}/stats")).json()

    assert int(bot.token.partition(":")[0]) in [b["id"] for b in bots]
    assert (stats["calls"], stats["updates"], stats["users"]) == ({}, 0, 0)
    assert await bot.updates() == []
    assert (await ann.sees(after_event=5))["messages"] == []
