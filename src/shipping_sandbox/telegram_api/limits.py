"""Sending limits: about one message a second in a chat with short bursts, thirty over all chats.

Figures: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.
"""

import math
import time

import attrs

from shipping_sandbox.telegram_api.errors import too_many_requests
from shipping_sandbox.telegram_api.settings import Settings


@attrs.define
class _Bucket:
    tokens: float
    seen_at: float

    def wait_s(self, rate: float, burst: float, now: float) -> float:
        self.tokens = min(burst, self.tokens + (now - self.seen_at) * rate)
        self.seen_at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / max(rate, 0.001)


class SendingLimits:
    """Counts one bot's sends and refuses the hasty ones while the setting says so."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._chats: dict[int, _Bucket] = {}
        self._total: _Bucket | None = None

    def spend(self, chat_id: int) -> None:
        """Count one send or edit in a chat.

        Raises:
            ApiError: 429 with the whole seconds to wait; nothing was counted.
        """
        settings = self._settings
        if not settings.limits:
            return
        now = time.monotonic()
        if self._total is None:
            self._total = _Bucket(settings.total_burst, now)
        chat = self._chats.setdefault(chat_id, _Bucket(settings.chat_burst, now))
        wait = max(
            chat.wait_s(settings.chat_rate_per_s, settings.chat_burst, now),
            self._total.wait_s(settings.total_rate_per_s, settings.total_burst, now),
        )
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        chat.tokens -= 1
        self._total.tokens -= 1
