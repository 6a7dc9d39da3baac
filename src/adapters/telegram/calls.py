"""Bot API calls that skip python-telegram-bot's parsing: parameters out as JSON, the bare result back.

Building objects from an answer nobody reads is a large part of a call's cost; errors are still the
library's own classes, so that every door of this package speaks of `Forbidden` or `RetryAfter` alike.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.telegram.request import AiohttpRequest, Upload, read_json


class BotCalls(Protocol):
    """Makes one call of the Bot API."""

    @abstractmethod
    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        files: Mapping[str, Upload] | None = None,
        read_s: float | None = None,
    ) -> Any:
        """The `result` of one call; `read_s` is how long to wait for the answer, None means as usual.

        Raises:
            TelegramError: one of its subclasses, as python-telegram-bot raises them.
        """


class HttpBotCalls(BotCalls):
    """Calls below `base_url`, which ends in the bot's token, such as `https://host/bot<token>`."""

    def __init__(self, base_url: str, request: AiohttpRequest) -> None:
        self._base_url = base_url
        self._request = request

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        files: Mapping[str, Upload] | None = None,
        read_s: float | None = None,
    ) -> Any:
        """See `BotCalls.call`."""
        url = f"{self._base_url}/{method}"
        if files:
            status, body = await self._request.send_file(url, params, files)
        else:
            status, body = await self._request.send_json(url, params, read_s=read_s)
        if status == 200:
            return read_json(body).get("result")
        raise refusal(status, body)


def refusal(status: int, body: bytes) -> TelegramError:
    """The error that an answer other than 200 stands for.

    Codes and the meaning of `parameters`: https://core.telegram.org/bots/api#making-requests
    """
    try:
        answer = read_json(body)
    except NetworkError:
        answer = {}
    text = str(answer.get("description") or f"HTTP {status}")
    hints = answer.get("parameters") or {}
    if new_chat_id := hints.get("migrate_to_chat_id"):
        return ChatMigrated(int(new_chat_id))
    if status == 429:
        return RetryAfter(int(hints.get("retry_after") or 1))
    kinds: dict[int, type[TelegramError]] = {
        400: BadRequest,
        401: InvalidToken,
        403: Forbidden,
        404: InvalidToken,
        409: Conflict,
        413: BadRequest,
    }
    return kinds.get(status, NetworkError)(text)


def retry_after_s(error: RetryAfter) -> float:
    """How long Telegram asks us to wait, in seconds, whichever type the library gives it in."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
