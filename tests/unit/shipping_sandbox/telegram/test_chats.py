"""Waiting for news of a chat."""

from __future__ import annotations

import asyncio

from shipping_sandbox.telegram_api.chats import Chat


async def test_given_news_in_the_moment_a_wait_is_over_when_waiting_then_it_returns_like_any_other() -> None:
    chat = Chat({"id": 7001, "first_name": "Ann"})
    waiting = asyncio.create_task(chat.wait(0, 0.01))
    await asyncio.sleep(0)
    [watcher] = chat._watchers
    watcher.add_done_callback(lambda _: chat.acting("typing"))

    await waiting
    assert chat.event == 1
    assert chat._watchers == []
