"""A webhook is answered when its update is stored, and not before."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from adapters.telegram.intake import WebhookIntake
from adapters.telegram.lanes import UserLanes
from shipping_core.errors import GatewayUnavailable

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import Desk, FakeChats


def a_body(update_id: int) -> bytes:
    chat = {"id": 1, "type": "private"}
    message = {"message_id": update_id, "date": 1893499200, "chat": chat, "text": "hi"}
    return json.dumps({"update_id": update_id, "message": message}).encode()


async def test_given_a_delivery_when_accepted_then_its_effect_is_stored_already(
    chats: FakeChats, desk: Desk
) -> None:
    desk.seconds[1] = 3.0
    intake = WebhookIntake(chats, UserLanes(), desk.handle)

    assert await intake.accept(a_body(1))
    assert desk.stored == [1]


async def test_given_the_same_delivery_twice_when_accepted_then_it_runs_once_and_both_hear_of_it(
    chats: FakeChats, desk: Desk
) -> None:
    desk.seconds[1] = 3.0
    intake = WebhookIntake(chats, UserLanes(), desk.handle)
    together = await asyncio.gather(intake.accept(a_body(1)), intake.accept(a_body(1)))

    assert [*together, await intake.accept(a_body(1))] == [True, True, True]
    assert desk.begun == [1]


async def test_given_a_slow_handler_when_the_wait_is_over_then_it_is_refused_and_a_repeat_joins_it(
    chats: FakeChats, desk: Desk
) -> None:
    desk.seconds[1] = 30.0
    intake = WebhookIntake(chats, UserLanes(), desk.handle, wait_s=20.0)
    with pytest.raises(GatewayUnavailable):
        await intake.accept(a_body(1))

    assert await intake.accept(a_body(1))
    assert desk.begun == [1]


async def test_given_a_store_that_fails_when_delivered_then_it_is_refused_until_it_works(
    chats: FakeChats, desk: Desk
) -> None:
    desk.failing[1] = 1
    intake = WebhookIntake(chats, UserLanes(), desk.handle)
    with pytest.raises(GatewayUnavailable):
        await intake.accept(a_body(1))
    await asyncio.sleep(1)

    assert await intake.accept(a_body(1))
    assert desk.stored == [1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"update_id":"1"}',
        b"[" * 100_000,
        b" " * 600_000 + b'{"update_id":1}',
    ],
    ids=["empty", "cut", "list", "text", "no-id", "id-is-text", "deep", "too-big"],
)
async def test_given_something_else_than_an_update_when_delivered_then_it_is_not_accepted(
    chats: FakeChats, desk: Desk, body: bytes
) -> None:
    accepted = await WebhookIntake(chats, UserLanes(), desk.handle).accept(body)

    assert not accepted
    assert desk.begun == []


async def test_given_a_webhook_to_set_when_set_then_telegram_learns_the_secret_and_keeps_what_waits(
    chats: FakeChats, desk: Desk
) -> None:
    await WebhookIntake(chats, UserLanes(), desk.handle).set_webhook("https://example.com/hook", "s3cret")
    method, params = chats.sent[0]

    assert (method, params["url"], params["secret_token"]) == (
        "setWebhook",
        "https://example.com/hook",
        "s3cret",
    )
    assert params["drop_pending_updates"] is False
    assert "callback_query" in params["allowed_updates"]
