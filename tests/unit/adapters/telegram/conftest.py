"""Tests of the Telegram door run on a loop whose clock jumps: waiting costs nothing and is exact."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from telegram import Update
from telegram.error import BadRequest, TelegramError

from adapters.telegram.calls import BotCalls
from adapters.telegram.request import Upload
from virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual-time": VirtualTimeLoop}


class FakeChats(BotCalls):
    """A Bot API that keeps chats in memory; a script may answer, delay or refuse single calls.

    `failures[method]` holds errors for the next calls of that method: an error alone means nothing
    happened, `(error,)` means it happened and the answer was lost.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.at_s: list[float] = []
        self.texts: dict[int, str] = {}
        self.failures: dict[str, list[TelegramError | tuple[TelegramError]]] = {}
        self.latency_s = 0.0
        self._ids = itertools.count(100)

    def methods(self) -> list[str]:
        return [method for method, _ in self.sent]

    def said(self) -> list[str]:
        return [params["text"] for method, params in self.sent if method == "sendMessage"]

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        files: Mapping[str, Upload] | None = None,
        read_s: float | None = None,
    ) -> Any:
        self.sent.append((method, {**params, **(files or {})}))
        self.at_s.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.latency_s)
        failure = next(iter(self.failures.get(method, [])), None)
        if failure is not None:
            self.failures[method].pop(0)
        if isinstance(failure, TelegramError):
            raise failure
        result = self._act(method, dict(params))
        if failure is not None:
            raise failure[0]
        return result

    def _act(self, method: str, params: dict[str, Any]) -> Any:
        if method in {"sendMessage", "sendDocument", "sendPhoto"}:
            message_id = next(self._ids)
            self.texts[message_id] = params.get("text") or params.get("caption") or ""
            return {"message_id": message_id}
        if method == "editMessageText":
            if params["message_id"] not in self.texts:
                raise BadRequest("Bad Request: message to edit not found")
            self.texts[params["message_id"]] = params["text"]
        if method == "deleteMessage":
            self.texts.pop(params["message_id"], None)
        return True


@pytest.fixture
def chats() -> FakeChats:
    return FakeChats()


class Desk:
    """Handles updates as told: some slowly, some failing a number of times."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.stored: list[int] = []
        self.seconds: dict[int, float] = {}
        self.failing: dict[int, int] = {}

    async def handle(self, update: Update) -> None:
        number = update.update_id
        self.begun.append(number)
        await asyncio.sleep(self.seconds.get(number, 0.001))
        if self.failing.get(number, 0) > 0:
            self.failing[number] -= 1
            raise ConnectionError("the store is away")
        self.stored.append(number)


@pytest.fixture
def desk() -> Desk:
    return Desk()
