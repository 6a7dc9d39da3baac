"""Delivery to a webhook: secret, order, repetition."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from integration.sandbox_telegram.client import BotSide, Receiver


@pytest.fixture
async def receiver(bot: BotSide) -> AsyncIterator[Receiver]:
    await bot.http.post("/sandbox/telegram/settings", json={"webhook_pause_s": 0.01})
    async with Receiver() as receiver:
        yield receiver
        await bot.call("deleteWebhook")


async def test_given_a_webhook_when_somebody_writes_then_it_arrives_with_the_secret(
    bot: BotSide, receiver: Receiver
) -> None:
    await bot.person().says("before")
    await bot.call("setWebhook", url=receiver.url, secret_token="s-1_X")
    wrote = await bot.person().says("after")
    deliveries = [await receiver.next(), await receiver.next()]

    assert [d.body["message"]["text"] for d in deliveries] == ["before", "after"]
    assert deliveries[1].body["update_id"] == wrote["update_id"]
    assert {d.secret for d in deliveries} == {"s-1_X"}
    assert (await _settled(bot))["pending_update_count"] == 0


async def test_given_failing_answers_when_delivering_then_it_is_repeated_and_blocks_its_lane(
    bot: BotSide, receiver: Receiver
) -> None:
    await bot.call("setWebhook", url=receiver.url)
    receiver.will_answer("500 Internal Server Error")
    receiver.will_answer("503 Service Unavailable", header="retry-after: 0\r\n")
    await bot.person().says("one")
    await bot.person().says("two")
    texts = [(await receiver.next()).body["message"]["text"] for _ in range(4)]

    assert texts == ["one", "one", "one", "two"]
    info = await _settled(bot)
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


async def test_given_a_blocked_lane_when_others_act_then_theirs_move_on(
    bot: BotSide, receiver: Receiver
) -> None:
    await bot.call("setWebhook", url=receiver.url)
    receiver.will_answer("500 Internal Server Error", header="retry-after: 3600\r\n")
    await bot.person(1).says("stuck")
    await receiver.next()
    await bot.person(1).taps(5, "tap")
    await bot.person(2).says("free")
    kinds = [next(k for k in (await receiver.next()).body if k != "update_id") for _ in range(2)]

    assert sorted(kinds) == ["callback_query", "message"]


async def test_given_an_answer_with_a_call_when_delivered_then_the_call_is_made(
    bot: BotSide, receiver: Receiver
) -> None:
    ann = bot.person()
    await bot.call("setWebhook", url=receiver.url)
    receiver.will_answer("200 OK", body={"method": "sendMessage", "chat_id": 1001, "text": "quick"})
    await ann.says("hello")
    seen = await ann.sees(after_event=1, wait=5)

    assert [m["text"] for m in seen["messages"]] == ["quick"]


async def test_given_a_delivered_update_when_redelivered_then_it_comes_again(
    bot: BotSide, receiver: Receiver
) -> None:
    await bot.call("setWebhook", url=receiver.url)
    wrote = await bot.person().says("hello")
    first = await receiver.next()
    await bot.http.post(f"{bot.control}/redeliver", json={"update_id": wrote["update_id"]})

    assert (await receiver.next()).body == first.body


async def test_given_a_webhook_when_polling_then_409_both_ways(bot: BotSide, receiver: Receiver) -> None:
    poll = asyncio.create_task(bot.ask("getUpdates", timeout=30))
    await bot.until_polling()
    await bot.call("setWebhook", url=receiver.url)
    ended = await asyncio.wait_for(poll, 5)
    refused = await bot.refusal("getUpdates")
    await bot.call("deleteWebhook")

    assert ended.json()["description"] == "Conflict: terminated by setWebhook request"
    assert refused["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    assert await bot.updates() == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "http://example.com/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.com:5000/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            {"url": "https://example.com/", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
    ],
    ids=["plain http", "port", "secret"],
)
async def test_given_a_bad_webhook_when_setting_it_then_400(
    bot: BotSide, params: dict[str, str], reason: str
) -> None:
    assert (await bot.refusal("setWebhook", **params))["description"] == f"Bad Request: {reason}"


async def test_given_pending_updates_when_dropped_then_none_is_left(bot: BotSide, receiver: Receiver) -> None:
    await bot.person().says("old")
    await bot.call("setWebhook", url=receiver.url, drop_pending_updates=True, allowed_updates=["message"])
    await bot.person().says("new")

    assert (await receiver.next()).body["message"]["text"] == "new"
    info = await _settled(bot)
    assert (info["url"], info["allowed_updates"]) == (receiver.url, ["message"])


async def _settled(bot: BotSide) -> dict[str, object]:
    while True:
        info: dict[str, object] = await bot.call("getWebhookInfo")
        if not info["pending_update_count"]:
            return info
