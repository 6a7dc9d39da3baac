"""Log lines without secrets and without anybody's data.

An exception's text may quote what a person wrote, so a trace is written as its frames and the names of
the errors, never their texts. Every configured secret is struck out of every line as well.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence
from typing import Any, TextIO
from urllib.parse import unquote

import structlog

from shipping_bot.settings import Settings

CHATTY = ("httpx", "httpcore", "aiohttp", "telegram", "asyncio", "uvicorn", "usaddress")
"""Libraries that write addresses, tokens or noise at lower levels."""

SHORT_SECRET = 6
"""A secret of fewer characters would strike out ordinary words."""


def trace(error: BaseException) -> str:
    """Frames and error names, the cause first; no message, no local variable."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    head = f"{trace(before)}\nwhich led to\n" if before is not None else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{head}{frames}{type(error).__module__}.{type(error).__qualname__}"


def _safe_trace(_: Any, __: str, event: Any) -> Any:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["trace"] = trace(error)
    return event


class SafeFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats a record, then strikes every secret out."""

    def __init__(self, *, json: bool, secrets: Sequence[str]) -> None:
        renderer: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if json
            else structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)
        )
        shared: list[Any] = [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _safe_trace,
        ]
        super().__init__(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
        self._secrets = sorted((s for s in secrets if len(s) >= SHORT_SECRET), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """One line, safe to keep."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret the settings hold."""
    ship, telegram, oxapay = settings.shipstation, settings.telegram, settings.oxapay
    found = (
        telegram.bot_token,
        telegram.webhook_secret,
        ship.api_key,
        ship.api_secret,
        ship.test_api_key,
        oxapay.merchant_api_key,
        settings.admin.api_key,
        ship.webhook_secret,
        *(key.strip() for key in str(oxapay.previous_keys).split(",")),
        *_passwords(settings.mongo.url),
    )
    return tuple(str(s) for s in found)


def _passwords(url: str) -> tuple[str, ...]:
    """The password in an address, as it stands there and as it is meant."""
    userinfo, at, _ = url.partition("://")[2].rpartition("@")
    written = userinfo.partition(":")[2] if at else ""
    return (written, unquote(written))


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send this process's log to standard error (or `stream`), replacing whatever was set up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(SafeFormatter(json=settings.log.format == "json", secrets=secrets_of(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
